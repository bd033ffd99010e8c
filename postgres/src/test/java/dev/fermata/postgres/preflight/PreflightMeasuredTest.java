package dev.fermata.postgres.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every line of changes.txt: the kinds asked about and the rows counted, and the server's verdict on the change, which
 * has to be the one foretold.
 */
class PreflightMeasuredTest {
    private static final Pattern LINE = Pattern.compile("(?<expected>[-a-z0-9, ]*?) *\\| (?<sql>.*)");

    private static TestDatabase database;

    /** @param expected such as {@code not-null 2, check 0}; empty for no question */
    record Case(String expected, String sql) {
        @Override
        public String toString() {
            return sql;
        }
    }

    @BeforeAll
    static void makeSchema() throws SQLException {
        database = RealPostgres.shared().newDatabase();
        database.execute(resource("schema.sql"));
    }

    @AfterAll
    static void dropSchema() {
        database.close();
    }

    static Stream<Case> cases() {
        return resource("changes.txt")
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> {
                    Matcher matcher = LINE.matcher(line);
                    if (!matcher.matches()) {
                        throw new IllegalStateException("changes.txt: '" + line + "' (expected: kinds | sql)");
                    }
                    return new Case(matcher.group("expected"), matcher.group("sql"));
                });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theCountIsRightAndForetellsWhatTheServerDoes(Case change) throws SQLException {
        List<Answer> answers = Trial.answers(database, change.sql());

        List<String> seen = new ArrayList<>();
        for (Answer answer : answers) {
            seen.add(answer.question().kind().id() + " "
                    + (answer instanceof Answer.NotAsked ? "unknown" : Trial.rows(answer)));
        }
        assertThat(String.join(", ", seen)).as("%s", answers).isEqualTo(change.expected());
        boolean open = answers.stream().anyMatch(Answer.NotAsked.class::isInstance);
        Optional<String> refusal = Trial.refusal(database, change.sql());
        boolean refuses = answers.stream()
                .anyMatch(answer -> !answer.question().kind().sqlStates().isEmpty() && !open && Trial.rows(answer) > 0);
        if (refuses) {
            assertThat(refusal).as("SQLState").isPresent().get().matches(Trial.foretold(answers));
        } else if (!open) {
            assertThat(refusal).as("SQLState").isEmpty();
        }
    }

    static String resource(String name) {
        try (InputStream stream = PreflightMeasuredTest.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(stream, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
