package dev.fermata.postgres.parser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fermata.testsupport.Gen;
import dev.fermata.testsupport.Property;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ScriptSplitTest {
    private static final SqlParser PARSER = new SqlParser(1);

    /** Statements with a semicolon, a quote or a comment where a naive splitter trips. */
    private static final Gen<String> STATEMENTS = Gen.of(
            "select 1",
            "select ';', E'\\';', \"a;b\" from \"x;\"\"y\"",
            "select $$ ; $$, $a$ $b$ ; $a$, 'it''s;'",
            "select 'a'\n  ';b', E'c'\n'\\';'",
            "select U&'d\\0061t\\+000061;', B'10', x'ff', n'é😀;'",
            "create table \"Täble;\" (é text default '😀;', \"ü--\" int)",
            "create function f() returns int language plpgsql as $body$ begin return ';'; end; $body$",
            "create function g() returns int begin atomic select 1; select case when true then 2 end; end",
            "create rule r as on insert to t do also (select 1; select 2)",
            "do $$ begin perform 1; end $$",
            "select /* ; /* nested ; */ */ 1 -- ; no\n + 2",
            "select $1, a->>'b;', 1.5e10, .5, 0x1f, 1_000",
            "copy t from stdin",
            "begin",
            "select a -- 'quote\n from t");

    private static final Gen<String> GLUE = Gen.of(
            ";",
            " ;\n",
            ";;",
            ";\r\n\t",
            "; -- it's a comment; with semicolon\n",
            ";/* c; /* d */ ' */",
            " -- trailing\n;",
            "\f;\u000b");

    private record Script(List<String> statements, List<String> glue) {
        String text() {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < statements.size(); i++) {
                text.append(statements.get(i)).append(glue.get(i));
            }
            return text.toString();
        }
    }

    private static final Gen<Script> SCRIPTS = random -> {
        List<String> statements = STATEMENTS.lists(0, 12).next(random);
        return new Script(
                statements, GLUE.lists(statements.size(), statements.size()).next(random));
    };

    @AfterAll
    static void closeParser() {
        PARSER.close();
    }

    @Test
    void splittingGluedStatementsGivesThemBack() {
        Property.forAll(SCRIPTS, script -> {
            String text = script.text();
            List<Statement> pieces = PARSER.parseScript(text);
            assertThat(pieces).extracting(Statement::text).isEqualTo(script.statements());
            for (Statement piece : pieces) {
                assertThat(text.substring(piece.start(), piece.end())).isEqualTo(piece.text());
                String before = text.substring(0, piece.start());
                assertThat(piece.line())
                        .isEqualTo(1 + before.chars().filter(c -> c == '\n').count());
                assertThat(piece.column()).isEqualTo(piece.start() - before.lastIndexOf('\n'));
                Statement alone = PARSER.parseScript(piece.text()).getFirst();
                assertThat(alone.kind()).isEqualTo(piece.kind());
                assertThat(alone.node()).isEqualTo(piece.node());
            }
        });
    }

    @Test
    void errorsAreFoundWhereTheyWerePut() {
        Property.forAll(SCRIPTS, script -> {
            String text = script.text().replace("copy t from stdin", "begin");
            String broken = text + "\nselect 1 frm x y";
            assertThatExceptionOfType(SqlSyntaxException.class)
                    .isThrownBy(() -> PARSER.parseScript(broken))
                    .withMessage("syntax error at or near \"x\"")
                    .satisfies(e -> assertThat(broken.substring(e.offset())).isEqualTo("x y"));
        });
    }
}
