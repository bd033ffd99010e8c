package dev.fermata.postgres.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.tree.ConstraintDefinition.Kind;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TreeTest {
    private static SqlParser parser;

    @BeforeAll
    static void open() {
        parser = new SqlParser(1);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    private static Statement statement(String sql) {
        return parser.parseScript(sql).getFirst();
    }

    @Test
    void commandsOfAnAlterTableKnowWhereTheyStand() {
        String sql =
                "alter table if exists only a.\"T, x\" add b numeric(1, 2) default f(1, 2), drop if exists c cascade,"
                        + "\n -- , not here\n alter d set not null";
        AlterTable alter = AlterTable.of(statement(sql)).orElseThrow();

        assertThat(alter.table()).isEqualTo(new WrittenName("a", "T, x"));
        assertThat(alter.only()).isTrue();
        assertThat(alter.ifExists()).isTrue();
        assertThat(alter.commands())
                .extracting(command -> sql.substring(command.offset(), command.offset() + 4))
                .containsExactly("add ", "drop", "alte");
        assertThat(alter.commands().get(1).cascade()).isTrue();
        assertThat(alter.commands().get(1).missingOk()).isTrue();
    }

    @Test
    void theStarAfterATableIsNoCommand() {
        String sql = "alter table t * add b int";
        assertThat(AlterTable.of(statement(sql))
                        .orElseThrow()
                        .commands()
                        .getFirst()
                        .offset())
                .isEqualTo(sql.indexOf("add"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "int                  | integer",
                "numeric(10, 2)       | numeric(10,2)",
                "timestamptz(3)       | timestamp(3) with time zone",
                "varchar(5)[]         | character varying(5)[]",
                "char                 | character(1)",
                "app.money            | app.money",
                "serial               | serial",
                "double precision     | double precision"
            })
    void aTypeIsPrintedAsTheServerPrintsIt(String written, String printed) {
        ColumnDefinition column = AlterTable.of(statement("alter table t add c " + written))
                .orElseThrow()
                .commands()
                .getFirst()
                .column()
                .orElseThrow();
        assertThat(column.type().sql()).isEqualTo(printed);
    }

    @Test
    void aColumnTellsWhatFillsItAndWhetherItMayBeNull() {
        CreateTable table = CreateTable.of(statement("""
            create unlogged table s.t (id bigint generated always as identity, a int not null default 5,
              b int default null, c serial, d int check (d is not null and e > 0), e int generated always as (a) stored,
              like other, primary key (id), foreign key (a) references p (x) on delete cascade)\
            """)).orElseThrow();

        assertThat(table.persistence()).isEqualTo('u');
        assertThat(table.like()).containsExactly(new WrittenName("", "other"));
        assertThat(table.columns().stream().filter(ColumnDefinition::fillsItself))
                .extracting(ColumnDefinition::name)
                .containsExactly("id", "a", "c", "e");
        assertThat(table.columns().stream().filter(ColumnDefinition::notNull))
                .extracting(ColumnDefinition::name)
                .containsExactly("id", "a", "c");
        assertThat(table.columns().get(4).clauses(Kind.CHECK))
                .singleElement()
                .extracting(ConstraintDefinition::provesNotNull)
                .isEqualTo(List.of("d"));
        ConstraintDefinition foreignKey = table.constraints().getLast();
        assertThat(foreignKey.columns()).containsExactly("a");
        assertThat(foreignKey.references().name()).isEqualTo("p");
        assertThat(foreignKey.referencedColumns()).containsExactly("x");
        assertThat(foreignKey.onDelete()).contains("CASCADE");
        assertThat(foreignKey.enforced()).isTrue();
    }

    @Test
    void aDropNamesTheTableOfATriggerAndTheTriggerItself() {
        Drop drop =
                Drop.of(statement("drop trigger if exists tr on s.t cascade")).orElseThrow();
        assertThat(drop.object()).isEqualTo("TRIGGER");
        assertThat(drop.names()).containsExactly(new WrittenName("s", "t"));
        assertThat(drop.parts()).containsExactly("tr");
        assertThat(drop.cascade()).isTrue();

        Drop types = Drop.of(statement("drop type s.a, b")).orElseThrow();
        assertThat(types.names()).containsExactly(new WrittenName("s", "a"), new WrittenName("", "b"));
        assertThat(Drop.of(statement("drop function f(int)")).orElseThrow().names())
                .containsExactly(new WrittenName("", "f"));
        assertThat(Drop.of(statement("drop schema x")).orElseThrow().names()).containsExactly(new WrittenName("", "x"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "alter table s.t rename to u               | TABLE      | s.t |   | u",
                "alter table t rename a to b               | COLUMN     | t   | a | b",
                "alter table t rename constraint a to b    | CONSTRAINT | t   | a | b",
                "alter index i rename to j                 | INDEX      | i   |   | j",
                "alter type e rename value 'a' to 'b'      |            |     |   | ",
                "alter type s.e rename to f                | TYPE       | s.e |   | f",
                "alter function f(int) rename to g         | FUNCTION   | f   |   | g"
            })
    void aRenameTellsWhatIsCalledHowFromNowOn(String sql, String object, String of, String old, String name) {
        var rename = Rename.of(statement(sql));
        if (object == null) {
            assertThat(rename).isEmpty();
            return;
        }
        assertThat(rename.orElseThrow().object()).isEqualTo(object);
        assertThat(rename.orElseThrow().of()).hasToString(of);
        assertThat(rename.orElseThrow().oldName()).isEqualTo(old == null ? "" : old);
        assertThat(rename.orElseThrow().newName()).isEqualTo(name);
    }

    @Test
    void anExpressionTellsItsColumnsAndFunctions() {
        var expression = CreateIndex.of(statement("create index on t (lower(a)) where b > s.f(c) and d is not null"))
                .map(index -> statement("create index on t (lower(a)) where b > s.f(c) and d is not null")
                        .node())
                .orElseThrow()
                .path("whereClause");
        assertThat(Expressions.columns(expression)).containsExactlyInAnyOrder("b", "c", "d");
        assertThat(Expressions.functions(expression)).containsExactly("f");
        assertThat(Expressions.provenNotNull(expression)).containsExactly("d");
    }
}
