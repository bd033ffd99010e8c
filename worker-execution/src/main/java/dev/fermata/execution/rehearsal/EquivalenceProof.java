package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Equivalence;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.Step;
import dev.fermata.execution.verify.CatalogComparison;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs the author's statements as they are written on a copy of the clone, and compares what they lead to with what the
 * plan leads to. The copy is made before the first step, so both begin with the same rows.
 */
final class EquivalenceProof implements AutoCloseable {
    private static final int MOST_LINES = 20;

    private final Clone.@Nullable Copy copy;
    private final String noCopy;

    private EquivalenceProof(Clone.@Nullable Copy copy, String noCopy) {
        this.copy = copy;
        this.noCopy = noCopy;
    }

    /** A proof that cannot be had is no reason not to rehearse: the report then says so, and people decide. */
    static EquivalenceProof prepare(Clone clone) {
        try {
            return new EquivalenceProof(clone.copy("w"), "");
        } catch (TargetException e) {
            return new EquivalenceProof(null, String.valueOf(e.getMessage()));
        }
    }

    /** How the author's statements went; null when there is no copy to run them on. */
    @Nullable
    AsWritten author(List<Statement> statements, Plan.Settings settings, Runnable checkPoint) throws SQLException {
        return copy == null ? null : AsWritten.run(copy.database(), statements, settings, checkPoint);
    }

    /** @param planned the clone after the plan's steps */
    Equivalence compare(TargetDatabase planned, Plan plan, @Nullable AsWritten author) throws SQLException {
        if (copy == null || author == null) {
            return Equivalence.notCompared("there is no second clone to run the author's statements on: " + noCopy);
        }
        if (author.failure() != null) {
            return new Equivalence(
                    false,
                    "as it is written the change fails, although the plan does not: " + author.failure(),
                    List.of(),
                    List.of(),
                    author.elapsed());
        }
        Session session = Session.reader("fermata-equivalence").withStatementTimeout(Duration.ZERO);
        try (Connection ours = planned.open(session);
                Connection theirs = copy.database().open(session)) {
            CatalogComparison catalogs = CatalogComparison.of(
                    CatalogSnapshot.read(theirs).definitions(),
                    CatalogSnapshot.read(ours).definitions());
            List<String> differences = new ArrayList<>(catalogs.differences());
            differences.addAll(new Contents(ours, theirs).differences(filledByDefault(plan)));
            return new Equivalence(true, null, capped(differences), catalogs.columnOrder(), author.elapsed());
        }
    }

    /** A default that gives each row a value of its own gives other ones each time. */
    private static Set<String> filledByDefault(Plan plan) {
        Set<String> columns = new HashSet<>();
        for (Step step : plan.steps()) {
            Batching batching = step.batching();
            if (batching != null && step.sql().get(0).contains(" = DEFAULT WHERE ")) {
                batching.changedColumns().forEach(column -> columns.add(batching.table() + "." + column));
            }
        }
        return columns;
    }

    private static List<String> capped(List<String> lines) {
        if (lines.size() <= MOST_LINES) {
            return lines;
        }
        List<String> capped = new ArrayList<>(lines.subList(0, MOST_LINES));
        capped.add("and " + (lines.size() - MOST_LINES) + " more");
        return capped;
    }

    @Override
    public void close() {
        if (copy != null) {
            copy.close();
        }
    }
}
