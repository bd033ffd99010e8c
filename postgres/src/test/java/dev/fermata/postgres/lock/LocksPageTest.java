package dev.fermata.postgres.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** docs/locks.md follows from the model. {@code -Dfermata.docs=write} writes it, to be reviewed as a diff. */
class LocksPageTest {
    private static final Path PAGE = Path.of("../docs/locks.md");
    private static final int NEWEST = 18;

    @Test
    void thePageSaysWhatTheModelSays() throws IOException, SQLException {
        // The page has statements that older servers do not know.
        assumeTrue(Fixture.serverVersion() >= NEWEST);
        try (SqlParser parser = new SqlParser(1);
                TestDatabase database = RealPostgres.shared().newDatabase()) {
            Fixture.make(database);
            String text = new LocksPage(parser, Fixture.schema(database)).text();
            if ("write".equals(System.getProperty("fermata.docs"))) {
                Files.writeString(PAGE, text);
            }
            assertThat(Files.readString(PAGE))
                    .as(PAGE + "; run with -Dfermata.docs=write and review the diff")
                    .isEqualTo(text);
        }
    }
}
