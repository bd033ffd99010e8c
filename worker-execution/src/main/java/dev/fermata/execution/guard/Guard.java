package dev.fermata.execution.guard;

import dev.fermata.contracts.plan.QueryGuard;
import dev.fermata.contracts.plan.QueryGuard.Effect;
import dev.fermata.contracts.plan.QueryGuard.QueryChange;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.EffectsModel;
import dev.fermata.postgres.parser.SqlInputException;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.schema.SchemaModel;
import dev.fermata.postgres.schema.SchemaReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Watches over the queries of one target during one rehearsal. Used by one thread. */
public final class Guard {
    private static final Set<String> KINDS =
            Set.of("SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt");
    private static final int SHOWN = 200;
    private static final double MANY_TIMES = 5;
    /** Below this many units more it is over before anybody notices; a page read is one unit. */
    private static final double FELT = 1000;

    private final TopQueries top;
    private final Set<QualifiedName> tables;
    private final SqlParser parser;
    private final boolean hasRows;
    private final Map<TopQueries.Query, QueryPlan> before = new LinkedHashMap<>();
    private final Set<TopQueries.Query> told = new HashSet<>();
    private int notPlanned;

    /**
     * @param tables that the plan touches
     * @param hasRows whether the clone has the rows of the target, so that the costs of its plans mean anything
     */
    public Guard(TopQueries top, Set<QualifiedName> tables, SqlParser parser, boolean hasRows) {
        this.top = top;
        this.tables = Set.copyOf(tables);
        this.parser = parser;
        this.hasRows = hasRows;
    }

    /** Plans what touches the tables, on the clone as it is before the change. */
    public void before(Connection clone) throws SQLException {
        SchemaModel schema = SchemaReader.read(clone);
        Map<String, SchemaModel> searched = new HashMap<>();
        int version = clone.getMetaData().getDatabaseMajorVersion();
        QueryPlans plans = new QueryPlans(clone);
        for (TopQueries.Query query : top.queries()) {
            SchemaModel asItSees = searched.get(query.searchPath());
            if (asItSees == null) {
                asItSees = schema.searchedIn(plans.searched(query));
                searched.put(query.searchPath(), asItSees);
            }
            if (touches(query.text(), version, asItSees)) {
                QueryPlan plan = plans.of(query);
                if (plan.failure() == null) {
                    before.put(query, plan);
                } else {
                    notPlanned++;
                }
            }
        }
    }

    private boolean touches(String query, int version, SchemaModel schema) {
        try {
            var statements = parser.parseScript(query);
            return statements.size() == 1
                    && KINDS.contains(statements.getFirst().kind())
                    && EffectsModel.of(statements.getFirst(), Optional.empty(), version, schema).relations().stream()
                            .anyMatch(effect -> tables.contains(effect.relation()));
        } catch (SqlInputException e) {
            // A text that the server has cut off is no query any more.
            return false;
        }
    }

    /** Plans the same again, after it. */
    public QueryGuard after(Connection clone) throws SQLException {
        if (top.queries().isEmpty() && top.why() != null) {
            return QueryGuard.notLooked(top.why());
        }
        return new QueryGuard(true, remark(), before.size(), worseOff(clone, verdict -> verdict));
    }

    /**
     * Once more, when the old name is gone.
     *
     * @param halfway what was found where both names work, which comes back with what is new
     */
    public QueryGuard afterContract(Connection clone, QueryGuard halfway) throws SQLException {
        if (!halfway.looked()) {
            return halfway;
        }
        List<QueryChange> changes = new ArrayList<>(halfway.changes());
        changes.addAll(worseOff(clone, Verdict::afterContract));
        return new QueryGuard(true, halfway.why(), halfway.queries(), changes);
    }

    /** Those that were not yet when this was asked before. */
    private List<QueryChange> worseOff(Connection clone, UnaryOperator<Verdict> when) throws SQLException {
        QueryPlans plans = new QueryPlans(clone);
        List<QueryChange> changes = new ArrayList<>();
        for (Map.Entry<TopQueries.Query, QueryPlan> one : before.entrySet()) {
            if (told.contains(one.getKey())) {
                continue;
            }
            Optional<Verdict> verdict = compare(one.getValue(), plans.of(one.getKey()), hasRows);
            if (verdict.isPresent()) {
                told.add(one.getKey());
                changes.add(change(one.getKey(), when.apply(verdict.get())));
            }
        }
        return changes;
    }

    private @Nullable String remark() {
        List<String> remarks = new ArrayList<>();
        if (top.why() != null) {
            remarks.add(top.why());
        }
        if (notPlanned > 0) {
            remarks.add(notPlanned + " queries on the tables of the plan could not be planned on the clone before the change"
                    + " (what they name is not there, or only on a search_path that their session sets, or the types of"
                    + " their parameters cannot be told)");
        }
        if (!hasRows) {
            remarks.add("the clone has not all rows, so that only failures are seen, and no lost index");
        }
        return remarks.isEmpty() ? null : String.join("; ", remarks);
    }

    private static QueryChange change(TopQueries.Query query, Verdict verdict) {
        String text = query.text().replaceAll("\\s+", " ").strip();
        return new QueryChange(
                text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...",
                query.calls(),
                query.meanMillis(),
                verdict.effect(),
                verdict.what());
    }

    /** What has become of a query. */
    record Verdict(Effect effect, String what) {
        Verdict afterContract() {
            return new Verdict(
                    effect == Effect.FAILS ? Effect.FAILS_AFTER_CONTRACT : effect,
                    what + "; as long as both names work it is no worse off");
        }
    }

    /** Empty where it is no worse off. */
    static Optional<Verdict> compare(QueryPlan before, QueryPlan after, boolean hasRows) {
        if (after.failure() != null) {
            return Optional.of(new Verdict(Effect.FAILS, "the server refuses it after the change: " + after.failure()));
        }
        Set<String> read = new TreeSet<>(after.read());
        read.removeAll(before.read());
        Set<String> lost = new TreeSet<>(before.indexes());
        lost.removeAll(after.indexes());
        boolean felt = hasRows && after.cost() > before.cost() * MANY_TIMES && after.cost() - before.cost() > FELT;
        String costs =
                String.format(Locale.ROOT, "; the planner's cost goes from %.0f to %.0f", before.cost(), after.cost());
        if (felt && !read.isEmpty() && !lost.isEmpty()) {
            return Optional.of(new Verdict(
                    Effect.INDEX_LOST,
                    "it reads all of " + String.join(", ", read) + " after the change, where it used "
                            + String.join(", ", lost) + costs));
        }
        return felt
                ? Optional.of(new Verdict(Effect.COSTLIER, "it costs many times as much" + costs))
                : Optional.empty();
    }
}
