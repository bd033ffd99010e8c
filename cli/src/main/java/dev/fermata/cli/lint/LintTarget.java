package dev.fermata.cli.lint;

import dev.fermata.analysis.TargetReader;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.cli.client.CliException;
import dev.fermata.cli.client.ExitCode;
import dev.fermata.cli.client.RegisteredTarget;
import dev.fermata.postgres.context.Gap;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** The database that files are judged by. */
record LintTarget(TargetReader.Reading reading) {

    /**
     * Connects, reads and closes.
     *
     * @throws CliException where that cannot be done, or the version is not known
     */
    static LintTarget read(RegisteredTarget target, String name) {
        TargetReader.Reading reading;
        try (Connection connection = target.database().open(Session.reader("fermata-lint"))) {
            reading = new TargetReader().read(name, connection);
        } catch (TargetException e) {
            throw target.failed(e);
        } catch (SQLException e) {
            throw target.failed(TargetException.of("reading target '" + name + "'", e));
        }
        if (!reading.isKnown()) {
            throw new CliException(
                    ExitCode.ERROR,
                    "server-version",
                    "target '" + name + "' is PostgreSQL " + reading.majorVersion() + " (expected: "
                            + TargetReader.Reading.knownVersions() + ")",
                    List.of(),
                    "fermata lint FILE --pg-version N, without the target");
        }
        return new LintTarget(reading);
    }

    /** @param notes for what could not be seen */
    Situation situation(Situation text, PrintWriter notes) {
        for (Gap gap : reading.target().context().gaps()) {
            notes.println("note: not seen: " + gap.what() + " (" + gap.remedy() + ")");
        }
        notes.flush();
        return text.with(reading.majorVersion()).with(reading.target());
    }
}
