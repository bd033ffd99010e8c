package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** The ways to get a clone that this worker has. */
public final class CloneProviders {
    private final long largestDump;

    /** @param largestDump bytes of a database up to which {@code auto} copies all rows */
    public CloneProviders(long largestDump) {
        this.largestDump = largestDump;
    }

    /** All there are, for removing what was left behind. */
    public List<CloneProvider> all() {
        return List.of();
    }

    /** The one that an order wants. */
    public CloneProvider choose(WorkOrder.Clone wanted, TargetDatabase origin) {
        return switch (wanted) {
            case DUMP -> new DumpClones(DumpClones.all());
            case SCHEMA -> new DumpClones(new Statistics());
            case TEMPLATE -> new TemplateClones();
            case AUTO ->
                size(origin) <= largestDump ? new DumpClones(DumpClones.all()) : new DumpClones(new Statistics());
            case NONE -> throw new IllegalArgumentException("rehearsal.clone: none (expected: a kind of clone)");
        };
    }

    private static long size(TargetDatabase origin) {
        try (Connection connection = origin.open(Session.reader("fermata-clone"))) {
            return DatabaseClones.size(connection);
        } catch (SQLException e) {
            throw TargetException.of(
                    "asking for the size of target '" + origin.address().name() + "'", e);
        }
    }
}
