package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The ways to get a clone that this worker has. */
public final class CloneProviders {
    private final long largestDump;
    private final int sampleRows;
    private final Map<String, BranchService> branches;

    /**
     * @param largestDump bytes of a database up to which {@code auto} copies all rows
     * @param sampleRows at most so many rows of each table are in a sample
     * @param branches by name of the target
     */
    public CloneProviders(long largestDump, int sampleRows, Map<String, BranchService> branches) {
        this.largestDump = largestDump;
        this.sampleRows = sampleRows;
        this.branches = Map.copyOf(branches);
    }

    /** Those of a target whose clones are no databases beside it, for removing what was left behind. */
    public List<CloneProvider> elsewhere(TargetDatabase origin) {
        BranchService service = branches.get(origin.address().name());
        return service == null ? List.of() : List.of(new BranchClones(service));
    }

    /**
     * The one that an order wants. Where it leaves that to us: all rows of a small database; of a large one a branch, where
     * there is a service for it, or else a sample.
     *
     * @throws CloneRefusedException when this worker has it not
     */
    public CloneProvider choose(WorkOrder.Clone wanted, TargetDatabase origin) {
        BranchService service = branches.get(origin.address().name());
        return switch (wanted) {
            case DUMP -> all();
            case SAMPLE -> sample();
            case SCHEMA -> new DumpClones(new Statistics());
            case TEMPLATE -> new TemplateClones();
            case BRANCH -> branch(origin, service);
            case AUTO -> {
                if (size(origin) <= largestDump) {
                    yield all();
                }
                yield service == null ? sample() : branch(origin, service);
            }
            case NONE -> throw new IllegalArgumentException("rehearsal.clone: none (expected: a kind of clone)");
        };
    }

    private static CloneProvider all() {
        return new DumpClones(DumpClones.all());
    }

    private CloneProvider sample() {
        return new DumpClones(new SampledRows(sampleRows));
    }

    private static CloneProvider branch(TargetDatabase origin, @Nullable BranchService service) {
        if (service == null) {
            throw new CloneRefusedException("target '" + origin.address().name()
                    + "' has no branch service; give it the label neon-project, or take rehearsal.clone: dump");
        }
        return new BranchClones(service);
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
