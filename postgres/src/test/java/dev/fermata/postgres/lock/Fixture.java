package dev.fermata.postgres.lock;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.fermata.postgres.parser.Body;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.schema.SchemaModel;
import dev.fermata.postgres.schema.SchemaReader;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The schema that is measured on, and the statements that are. */
final class Fixture {
    private static final Pattern FROM_VERSION = Pattern.compile("(?<version>\\d\\d): (?<sql>.*)");

    /** How much the schema decides. */
    enum Answer {
        /** All of it. */
        CERTAIN,
        /** Rows, the planner, a setting or a function have their say. */
        OPEN,
        /** The server says no. */
        REFUSED,
        /** All of it, and it runs outside transactions only. */
        OUTSIDE
    }

    /**
     * One line of effects.txt.
     *
     * @param since the first major version that understands it
     */
    record Case(String section, String sql, int since, Answer answer) {
        @Override
        public String toString() {
            return sql;
        }
    }

    private Fixture() {}

    /** Makes the schema in an empty database. */
    static void make(TestDatabase database) throws SQLException {
        try (Connection connection = database.connectAsSuperuser();
                Statement statement = connection.createStatement()) {
            statement.execute(resource("fixture.sql"));
            if (version(connection) >= 18) {
                statement.execute(resource("fixture-18.sql"));
            }
            statement.execute("vacuum analyze");
        }
    }

    /** As the model sees it. */
    static SchemaModel schema(TestDatabase database) throws SQLException {
        try (Connection connection = database.connectAsSuperuser()) {
            return SchemaReader.read(connection);
        }
    }

    /** Of the server that all tests run on. */
    static int serverVersion() throws SQLException {
        try (Connection connection = RealPostgres.shared().connectAsSuperuser("postgres")) {
            return version(connection);
        }
    }

    /** The statements that such a server understands inside a transaction. */
    static List<Case> casesOf(int version) {
        return cases().stream()
                .filter(one -> one.since() <= version && one.answer() != Answer.OUTSIDE)
                .toList();
    }

    /** The statement under the name of its kind. */
    static JsonNode tree(dev.fermata.postgres.parser.Statement statement) {
        return JsonNodeFactory.instance.objectNode().set(statement.kind(), statement.node());
    }

    /** What the model says of the one statement, its body looked into if it has one. */
    static Effects effects(SqlParser parser, String sql, int version, SchemaModel schema) {
        dev.fermata.postgres.parser.Statement statement =
                parser.parseScript(sql).getFirst();
        return EffectsModel.of(statement, Body.of(statement, parser), version, schema);
    }

    private static int version(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion();
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        String section = "";
        for (String line : resource("effects.txt").lines().toList()) {
            if (line.startsWith("## ")) {
                section = line.substring(3);
            } else if (!line.isBlank() && !line.startsWith("#")) {
                cases.add(parse(section, line));
            }
        }
        return cases;
    }

    private static Case parse(String section, String line) {
        Matcher matcher = FROM_VERSION.matcher(line);
        int since = matcher.matches() ? Integer.parseInt(matcher.group("version")) : 15;
        String sql = matcher.matches() ? matcher.group("sql") : line;
        Answer answer =
                switch (sql.charAt(0)) {
                    case '~' -> Answer.OPEN;
                    case '!' -> Answer.REFUSED;
                    case '%' -> Answer.OUTSIDE;
                    default -> Answer.CERTAIN;
                };
        return new Case(section, answer == Answer.CERTAIN ? sql : sql.substring(2), since, answer);
    }

    private static String resource(String name) {
        try (InputStream stream = Fixture.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException("resource '" + name + "' is missing beside " + Fixture.class);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
