package dev.fermata.acceptance.corpora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fermata.acceptance.corpora.Tally.Count;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.testsupport.RealPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Real migrations, which this repository does not hold. {@code -Dfermata.corpora=FOLDER} names a folder with one folder
 * for each project, as {@link Corpus} reads it; without it this is skipped. {@code -Dfermata.corpora.only=NAME,NAME} and
 * {@code -Dfermata.corpora.limit=N} make it shorter.
 */
class CorporaTest {
    private static final String FOLDER = "fermata.corpora";

    @Test
    void everyMigrationThatPsqlAppliesEndsWithTheSameCatalogAndComesBackExactly() throws Exception {
        String folder = System.getProperty(FOLDER, "");
        assumeTrue(
                !folder.isEmpty(),
                "no corpora: name a folder of migrations with -D" + FOLDER + "=FOLDER (see CONTRIBUTING.md)");
        List<String> only = List.of(System.getProperty(FOLDER + ".only", "").split(","));
        int limit = Integer.getInteger(FOLDER + ".limit", Integer.MAX_VALUE);
        List<Tally> tallies = new ArrayList<>();
        try (SqlParser parser = new SqlParser(1)) {
            for (Corpus corpus : Corpus.all(Path.of(folder))) {
                if (only.contains("") || only.contains(corpus.name())) {
                    Tally tally = new Tally(corpus.name());
                    new CorpusRun(new Databases(RealPostgres.shared()), parser, tally).run(corpus, limit);
                    tallies.add(tally);
                    System.out.println(Tally.table(List.of(tally)));
                }
            }
        }
        System.out.println(Tally.table(tallies));

        assertThat(tallies).as("projects in %s", folder).isNotEmpty().allSatisfy(tally -> {
            assertThat(tally.of(Count.CRASHES)).as("crashes").isZero();
            assertThat(tally.of(Count.FAILED)).as("planned, but failed").isZero();
            assertThat(tally.of(Count.DIFFERENT)).as("other catalogs").isZero();
            assertThat(tally.of(Count.NOT_RESTORED))
                    .as("rollbacks that are none")
                    .isZero();
        });
    }
}
