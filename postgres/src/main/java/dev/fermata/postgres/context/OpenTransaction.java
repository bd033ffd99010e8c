package dev.fermata.postgres.context;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.LockMode;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A transaction in the same database that was open at the moment of reading.
 *
 * @param who for people: process number and application, or the name of a prepared transaction; never its query
 * @param purpose as far as can be told
 * @param age since it began; null where the role may not see it
 * @param snapshot whether it holds one, which {@code CREATE INDEX CONCURRENTLY} waits for
 * @param locks the strongest that it holds on each relation of the user
 */
public record OpenTransaction(
        String who, Purpose purpose, @Nullable Duration age, boolean snapshot, Map<QualifiedName, LockMode> locks) {

    /** What it is for. */
    public enum Purpose {
        APPLICATION("a transaction of the application"),
        /** Of a session that has fallen silent. */
        IDLE("a transaction that idles"),
        /** Prepared for commit in two phases: no session will end it by itself. */
        PREPARED("a prepared transaction"),
        /** {@code pg_dump}, by its name. */
        DUMP("a dump"),
        VACUUM("a VACUUM"),
        /** Of autovacuum; gives way to whoever waits for its lock. */
        AUTOVACUUM("an autovacuum"),
        /** Of autovacuum, against wraparound: does not give way. */
        WRAPAROUND_VACUUM("an autovacuum against wraparound"),
        INDEX_BUILD("an index build"),
        /** Its session is hidden from the role. */
        UNKNOWN("a transaction of another role");

        private final String words;

        Purpose(String words) {
            this.words = words;
        }

        /** For people, with its article. */
        public String words() {
            return words;
        }
    }

    public OpenTransaction {
        locks = Map.copyOf(locks);
    }

    /** The lock that it holds on the relation, if that makes others of this mode wait. */
    public Optional<LockMode> inTheWayOf(QualifiedName relation, LockMode mode) {
        return Optional.ofNullable(locks.get(relation)).filter(mode::conflictsWith);
    }

    public boolean isOlderThan(Duration limit) {
        return age != null && age.compareTo(limit) > 0;
    }
}
