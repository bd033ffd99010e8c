package dev.fermata.postgres.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.testsupport.Gen;
import dev.fermata.testsupport.Property;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * On any rows: where nothing is counted the server takes the change, and where something is it refuses it with a
 * SQLState of that kind.
 */
class PreflightPropertyTest {
    private static final List<String> CHANGES = List.of(
            "alter table t alter a set not null",
            "alter table t add check (a < b)",
            "alter table t add check (b between 0 and 2 or s like 'a%')",
            "alter table t add constraint k check ((a = b) is not true) not valid; alter table t validate constraint k",
            "alter table t add unique (a, b)",
            "alter table t add unique nulls not distinct (a, b)",
            "create unique index on t (lower(s)) where a > 0",
            "create unique index on t ((a + b), s collate \"C\")",
            "alter table t add primary key (a, b)",
            "alter table t add foreign key (a) references p (a)",
            "alter table t add foreign key (a, b) references p (a, b)",
            "alter table t add foreign key (a, b) references p (a, b) match full",
            "alter table t add foreign key (b) references t (id)",
            "alter table t alter s type varchar(2)",
            "alter table t alter s type int using s::int",
            "alter table t alter s type numeric(2, 1) using s::numeric(2, 1)",
            "alter table t alter n type numeric(3, 1)",
            "alter table t alter n type smallint",
            "alter table t alter f type int",
            "alter table t alter f type real",
            "alter table t add c int not null",
            "alter table t add c int default 1 unique",
            "alter table ranges attach partition t_part for values from (0, 0) to (1, maxvalue)",
            "alter table lists attach partition t_list for values in (1, null)",
            "create table ranges_2 partition of ranges for values from (5, minvalue) to (7, 3)");

    private static TestDatabase database;

    @BeforeAll
    static void make() throws SQLException {
        database = RealPostgres.shared().newDatabase();
        database.execute("""
            create table p (a int unique, b int, unique (a, b));
            create table t (id int primary key, a int, b int, s text, n numeric, f float8);
            create table ranges (a int, b int) partition by range (a, b);
            create table ranges_rest partition of ranges default;
            create table lists (a int, b int) partition by list (b);
            create table t_part (a int, b int);
            create table t_list (a int, b int);
            alter table t drop constraint t_pkey, add unique (id);
            """);
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    private record Row(String a, String b, String s, String n, String f) {}

    private record Rows(List<Row> rows, List<Row> parents) {}

    private static Gen<Rows> rows() {
        Gen<String> small = Gen.of("null", "0", "1", "1", "2", "5", "6", "7");
        Gen<String> text =
                Gen.of("null", "''", "'a'", "'A'", "'ab '", "'abc'", "'1'", "'1.25'", "'99'", "' 7 '", "'-0'");
        Gen<String> number = Gen.of("null", "1.04", "99.94", "99.95", "-99.95", "32767.4", "32767.5", "'NaN'", "0");
        Gen<String> real = Gen.of(
                "null",
                "0",
                "1.5",
                "2147483647.4",
                "2147483647.5",
                "1e39",
                "1e-50",
                "'Infinity'",
                "'NaN'",
                "3.4028235e38",
                "-0.5");
        Gen<Row> row = random -> new Row(
                small.next(random), small.next(random), text.next(random), number.next(random), real.next(random));
        return Gen.zip(row.lists(0, 4), row.lists(0, 4), Rows::new);
    }

    @Test
    void nothingCountedMeansTakenAndSomethingCountedMeansRefused() throws SQLException {
        Map<String, List<Question>> questions = new LinkedHashMap<>();
        for (String change : CHANGES) {
            questions.put(change, Trial.questions(database, change));
        }
        try (Connection connection = database.connect()) {
            Property.forAll(40, rows(), rows -> {
                fill(connection, rows);
                for (String change : CHANGES) {
                    check(connection, change, questions.getOrDefault(change, List.of()));
                }
            });
        }
    }

    private static void check(Connection connection, String change, List<Question> questions) throws SQLException {
        List<Answer> answers = PreflightReader.ask(connection, questions, PreflightLimits.standard());
        Optional<String> refusal = Trial.refusal(connection, change);
        if (Trial.rows(answers) == 0) {
            assertThat(refusal).as(change).isEmpty();
        } else {
            assertThat(refusal).as("%s: %s", change, answers).isPresent().get().matches(Trial.foretold(answers));
        }
    }

    private static void fill(Connection connection, Rows rows) throws SQLException {
        StringBuilder sql = new StringBuilder("truncate p, t, t_part, t_list, ranges;");
        int id = 0;
        for (Row row : rows.rows()) {
            sql.append("insert into t values (%d, %s, %s, %s, %s, %s);"
                    .formatted(id++, row.a(), row.b(), row.s(), row.n(), row.f()));
            for (String table : List.of("t_part", "t_list", "ranges")) {
                sql.append("insert into %s values (%s, %s);".formatted(table, row.a(), row.b()));
            }
        }
        for (Row row : rows.parents()) {
            sql.append("insert into p values (%s, %s) on conflict do nothing;".formatted(row.a(), row.b()));
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql.toString());
        }
    }
}
