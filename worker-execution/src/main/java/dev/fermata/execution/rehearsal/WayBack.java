package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.RollbackTrial;
import dev.fermata.contracts.plan.Step;
import dev.fermata.execution.verify.Baseline;
import dev.fermata.execution.verify.CatalogChange;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.ContentChecksum;
import dev.fermata.postgres.catalog.QualifiedName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The ways back that a plan has, and what one of them left behind.
 *
 * @param catalog what of the catalog is not as it was, for people
 * @param rows what of the rows is not as it was; not looked at where the catalog differs
 */
record WayBack(List<String> catalog, List<String> rows) {
    WayBack {
        catalog = List.copyOf(catalog);
        rows = List.copyOf(rows);
    }

    /** What there was before the first step, and what the steps did to the catalog. */
    record Start(Baseline baseline, SortedMap<QualifiedName, ContentChecksum> rows) {
        static Start read(Connection connection, Baseline baseline) throws SQLException {
            return new Start(baseline, Contents.checksums(connection));
        }
    }

    /** @param leaves what was said to stay changed */
    static WayBack look(Connection connection, Start start, CatalogChange change, List<String> leaves)
            throws SQLException {
        CatalogSnapshot now = CatalogSnapshot.read(connection);
        List<String> catalog = new ArrayList<>(start.baseline().notRestored(change, now, leaves));
        start.baseline().changeTo(now).after().keySet().stream()
                .filter(identity -> !change.after().containsKey(identity))
                .forEach(identity -> catalog.add(identity + " was changed by the rollback"));
        return new WayBack(catalog, catalog.isEmpty() ? rows(connection, start.rows()) : List.of());
    }

    private static List<String> rows(Connection connection, SortedMap<QualifiedName, ContentChecksum> start)
            throws SQLException {
        List<String> differences = new ArrayList<>();
        SortedMap<QualifiedName, ContentChecksum> now = Contents.checksums(connection);
        for (Map.Entry<QualifiedName, ContentChecksum> was : start.entrySet()) {
            ContentChecksum is = now.get(was.getKey());
            if (!was.getValue().equals(is)) {
                differences.add("table " + was.getKey() + " holds " + (is == null ? "no" : is.rows())
                        + " rows of other content (before: " + was.getValue().rows() + " rows)");
            }
        }
        return differences;
    }

    /** All of it. */
    List<String> differences() {
        List<String> all = new ArrayList<>(catalog);
        all.addAll(rows);
        return all;
    }

    /**
     * The plan with the steps' own inverses for a way back, where it has the author's and every step has an inverse, too.
     */
    static Optional<Plan> generated(Plan plan) {
        if (plan.rollback().source() != Plan.Source.AUTHOR
                || plan.steps().stream().anyMatch(step -> step.inverse() == null)) {
            return Optional.empty();
        }
        return Optional.of(new Plan(
                plan.runId(),
                plan.revision(),
                plan.database(),
                plan.strategy(),
                plan.steps(),
                new Plan.Rollback(Plan.Source.GENERATED, List.of()),
                plan.settings(),
                plan.catalogFingerprint(),
                plan.tables(),
                plan.objects(),
                plan.redFlags(),
                plan.contractFrom()));
    }

    /** Whether it keeps what the application wrote meanwhile; null for the author's, of which nobody can tell. */
    static @Nullable Boolean lossless(Plan plan) {
        return plan.rollback().source() == Plan.Source.AUTHOR
                ? null
                : plan.steps().stream().map(Step::inverse).allMatch(inverse -> inverse != null && inverse.lossless());
    }

    /**
     * Of two ways back the one that restores everything; where both do, the generated one if it also keeps what the
     * application wrote meanwhile, else the author's. Null where there are not two, or neither restores.
     */
    static Plan.@Nullable Source better(List<RollbackTrial> trials) {
        List<RollbackTrial> good =
                trials.stream().filter(RollbackTrial::restores).toList();
        if (trials.size() < 2 || good.isEmpty()) {
            return null;
        }
        if (good.size() == 1) {
            return good.getFirst().source();
        }
        return good.stream()
                .filter(trial -> Boolean.TRUE.equals(trial.lossless()))
                .map(RollbackTrial::source)
                .findFirst()
                .orElse(Plan.Source.AUTHOR);
    }
}
