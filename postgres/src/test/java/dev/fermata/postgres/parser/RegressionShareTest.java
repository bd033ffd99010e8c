package dev.fermata.postgres.parser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fermata.postgres.parser.OpaquePlace.Reason;
import dev.fermata.testsupport.RealPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;

/**
 * How much of PostgreSQL's own regression SQL that the server accepts is accepted here, and split as the server would.
 *
 * <p>The files are PostgreSQL's and not ours, so they are not in this repository: give the folder (such as {@code
 * src/test/regress/sql} of PostgreSQL's sources) as {@code -Dfermata.regression.sql=FOLDER}, and perhaps a file for the
 * report as {@code -Dfermata.regression.report=FILE}.
 *
 * <p>The server is asked inside a transaction that has failed: there it parses every message and runs none. It answers
 * 25P02 to what it can parse, and with the parser's own error to what it cannot. A piece is one statement if it is
 * accepted and no beginning of it, up to one of its semicolons, is.
 */
class RegressionShareTest {
    private static final String FOLDER = System.getProperty("fermata.regression.sql", "");

    /** In a failed transaction; no such savepoint; and no error, as what ends the transaction gives. */
    private static final Set<String> ACCEPTED = Set.of("25P02", "3B001", "null");

    /** Counted over the pieces of one file. */
    private static final class Share {
        int accepted;
        int alike;
        int refused;
        int refusedAlike;
        int bodies;
        int bodiesRead;
    }

    private final List<String> differences = new ArrayList<>();
    private final List<String> bodies = new ArrayList<>();
    private final Map<String, Share> shares = new LinkedHashMap<>();

    private int serverVersion;

    @Test
    void theServersOwnTestsAreReadAsTheServerReadsThem() throws IOException, SQLException {
        assumeTrue(!FOLDER.isEmpty(), "no regression SQL given (-Dfermata.regression.sql=FOLDER)");
        try (SqlParser parser = new SqlParser(2);
                Stream<Path> files = Files.walk(Path.of(FOLDER));
                Connection connection = DriverManager.getConnection(
                        RealPostgres.shared().jdbcUrl("postgres") + "?preferQueryMode=simple",
                        RealPostgres.shared().superuser(),
                        RealPostgres.shared().password())) {
            serverVersion = connection.getMetaData().getDatabaseMajorVersion();
            for (Path file : files.filter(one -> one.toString().endsWith(".sql"))
                    .sorted()
                    .toList()) {
                look(file, parser, connection);
            }
        }
        report();
        // Older servers know less than the grammar, which is 18's.
        assumeTrue(serverVersion >= 18, "differences to an older server are for the report only");
        assertThat(differences)
                .filteredOn(one -> !one.contains("trailing junk after parameter"))
                .isEmpty();
    }

    private void look(Path file, SqlParser parser, Connection connection) throws IOException, SQLException {
        String name = Path.of(FOLDER).relativize(file).toString();
        Share share = new Share();
        shares.put(name, share);
        List<String> alike = new ArrayList<>();
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        for (String piece : PsqlScript.pieces(text)) {
            PSQLException said = answer(connection, piece);
            boolean accepted = isAccepted(said);
            List<Statement> here = new ArrayList<>();
            String error = "";
            try {
                here.addAll(parser.parseScript(piece));
            } catch (SqlInputException e) {
                error = e instanceof SqlSyntaxException syntax ? syntax.offset() + " " : "";
                error += e.getMessage();
            }
            if (!accepted) {
                share.refused++;
                share.refusedAlike += error.isEmpty() ? 0 : 1;
                if (error.isEmpty()) {
                    differences.add(name + ": only the server refuses ("
                            + said.getMessage().lines().findFirst().orElse("") + "): " + shorten(piece));
                }
                continue;
            }
            share.accepted++;
            if (!error.isEmpty()) {
                differences.add(name + ": only the server accepts (" + error + "): " + shorten(piece));
            } else if (here.size() != 1 || !here.getFirst().text().equals(piece) || !isOne(connection, piece)) {
                differences.add(name + ": split into " + here.size() + ": " + shorten(piece));
            } else {
                share.alike++;
                alike.add(piece);
                body(name, here.getFirst(), parser, share);
            }
        }
        glued(name, alike, parser);
    }

    /** All pieces of a file as one script, with what may mislead between them. */
    private void glued(String name, List<String> pieces, SqlParser parser) {
        String glue = "\n;;-- it's ; a comment\n/* \"another\" /* $x$ ; */ ; */\n";
        List<String> split = parser.parseScript(String.join(glue, pieces)).stream()
                .map(Statement::text)
                .toList();
        if (!split.equals(pieces)) {
            differences.add(
                    name + ": the whole file is split into " + split.size() + " (expected: " + pieces.size() + ")");
        }
    }

    private void body(String name, Statement statement, SqlParser parser, Share share) {
        Body.of(statement, parser)
                .filter(body -> body.language().equals("plpgsql"))
                .ifPresent(body -> {
                    List<String> unread = body.opaque().stream()
                            .filter(place -> place.reason() == Reason.LIMIT || place.reason() == Reason.SYNTAX)
                            .map(OpaquePlace::why)
                            .toList();
                    share.bodies++;
                    share.bodiesRead += unread.isEmpty() ? 1 : 0;
                    unread.forEach(why -> bodies.add(name + ": " + why + ": " + shorten(statement.text())));
                });
    }

    private static boolean isAccepted(PSQLException said) {
        return ACCEPTED.contains(String.valueOf(said.getSQLState()));
    }

    private static boolean isOne(Connection connection, String piece) throws SQLException {
        for (Lexer lexer = new Lexer(piece); lexer.next(); ) {
            if (lexer.isSymbol(';') && isAccepted(answer(connection, piece.substring(0, lexer.start())))) {
                return false;
            }
        }
        return true;
    }

    /** What the server says to it in a failed transaction; success, which only ending that can be, is an answer too. */
    private static PSQLException answer(Connection connection, String sql) throws SQLException {
        try (java.sql.Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            try {
                statement.execute("begin; select 1 / 0");
            } catch (SQLException expected) {
                // The transaction is open and failed now, if it was not before.
            }
            statement.execute(sql);
            return new PSQLException("ended the transaction", null);
        } catch (PSQLException e) {
            return e;
        }
    }

    private static String shorten(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() > 160 ? line.substring(0, 160) + "..." : line;
    }

    private void report() throws IOException {
        StringBuilder text = new StringBuilder();
        Share all = new Share();
        shares.forEach((name, share) -> {
            text.append(line(name, share));
            all.accepted += share.accepted;
            all.alike += share.alike;
            all.refused += share.refused;
            all.refusedAlike += share.refusedAlike;
            all.bodies += share.bodies;
            all.bodiesRead += share.bodiesRead;
        });
        text.append("PostgreSQL ").append(serverVersion).append(", ").append(line("all files", all));
        differences.forEach(one -> text.append(one).append('\n'));
        bodies.forEach(one -> text.append("body of ").append(one).append('\n'));
        String file = System.getProperty("fermata.regression.report", "");
        if (!file.isEmpty()) {
            Files.writeString(Path.of(file), text);
        }
    }

    private static String line(String name, Share share) {
        return "%s: %d of %d accepted by the server accepted and split alike, %d of %d refused refused, %d of %d PL/pgSQL bodies read%n"
                .formatted(
                        name,
                        share.alike,
                        share.accepted,
                        share.refusedAlike,
                        share.refused,
                        share.bodiesRead,
                        share.bodies);
    }
}
