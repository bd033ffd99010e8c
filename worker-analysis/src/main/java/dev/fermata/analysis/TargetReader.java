package dev.fermata.analysis;

import dev.fermata.analysis.rule.Target;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.context.ContextReader;
import dev.fermata.postgres.context.TargetContext;
import dev.fermata.postgres.schema.SchemaReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Reads all that rules want to know of a database. Remembers its targets, for write rates; thread-safe. */
public final class TargetReader {
    private static final int OLDEST = 15;
    private static final int NEWEST = 18;

    private final WriteRates rates = new WriteRates();

    /**
     * What was read.
     *
     * @param serverVersion such as 180006
     */
    public record Reading(int serverVersion, Target target) {
        public int majorVersion() {
            return serverVersion / 10_000;
        }

        /** Whether the lock model was measured on this version. */
        public boolean isKnown() {
            return OLDEST <= majorVersion() && majorVersion() <= NEWEST;
        }

        /** For messages. */
        public static String knownVersions() {
            return OLDEST + " to " + NEWEST;
        }
    }

    /** A change has written rows on the target, which the application has not. */
    void changed(String name) {
        rates.forget(name);
    }

    /**
     * Only reads; a role without rights on any table will do.
     *
     * @param name of the target
     */
    public Reading read(String name, Connection connection) throws SQLException {
        int version = connection.getMetaData().getDatabaseMajorVersion() * 10_000
                + connection.getMetaData().getDatabaseMinorVersion();
        List<TableStats> stats = TableStats.all(connection);
        TargetContext context = ContextReader.read(connection);
        return new Reading(
                version,
                Target.of(
                        SchemaReader.read(connection),
                        stats,
                        context,
                        rates.of(name, stats, context.at(), context.countingSince())));
    }
}
