package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.RollbackTrial;
import dev.fermata.contracts.plan.Step;
import dev.fermata.execution.verify.Baseline;
import dev.fermata.execution.verify.CatalogChange;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.ContentChecksum;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.Statement;
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
 * @param byTriggers what triggers of the application did, which is no difference
 */
record WayBack(List<String> catalog, List<String> rows, List<String> byTriggers) {
    WayBack {
        catalog = List.copyOf(catalog);
        rows = List.copyOf(rows);
        byTriggers = List.copyOf(byTriggers);
    }

    /** What there was before the first step, and what the steps did to the catalog. */
    record Start(Baseline baseline, SortedMap<QualifiedName, ContentChecksum> rows, SideEffects sideEffects) {
        static Start read(Connection connection, Baseline baseline, Plan plan, List<Statement> statements)
                throws SQLException {
            return new Start(baseline, Contents.checksums(connection), SideEffects.read(connection, plan, statements));
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
        List<String> rows = new ArrayList<>();
        List<String> byTriggers = new ArrayList<>();
        if (catalog.isEmpty()) {
            lookAtRows(connection, start, change, rows, byTriggers);
        }
        return new WayBack(catalog, rows, byTriggers);
    }

    private static void lookAtRows(
            Connection connection, Start start, CatalogChange change, List<String> rows, List<String> byTriggers)
            throws SQLException {
        SortedMap<QualifiedName, ContentChecksum> now = Contents.checksums(connection);
        for (Map.Entry<QualifiedName, ContentChecksum> was : start.rows().entrySet()) {
            QualifiedName table = was.getKey();
            ContentChecksum is = now.get(table);
            if (was.getValue().equals(is)) {
                continue;
            }
            boolean sameRows = is != null && is.rows() == was.getValue().rows();
            start.sideEffects()
                    .explain(connection, table, sameRows, change)
                    .ifPresentOrElse(
                            byTriggers::add,
                            () -> rows.add("table " + table + " holds " + (is == null ? "no" : is.rows())
                                    + " rows of other content (before: "
                                    + was.getValue().rows() + " rows)"
                                    + start.sideEffects().hint()));
        }
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
