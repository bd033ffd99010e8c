package dev.fermata.execution.rehearsal;

import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.Dispensable;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.SchemaCopy;
import dev.fermata.postgres.catalog.SchemaScript;
import dev.fermata.postgres.catalog.TableCopy;
import dev.fermata.postgres.catalog.Undisturbed;
import dev.fermata.postgres.catalog.Unreadable;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A new database with the target's schema, and with all rows, some of them, or their statistics alone. */
final class DumpClones implements CloneProvider {
    private static final int NAMED_TABLES = 5;

    private final Rows rows;

    /** Brings rows, or what stands for them. */
    interface Rows {
        String kind();

        Extent extent();

        String describe();

        /** Between tables and constraints. Returns what to tell people. */
        List<String> copy(Connection source, Connection clone) throws SQLException;

        /** When the schema is complete. */
        List<String> finish(Connection source, Connection clone) throws SQLException;
    }

    DumpClones(Rows rows) {
        this.rows = rows;
    }

    /** With all rows. */
    static Rows all() {
        return new Rows() {
            @Override
            public String kind() {
                return "dump";
            }

            @Override
            public Extent extent() {
                return Extent.ALL;
            }

            @Override
            public String describe() {
                return "a database beside the target with its schema and all its rows, in one snapshot";
            }

            @Override
            public List<String> copy(Connection source, Connection clone) throws SQLException {
                return gone(TableCopy.copyAll(source, clone).stream()
                        .filter(copied -> copied.rows() == TableCopy.Copied.GONE)
                        .map(TableCopy.Copied::table)
                        .toList());
            }

            @Override
            public List<String> finish(Connection source, Connection clone) throws SQLException {
                analyze(clone);
                return List.of();
            }
        };
    }

    /** For people: of tables that the target had when the clone was begun. */
    static List<String> gone(List<QualifiedName> tables) {
        return tables.stream()
                .map(table -> "empty in the clone, as the target has it no more: " + table.sql())
                .toList();
    }

    static void analyze(Connection clone) throws SQLException {
        try (Statement statement = clone.createStatement()) {
            statement.execute("ANALYZE");
        }
    }

    @Override
    public String kind() {
        return rows.kind();
    }

    @Override
    public Extent extent() {
        return rows.extent();
    }

    @Override
    public String describe() {
        return rows.describe();
    }

    @Override
    public Made make(Request request) throws SQLException {
        TargetDatabase origin = request.origin();
        TargetDatabase database = DatabaseClones.beside(origin, request.name());
        List<String> notes = new ArrayList<>(DatabaseClones.createEmpty(
                request.keeper(),
                origin,
                request.name(),
                DatabaseOptions.of(request.keeper()),
                "clone of " + origin.address().database() + " for run " + request.run()));
        notes.addAll(fill(request, database));
        return new Made(database, origin, notes);
    }

    private List<String> fill(Request request, TargetDatabase database) throws SQLException {
        String name = "fermata-clone/" + request.run().order();
        Session reading = Session.reader(name)
                .withStatementTimeout(Duration.ZERO)
                .withIdleInTransactionTimeout(Duration.ZERO); // indexes of the clone are built meanwhile
        List<String> notes = new ArrayList<>();
        Session writing =
                Session.writer(name).withLockTimeout(Duration.ZERO); // an autovacuum gives way only after a second
        try (Connection source = request.origin().open(reading);
                Connection clone = database.open(writing)) {
            source.setAutoCommit(false);
            source.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            Seen seen = Undisturbed.read(() -> see(request.origin(), source));
            SchemaScript script = seen.script();
            SchemaCopy copy = script.into(clone, () -> database.open(writing));
            copy.beforeData();
            notes.addAll(rows.copy(source, clone));
            source.rollback(); // nobody on the target waits for what is built in the clone now
            copy.afterData();
            copy.sequencePositions();
            notes.addAll(rows.finish(source, clone));
            source.rollback();
            script.leftOut().forEach(thing -> notes.add("not in the clone: " + thing));
            copy.missing()
                    .forEach(thing -> notes.add("not in the clone, as its role may not make it: " + thing.name()));
            Set<String> missing = Dispensable.identities(copy.missing());
            CatalogSnapshot is = CatalogSnapshot.read(clone).withoutOwnership();
            List<String> differences = CatalogDiff.between(seen.catalog().without(missing), is.without(missing))
                    .describe(10);
            if (!differences.isEmpty()) {
                throw new CloneDiffersException(differences);
            }
        }
        return notes;
    }

    /** In one snapshot. */
    private record Seen(SchemaScript script, CatalogSnapshot catalog) {}

    private Seen see(TargetDatabase origin, Connection source) throws SQLException {
        source.rollback(); // for a new snapshot
        if (rows.extent() != Extent.NONE) {
            requireReadable(origin, source);
        }
        return new Seen(SchemaScript.read(source), CatalogSnapshot.read(source).withoutOwnership());
    }

    private static void requireReadable(TargetDatabase origin, Connection source) throws SQLException {
        List<Unreadable> unreadable = Unreadable.tables(source);
        if (!unreadable.isEmpty()) {
            List<Unreadable> named = unreadable.subList(0, Math.min(NAMED_TABLES, unreadable.size()));
            throw new CloneRefusedException("the rows of "
                    + named.stream().map(Unreadable::name).collect(Collectors.joining(", "))
                    + (unreadable.size() > NAMED_TABLES ? " and " + (unreadable.size() - NAMED_TABLES) + " more" : "")
                    + " on target '" + origin.address().name() + "' may not be read; have their owner grant it: "
                    + named.stream().map(Unreadable::grant).distinct().collect(Collectors.joining(" "))
                    + " or rehearse without rows (rehearsal: {clone: schema})");
        }
    }

    @Override
    public void remove(Connection keeper, String name) throws SQLException {
        DatabaseClones.remove(keeper, name);
    }

    @Override
    public List<String> existing(Connection keeper, String prefix) throws SQLException {
        return DatabaseClones.existing(keeper, prefix);
    }
}
