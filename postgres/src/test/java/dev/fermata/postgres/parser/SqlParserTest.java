package dev.fermata.postgres.parser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlParserTest {
    private static final SqlParser PARSER = new SqlParser(2);

    @AfterAll
    static void closeParser() {
        PARSER.close();
    }

    @Test
    void readsTheTreeOfAStatement() {
        Statement statement = one("ALTER TABLE s.t ADD CONSTRAINT c CHECK (x > 0) NOT VALID");
        assertThat(statement.kind()).isEqualTo("AlterTableStmt");
        assertThat(statement.node().at("/relation/schemaname").asText()).isEqualTo("s");
        assertThat(statement
                        .node()
                        .at("/cmds/0/AlterTableCmd/def/Constraint/skip_validation")
                        .asBoolean())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL)",
                "CREATE TABLE t (a int4range, CONSTRAINT p PRIMARY KEY (a WITHOUT OVERLAPS))",
                "ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID",
                "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED",
                "UPDATE t SET a = 1 RETURNING old.a, new.a"
            })
    void knowsPostgres18(String sql) {
        assertThat(PARSER.parseScript(sql)).hasSize(1);
    }

    @Test
    void splitsWhereTheServerSplits() {
        String script = resource("/mixed.sql");
        List<Statement> statements = PARSER.parseScript(script);
        assertThat(statements)
                .extracting(Statement::kind)
                .containsExactly(
                        "TransactionStmt",
                        "CreateStmt",
                        "CreateFunctionStmt",
                        "CreateFunctionStmt",
                        "DoStmt",
                        "TransactionStmt",
                        "IndexStmt",
                        "AlterTableStmt",
                        "RuleStmt",
                        "AlterTableStmt",
                        "SelectStmt");
        assertThat(statements)
                .allSatisfy(s -> assertThat(s.text()).isEqualTo(script.substring(s.start(), s.end())))
                .allSatisfy(s -> assertThat(s.text().strip()).isEqualTo(s.text()));
        assertThat(statements.get(2).text()).endsWith("$body$");
        assertThat(statements.get(10).text()).endsWith("'b;c'");
    }

    @Test
    void saysWhereEachStatementStands() {
        List<Statement> statements =
                PARSER.parseScript("select 1; /* x */ CREATE INDEX i ON t (a); -- ü😀\n\n  select 2 -- end");
        assertThat(statements)
                .extracting(Statement::toString)
                .containsExactly("SelectStmt at 1:1", "IndexStmt at 1:19", "SelectStmt at 3:3");
        assertThat(statements)
                .extracting(Statement::text)
                .containsExactly("select 1", "CREATE INDEX i ON t (a)", "select 2");
        assertThat(statements).extracting(Statement::index).containsExactly(0, 1, 2);
    }

    @Test
    void positionsInTheTreeAreOffsetsIntoTheText() {
        Statement statement =
                PARSER.parseScript("select 'é😀';\nselect 'ü😀', wanted from t").get(1);
        int location = statement.node().at("/targetList/1/ResTarget/location").asInt();
        assertThat(statement.text().substring(location)).startsWith("wanted");
    }

    @Test
    void reportsTheErrorAsTheServerDoes() {
        SqlSyntaxException e = syntaxError("select 'é😀',\n  1 frm x y");
        assertThat(e).hasMessage("syntax error at or near \"x\"");
        assertThat(e.line()).isEqualTo(2);
        assertThat(e.column()).isEqualTo(9);
        assertThat(e.offset()).isEqualTo("select 'é😀',\n  1 frm ".length());
        assertThat(e.describe()).isEqualTo("line 2, column 9: syntax error at or near \"x\"");
        assertThat(syntaxError("select (1")).hasMessage("syntax error at end of input");
    }

    @Test
    void reportsAnErrorInTheMiddleOfAScript() {
        SqlSyntaxException e = syntaxError("select 'ü';\nselect 2;\nalter tabel x;\nselect 3");
        assertThat(e.describe()).isEqualTo("line 3, column 7: syntax error at or near \"tabel\"");
    }

    @Test
    void knownDifferencesFromTheServerAreStillThere() {
        assertThat(syntaxError("select 'a' -- b\n 'c'")).hasMessage("syntax error at or near \"'c'\"");
        assertThat(PARSER.parseScript("select $1a")).hasSize(1);
    }

    @Test
    void scriptOfBlanksAndCommentsHasNoStatement() {
        assertThat(PARSER.parseScript("")).isEmpty();
        assertThat(PARSER.parseScript(" ;; -- nothing\n/* at /* all */ */;")).isEmpty();
    }

    @Test
    void refusesPsqlCommandsByNameAndLine() {
        SqlSyntaxException restrict = syntaxError("-- dump\n\\restrict abc;'\nSET a = '\\x';");
        assertThat(restrict)
                .hasMessageStartingWith("psql command \\restrict on line 2 is not SQL the server understands");
        assertThat(restrict.line()).isEqualTo(2);
        assertThat(syntaxError("select 1;\nselect 2 \\gexec")).hasMessageStartingWith("psql command \\gexec on line 2");
        assertThat(syntaxError("\\! rm x")).hasMessageStartingWith("psql command \\! on line 1");
        assertThat(syntaxError("\\")).hasMessageStartingWith("psql command \\ on line 1");
        assertThat(syntaxError("select :name")).hasMessageStartingWith("psql variable :name on line 1");
        assertThat(syntaxError("select :'name'")).hasMessageStartingWith("psql variable :'name on line 1");
    }

    @Test
    void refusesCopyDataByLine() {
        String data = "create table t (a int, b text);\n"
                + "copy t (a, b) from stdin with (null '');\n"
                + "1\tit's; not $$ SQL\n"
                + "\\.\n"
                + "select 1;";
        SqlSyntaxException e = syntaxError(data);
        assertThat(e).hasMessageStartingWith("COPY data on line 3 is not SQL the server understands");
        assertThat(syntaxError("copy t from stdin;\n\\N\t1\n\\.\n")).hasMessageStartingWith("COPY data on line 2");
    }

    @Test
    void backslashesInsideStringsAreNoPsqlCommands() {
        assertThat(PARSER.parseScript("select E'\n\\';', '\n\\x', $$\n\\y$$ -- \\z\n"))
                .hasSize(1);
    }

    private static Statement one(String sql) {
        List<Statement> statements = PARSER.parseScript(sql);
        assertThat(statements).hasSize(1);
        return statements.getFirst();
    }

    private static SqlSyntaxException syntaxError(String sql) {
        return Objects.requireNonNull(
                catchThrowableOfType(SqlSyntaxException.class, () -> PARSER.parseScript(sql)), sql);
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(SqlParserTest.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
