package dev.fermata.postgres.parser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fermata.testsupport.RealPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What is said of bodies, compared with what the server says. */
class BodyOnServerTest {
    private static final SqlParser PARSER = new SqlParser(1);

    private static Connection connection;

    @BeforeAll
    static void connect() throws SQLException {
        connection = RealPostgres.shared().connectAsSuperuser("postgres");
    }

    @AfterAll
    static void close() throws SQLException {
        connection.close();
        PARSER.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "begin\n alter table t\n  ad column;\nend",
                "begin\n truncate t;\n tuncate t;\nend",
                "declare\n x int;\n y in;\n z int = ;\nbegin\n null;\nend",
                "begin\n x := 1;\nend",
                "begin\n if true then\n null;\n end;\nend",
                "begin\n select 1 from\n where;\nend",
                "begin\n for i in 1..2 lop\n null;\n end loop;\nend",
                "begin\n raise notice '%', 1, 2;\nend",
                "begin\n exit;\nend",
                "declare a int;\n a int;\nbegin\n null;\nend",
                "begin\n return 1;\nend",
                "begin\n perform f(;\n null;\nend",
                "begin\n null\n null;\nend",
                "begin\n declare\n x int;\n end;\nend",
                "begin\n execute 'select 1' into strict;\nend",
                "begin\n end loop;\nend",
                "begin\n begin\n null;\n exception when no_such_thing then null;\n end;\nend",
                "begin\n create tabl\n  x (a int);\nend",
                "begin null; end; garbage",
                "declare\n c constant int;\nbegin\n c := 1;\nend",
                "begin\n case 1 when 1 null;\n end case;\nend"
            })
    void theServerRefusesTheSameBodiesWithTheSameWordsOnTheSameLine(String body) {
        ServerErrorMessage said = refusal("DO $do$" + body + "$do$");

        Body read = Body.of(PARSER.parseScript("DO $do$" + body + "$do$").getFirst(), PARSER)
                .orElseThrow();

        assertThat(read.errors()).extracting(BodyError::message).containsExactly(said.getMessage());
        if (said.getInternalPosition() > 0) {
            long line = 1
                    + body.substring(0, said.getInternalPosition() - 1)
                            .chars()
                            .filter(c -> c == '\n')
                            .count();
            assertThat(read.errors().getFirst().line()).isEqualTo((int) line);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "format('select %L, %I.*, %s', 'it''s', 'Sel', 1)",
                "format('select %L as %I from %I %2$I', null, 'order', 'a\"b')",
                "format('select %L', E'back\\\\slash ''quoted''')",
                "format('select %L || ''%%'' as %3$I, %1$L, %s', 'é', 'now()', 'x y')",
                "format('select ''[%5s|%-5s|%2$3s]''', 'é', 'bcdefgh')",
                "format('select ''%-2$3s''', 'x', 'y')",
                "format('select 1 as %I, 2 as %I, 3 as %I', 'int', 'text', 'lateral')",
                "'select ' || 1 || ', ' || 2.50 || ' as ' || 'x'",
                "U&'select \\00e9 from t'",
                "E'select \\'\\x41\\u00e9\\101\\n\\U0001F600\\''",
                "E'select ''\\xc3\\xa9'' as a'",
                "'select '\n  'a, ' \n 'b'",
                "$q$select $x$ q $x$$q$",
                "pg_catalog.format('select %s', 'a'::text)"
            })
    void constantsAreWhatTheServerMakesOfThem(String expression) throws SQLException {
        Body body = Body.of(
                        PARSER.parseScript("do $do$ begin execute " + expression + "; end $do$")
                                .getFirst(),
                        PARSER)
                .orElseThrow();

        String value;
        try (java.sql.Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select " + expression)) {
            row.next();
            value = row.getString(1);
        } catch (SQLException refused) {
            assertThat(body.statements()).isEmpty();
            assertThat(body.isKnown()).isFalse();
            return;
        }
        assertThat(body.statements()).extracting(one -> one.statement().text()).containsExactly(value);
        assertThat(body.isKnown()).isTrue();
    }

    private static ServerErrorMessage refusal(String sql) {
        PSQLException refused = Objects.requireNonNull(
                catchThrowableOfType(PSQLException.class, () -> {
                    try (java.sql.Statement statement = connection.createStatement()) {
                        statement.execute(sql);
                    }
                }),
                "the server accepts it");
        return Objects.requireNonNull(refused.getServerErrorMessage());
    }
}
