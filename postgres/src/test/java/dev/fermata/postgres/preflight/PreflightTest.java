package dev.fermata.postgres.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.schema.SchemaModel;
import dev.fermata.postgres.schema.SchemaReader;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked, and what is said of it, before anybody asks. */
class PreflightTest {
    private static final SqlParser PARSER = new SqlParser(1);

    private static SchemaModel schema;

    @BeforeAll
    static void read() throws SQLException {
        try (TestDatabase database = RealPostgres.shared().newDatabase()) {
            database.execute(PreflightMeasuredTest.resource("schema.sql"));
            try (Connection connection = database.connectAsSuperuser()) {
                connection.createStatement().execute("""
                    create foreign data wrapper w; create server s foreign data wrapper w;
                    create table far (a int, b text) partition by list (a);
                    create foreign table far_1 partition of far for values in (1) server s
                    """);
                schema = SchemaReader.read(connection);
            }
        }
    }

    @AfterAll
    static void close() {
        PARSER.close();
    }

    private static List<Question> ask(String change) {
        return ask(18, change);
    }

    private static List<Question> ask(int serverMajor, String change) {
        return Preflight.questions(PARSER.parseScript(change), serverMajor, schema);
    }

    private static Question one(String change) {
        List<Question> questions = ask(change);
        assertThat(questions).hasSize(1);
        return questions.getFirst();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        update orders set note = '' where note is null; alter table orders alter note set not null        | 0
        delete from orders where note is null; alter table orders alter note set not null                 | 0
        with x as (update orders set note = '' returning 1) select 1; alter table orders alter note set not null | 0
        merge into orders o using customers c on true when matched then delete; alter table orders alter note set not null | 0
        truncate orders; alter table orders alter note set not null                                       | 0
        do $$ begin end $$; alter table orders alter note set not null                                    | 0
        select slow_check(1); alter table orders alter note set not null                                  | 0
        alter table orders rename note to n; update orders set n = ''; alter table orders alter n set not null | 1
        insert into customers values (7, 'x'); alter table orders add foreign key (customer) references customers | 0
        update events_rest set id = 1; alter table events alter id set not null                           | 0
        update orders set code = ''; alter table orders alter note set not null                           |
        update customers set name = ''; alter table orders alter note set not null                        |
        select lower('A'); alter table orders alter note set not null                                     |
        alter table orders alter note set not null; update orders set note = ''                           |
        """)
    void whatTheChangeRepairsItselfIsMarked(String change, String statement) {
        Question question = ask(change).getLast();

        assertThat(question.repairs()).isEqualTo(statement == null ? List.of() : List.of(Integer.parseInt(statement)));
        assertThat(question.beforeRepairs()).isEqualTo(statement != null);
        assertThat(question.what()).startsWith("rows of public.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        alter table orders add exclude using gist (id with =)        | compared with every other
        alter table orders add check (public.slow_check(amount))     | public.slow_check
        alter table orders add check (elsewhere.f(amount))           | elsewhere.f
        alter table orders add check (amount > (select 1))           | no subquery
        alter table orders add check (user = note)                   | another for the role
        alter table orders validate constraint nothing               | there is no constraint of this name
        alter table orders add foreign key (customer) references nobody | is not in the schema
        alter table far alter b set not null                         | public.far_1 is a foreign table
        create unique index on orders (kind some_ops)                | operator class some_ops
        alter table orders add unique (nothing)                      | has no column nothing
        alter table orders alter data type money using data::money   | shows only when it is converted
        alter table orders alter weight type int using (weight * 2)  | USING is an expression of its own
        alter table orders alter note type int                       | unless USING says how
        alter table orders add c int default length('x') check (c > 0) | computed when the rows are written
        """)
    void whatCannotBeCountedHasAReason(String change, String why) {
        assertThat(one(change))
                .isInstanceOfSatisfying(Question.Unanswerable.class, question -> assertThat(question.why())
                        .contains(why));
    }

    @Test
    void onlySince16TheServerTellsWhetherATextIsValid() {
        String change = "alter table texts alter t type int using t::int";

        assertThat(ask(16, change)).singleElement().isInstanceOf(Question.Countable.class);
        assertThat(ask(15, change))
                .singleElement()
                .isInstanceOfSatisfying(Question.Unanswerable.class, question -> assertThat(question.why())
                        .startsWith("before PostgreSQL 16 the server cannot say"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        select 1
        create table fresh (a int not null unique check (a > 0) references customers)
        create view v as select 1
        alter table if exists nothing alter a set not null
        alter table orders drop constraint orders_pkey
        alter table orders add foreign key (customer) references customers not enforced
        create unique index if not exists orders_pkey on orders (customer)
        alter table orders add column if not exists note text not null
        alter type state add value 'gone'
        alter domain positive drop not null
        alter index orders_pkey rename to x
        """)
    void whatDemandsNothingOfOldRowsIsNoQuestion(String change) {
        assertThat(ask(change)).isEmpty();
    }

    @Test
    void questionsAreInTheOrderOfTheStatements() {
        assertThat(ask("select 1; alter table orders add check (amount > 0); alter table orders alter note"
                        + " set not null"))
                .extracting(Question::statement, Question::kind)
                .containsExactly(tuple(1, Kind.CHECK), tuple(2, Kind.NOT_NULL));
    }

    @Test
    void theQueryIsReadableAndBounded() {
        Question.Countable question = (Question.Countable) one("alter table orders alter note set not null");

        assertThat(question.counting().sql(10_000))
                .isEqualTo("SELECT count(*) FROM (SELECT FROM public.orders WHERE note IS NULL LIMIT 10001) AS"
                        + " violations");
        assertThat(question.counting().sampleSql(0.5))
                .contains("SELECT count(*) FROM (SELECT FROM public.orders TABLESAMPLE SYSTEM (0.500000) REPEATABLE (1)"
                        + " WHERE note IS NULL) AS violations");
        assertThat(question.counting().reads()).containsExactly(Reading.of(question.relation(), List.of("note")));
    }

    @Test
    void kindsHaveIdsOfTheirOwn() {
        Set<String> ids = new HashSet<>();
        for (Kind kind : Kind.values()) {
            assertThat(ids.add(kind.id())).as(kind.id()).isTrue();
        }
    }

    @Test
    void callsAreFoundWhereverTheyStand() {
        Calls calls = Calls.in(
                "lower(a) || \"Own F\" (b) > -1 and c like 'x(y)' and (row).f is null and pg_catalog.upper(d) = s.g(e)"
                        + " and cast(h as s.dom) <> i::other.\"T\" -- not_me(1)\n"
                        + " and current_user = 'x'");

        assertThat(calls.functions())
                .contains("lower", "Own F", "f", "upper", "g", "current_user")
                .doesNotContain("x");
        assertThat(calls.elsewhere()).containsExactly("s.g");
        assertThat(calls.operators()).contains("||", ">", "~~", "=", "<>").doesNotContain("-- not_me");
        assertThat(calls.types()).containsExactlyInAnyOrder("dom", "T");
        assertThat(Calls.in("a>-1").operators()).contains(">");
        assertThat(Calls.in("a is null").isEmpty()).isTrue();
    }

    @Test
    void keysAreTakenApart() {
        assertThat(KeyElement.of(Tokens.of("lower(a) collate pg_catalog.\"C\" desc nulls last")))
                .isEqualTo(new KeyElement("", "(lower(a))", " COLLATE pg_catalog.\"C\"", ""));
        assertThat(KeyElement.of(Tokens.of("\"A b\" text_pattern_ops")))
                .isEqualTo(new KeyElement("A b", "\"A b\"", "", "text_pattern_ops"));
        assertThat(KeyElement.of(Tokens.of("((a + b))"))).isEqualTo(new KeyElement("", "(((a + b)))", "", ""));
        assertThat(KeyElement.of(Tokens.of("a asc"))).isEqualTo(new KeyElement("a", "a", "", ""));
    }
}
