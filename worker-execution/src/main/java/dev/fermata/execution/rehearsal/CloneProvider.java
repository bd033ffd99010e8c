package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.id.RunId;
import dev.fermata.postgres.targets.TargetDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * A way to get a database that is like the target. Clones are found again by name, so a provider keeps no state: what one
 * worker made, another removes. Thread-safe.
 */
public interface CloneProvider {

    /** As a report calls its clones: {@code dump}, {@code sample}, {@code template}, {@code schema}, {@code branch}. */
    String kind();

    /** How many of the target's rows its clones hold. */
    Extent extent();

    /** How many of the rows there are. */
    enum Extent {
        ALL,
        SOME,
        NONE
    }

    /** What its clones hold and what making one needs, in a sentence for people. */
    String describe();

    /**
     * Makes a clone, in the place of whatever has the name.
     *
     * @throws SQLException when the server does not let us; what was made of the clone until then is left to {@link
     *     #remove}
     */
    Made make(Request request) throws SQLException, InterruptedException;

    /** Removes the clone and whoever is still in it. Does nothing when there is none. */
    void remove(Connection keeper, String name) throws SQLException;

    /** Names of the clones that there are. */
    List<String> existing(Connection keeper, String prefix) throws SQLException;

    /**
     * What is wanted.
     *
     * @param keeper an idle session on the target that may write, in autocommit mode; the only one we have there
     * @param name of the clone
     */
    record Request(TargetDatabase origin, Connection keeper, String name, RunId run) {}

    /**
     * A clone.
     *
     * @param maintenance a database on the clone's server in which one can work when nobody may be in the clone
     * @param notes in what it is not like the target, for people
     */
    record Made(TargetDatabase database, TargetDatabase maintenance, List<String> notes) {
        public Made {
            notes = List.copyOf(notes);
        }
    }
}
