package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.id.RunId;
import dev.fermata.execution.rehearsal.CloneProvider.Made;
import dev.fermata.execution.rehearsal.CloneProvider.Request;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database that is like the target, to try things on. Its name is fixed by the run, so that whatever a crash left behind is
 * replaced by the next attempt; as long as it is used a session on the target says so, and {@link #sweep} removes those
 * that nobody uses.
 */
public final class Clone implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(Clone.class);
    private static final String CLONE = "clone";
    private static final String SCRATCH = "scratch";

    private final TargetDatabase origin;
    private final CloneProvider provider;
    private final CloneName name;
    private final Made made;
    private final Keeper keeper;

    private Clone(TargetDatabase origin, CloneProvider provider, CloneName name, Made made, Keeper keeper) {
        this.origin = origin;
        this.provider = provider;
        this.name = name;
        this.made = made;
        this.keeper = keeper;
    }

    /** The clone as a target of its own. */
    public TargetDatabase database() {
        return made.database();
    }

    /** As the provider calls its clones, or {@code scratch}. */
    public String kind() {
        return provider.kind();
    }

    /** Whether it has all rows of the target, so that what it costs to read them is the same. */
    public boolean hasAllRows() {
        return extent() == CloneProvider.Extent.ALL;
    }

    /** How many of the target's rows it has. */
    CloneProvider.Extent extent() {
        return provider.extent();
    }

    /** In what it is not like the target, for people. */
    public List<String> notes() {
        return made.notes();
    }

    /**
     * Makes a clone.
     *
     * @throws TargetException when the server does not let us, for example without CREATEDB
     * @throws CloneRefusedException when there is none to be had this way
     */
    public static Clone make(TargetDatabase origin, RunId run, CloneProvider provider) throws InterruptedException {
        CloneName name = CloneName.of(CLONE, origin, run);
        Keeper keeper = Keeper.takeOver(origin, name, run);
        boolean done = false;
        try {
            Made made = provider.make(new Request(origin, keeper.connection(), name.text(), run));
            done = true;
            return new Clone(origin, provider, name, made, keeper);
        } catch (SQLException e) {
            throw TargetException.of(
                    "making a clone of target '" + origin.address().name() + "'", e);
        } finally {
            if (!done) {
                remove(provider, name, keeper);
            }
        }
    }

    /**
     * An empty database beside the target.
     *
     * @param purpose what it is for; databases for different purposes are there side by side
     * @param options of CREATE DATABASE; empty: as the target has them
     */
    public static Clone scratch(TargetDatabase origin, RunId run, String purpose, String options) {
        CloneName name = CloneName.of(SCRATCH, origin, purpose);
        Keeper keeper = Keeper.takeOver(origin, name, run);
        CloneProvider empty = new EmptyDatabases(options);
        boolean done = false;
        try {
            Made made = empty.make(new Request(origin, keeper.connection(), name.text(), run));
            done = true;
            return new Clone(origin, empty, name, made, keeper);
        } catch (SQLException e) {
            throw TargetException.of(
                    "making a scratch database beside target '"
                            + origin.address().name() + "'",
                    e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("an empty database is not waited for", e);
        } finally {
            if (!done) {
                remove(empty, name, keeper);
            }
        }
    }

    /** Unless a later attempt has taken it over: it is that one's then. */
    private static void remove(CloneProvider provider, CloneName name, Keeper keeper) {
        try (keeper) {
            if (keeper.keeps()) {
                provider.remove(keeper.connection(), name.text());
            }
        } catch (SQLException e) {
            LOGGER.atWarn()
                    .addKeyValue("database", name.text())
                    .addKeyValue("error", e.getSQLState())
                    .log("what was made of a clone is not removed; the next sweep does it");
        }
    }

    /**
     * A copy of the clone as it is now, on its server, with the ledger and all. Nobody may be connected to the clone
     * meanwhile; a session that has just been closed is waited for.
     *
     * @param suffix tells copies of one clone apart; letters
     * @throws TargetException when the server does not let us, for example for want of disk space
     */
    public Copy copy(String suffix) {
        CloneName copy = name.copy(suffix);
        try (Connection admin = made.maintenance().open(Session.keeper("fermata-clone"))) {
            DatabaseClones.create(
                    admin,
                    made.maintenance(),
                    copy.text(),
                    made.database().address().database(),
                    "copy of " + name.text());
        } catch (SQLException e) {
            throw TargetException.of("copying clone '" + name.text() + "'", e);
        }
        return new Copy(origin, made.maintenance(), copy, keeper);
    }

    /** A copy of a clone. Goes before the clone goes. */
    public static final class Copy implements AutoCloseable {
        private final TargetDatabase origin;
        private final TargetDatabase maintenance;
        private final CloneName name;
        private final Keeper keeper;

        private Copy(TargetDatabase origin, TargetDatabase maintenance, CloneName name, Keeper keeper) {
            this.origin = origin;
            this.maintenance = maintenance;
            this.name = name;
            this.keeper = keeper;
        }

        public TargetDatabase database() {
            return DatabaseClones.beside(maintenance, name.text());
        }

        /** Removes it, unless a later attempt has taken the clone over: then it is that one's. */
        @Override
        public void close() {
            try (Keeper again =
                    keeper.keeps() ? null : Keeper.ifFree(origin, name).orElse(null)) {
                if (again != null || keeper.keeps()) {
                    remove();
                }
            } catch (SQLException | TargetException e) {
                LOGGER.atWarn()
                        .addKeyValue("database", name.text())
                        .addKeyValue("error", e instanceof SQLException sql ? sql.getSQLState() : e.getMessage())
                        .log("a copy of a clone is not removed; the next sweep does it");
            }
        }

        private void remove() throws SQLException {
            try (Connection admin = maintenance.open(Session.keeper("fermata-clone"))) {
                DatabaseClones.remove(admin, name.text());
            }
        }
    }

    /**
     * Removes clones, copies and scratch databases of the target that nobody uses: a worker that crashed left them behind.
     * Those that another worker uses stay.
     *
     * @return how many went
     */
    public static int sweep(TargetDatabase origin, List<CloneProvider> providers) {
        int removed = 0;
        try (Connection admin = origin.open(Session.keeper("fermata-clone/sweep"))) {
            removed += sweep(origin, admin, new EmptyDatabases(), SCRATCH);
            removed += sweep(origin, admin, new EmptyDatabases(), CLONE);
            for (CloneProvider provider : providers) {
                removed += sweep(origin, admin, provider, CLONE);
            }
        } catch (SQLException e) {
            throw TargetException.of(
                    "removing forgotten clones of target '" + origin.address().name() + "'", e);
        }
        return removed;
    }

    private static int sweep(TargetDatabase origin, Connection admin, CloneProvider provider, String kind)
            throws SQLException {
        int removed = 0;
        for (String existing : provider.existing(admin, CloneName.prefix(kind, origin))) {
            if (CloneName.fits(existing) && removeIfFree(origin, provider, new CloneName(existing))) {
                removed++;
            }
        }
        return removed;
    }

    private static boolean removeIfFree(TargetDatabase origin, CloneProvider provider, CloneName name)
            throws SQLException {
        Optional<Keeper> free = Keeper.ifFree(origin, name);
        if (free.isEmpty()) {
            return false;
        }
        try (Keeper keeper = free.get()) {
            provider.remove(keeper.connection(), name.text());
        } catch (SQLException e) {
            LOGGER.atWarn()
                    .addKeyValue("database", name.text())
                    .addKeyValue("error", e.getSQLState())
                    .log("a clone that nobody uses cannot be removed");
            return false;
        }
        LOGGER.atInfo().addKeyValue("database", name.text()).log("a clone that nobody uses is removed");
        return true;
    }

    /**
     * Removes the database, and whoever is still in it; where that does not work now, the next {@link #sweep} does it. What
     * a later attempt has taken over stays: the database of that name is that one's by now.
     */
    @Override
    public void close() {
        try {
            if (keeper.keeps()) {
                provider.remove(keeper.connection(), name.text());
            } else {
                removeIfFree(origin, provider, name);
            }
        } catch (SQLException | TargetException | CloneRefusedException e) {
            LOGGER.atWarn()
                    .addKeyValue("database", name.text())
                    .addKeyValue("error", e instanceof SQLException sql ? sql.getSQLState() : e.getMessage())
                    .log("a clone is not removed; the next sweep does it");
        } finally {
            keeper.close();
        }
    }
}
