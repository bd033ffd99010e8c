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
    private final Map<TopQueries.Query, Planned> before = new LinkedHashMap<>();
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

    /** @param searchPath that it was planned with */
    private record Planned(String searchPath, QueryPlan plan) {}

    /** What a query is to the plan. */
    private enum Bearing {
        ON_ITS_TABLES,
        ON_OTHERS,
        /** Nothing that it names is found. */
        ON_NOTHING
    }

    /**
     * Plans what touches the tables, on the clone as it is before the change: with the search_path of the role that ran it, or
     * where nothing is found there, as applications set one for their sessions, with that of ours.
     *
     * @param clone a session that nobody else uses
     */
    public void before(Connection clone) throws SQLException {
        SchemaModel schema = SchemaReader.read(clone);
        int version = clone.getMetaData().getDatabaseMajorVersion();
        QueryPlans plans = new QueryPlans(clone);
        String own = plans.searchPath();
        Map<String, SchemaModel> searched = new HashMap<>(Map.of(own, schema));
        for (TopQueries.Query query : top.queries()) {
            for (String path : query.searchPath() == null ? List.of(own) : List.of(query.searchPath(), own)) {
                SchemaModel asItSees = searched.get(path);
                if (asItSees == null) {
                    asItSees = schema.searchedIn(plans.searched(path));
                    searched.put(path, asItSees);
                }
                Bearing bearing = bearing(query.text(), version, asItSees);
                if (bearing == Bearing.ON_ITS_TABLES) {
                    plan(query, path, plans);
                }
                if (bearing != Bearing.ON_NOTHING) {
                    break;
                }
            }
        }
    }

    private void plan(TopQueries.Query query, String path, QueryPlans plans) throws SQLException {
        QueryPlan plan = plans.of(query.text(), path);
        if (plan.failure() == null) {
            before.put(query, new Planned(path, plan));
        } else {
            notPlanned++;
        }
    }

    private Bearing bearing(String query, int version, SchemaModel schema) {
        try {
            var statements = parser.parseScript(query);
            if (statements.size() != 1 || !KINDS.contains(statements.getFirst().kind())) {
                return Bearing.ON_OTHERS;
            }
            var relations = EffectsModel.of(statements.getFirst(), Optional.empty(), version, schema)
                    .relations();
            if (relations.isEmpty()) {
                return Bearing.ON_NOTHING;
            }
            return relations.stream().anyMatch(effect -> tables.contains(effect.relation()))
                    ? Bearing.ON_ITS_TABLES
                    : Bearing.ON_OTHERS;
        } catch (SqlInputException e) {
            // A text that the server has cut off is no query any more.
            return Bearing.ON_OTHERS;
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
        for (Map.Entry<TopQueries.Query, Planned> one : before.entrySet()) {
            if (told.contains(one.getKey())) {
                continue;
            }
            Planned was = one.getValue();
            Optional<Verdict> verdict =
                    compare(was.plan(), plans.of(one.getKey().text(), was.searchPath()), hasRows);
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
            remarks.add(notPlanned
                    + " queries on the tables of the plan could not be planned on the clone before the change"
                    + " (something that they name is not there, or the types of their parameters cannot be told)");
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
