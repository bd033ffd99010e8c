package dev.fermata.acceptance.corpora;

import dev.fermata.acceptance.corpora.Corpus.Migration;
import dev.fermata.acceptance.corpora.Tally.Count;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.step.StepFailedException;
import dev.fermata.execution.verify.CatalogComparison;
import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.parser.SqlParser;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes one project's migrations through two databases, one by psql's way and one by Fermata's, and compares after each.
 * Where one way fails the other's database becomes a copy, so that the next migration finds both alike.
 */
final class CorpusRun {
    private static final int MOST_DIFFERENCES = 3;

    private final Databases databases;
    private final PlainSql plain;
    private final OnlineWay online;
    private final Tally tally;

    CorpusRun(Databases databases, SqlParser parser, Tally tally) {
        this.databases = databases;
        this.plain = new PlainSql(parser);
        this.online = new OnlineWay(parser);
        this.tally = tally;
    }

    void run(Corpus corpus, int limit) throws SQLException, InterruptedException {
        String name = "corpus_" + corpus.name().replace('-', '_');
        try (Databases.Database byPsql = databases.create(name + "_plain");
                Databases.Database byFermata = databases.create(name + "_online")) {
            int number = 0;
            CatalogSnapshot before = byPsql.catalog();
            for (Migration migration : corpus.migrations()
                    .subList(0, Math.min(limit, corpus.migrations().size()))) {
                before = order(++number, migration, byPsql, byFermata, before);
            }
        }
    }

    /** The catalog after it. */
    private CatalogSnapshot order(
            int number,
            Migration migration,
            Databases.Database byPsql,
            Databases.Database byFermata,
            CatalogSnapshot before)
            throws SQLException, InterruptedException {
        tally.add(Count.UPS);
        Optional<String> refused = plain.apply(migration.up(), byPsql);
        if (refused.isPresent()) {
            tally.note(migration.name(), "psql: " + refused.get());
            return before;
        }
        tally.add(Count.APPLIED);
        CatalogSnapshot after = byPsql.catalog();
        Then then = Then.COPY;
        try {
            then = byFermata(number, migration, byFermata, before, after);
        } catch (RuntimeException | SQLException e) {
            tally.add(Count.CRASHES);
            tally.note(migration.name(), "CRASH " + e + " at " + place(e));
        }
        authorsDown(migration, byPsql, before);
        if (then == Then.COPY
                || then == Then.APPLY && plain.apply(migration.up(), byFermata).isPresent()) {
            byPsql.replace(byFermata);
        }
        return after;
    }

    /** What makes both databases alike for the next migration. */
    private enum Then {
        NOTHING,
        APPLY,
        COPY
    }

    private static String place(Exception e) {
        return e.getStackTrace().length == 0 ? "" : e.getStackTrace()[0].toString();
    }

    private Then byFermata(
            int number, Migration migration, Databases.Database database, CatalogSnapshot before, CatalogSnapshot after)
            throws SQLException, InterruptedException {
        Optional<Plan> plan = plan(number, migration, database);
        if (plan.isEmpty()) {
            return Then.APPLY;
        }
        tally.add(Count.PLANNED);
        try {
            online.run(plan.get(), Direction.FORWARD, database);
        } catch (StepFailedException e) {
            tally.add(Count.FAILED);
            tally.note(migration.name(), "fails: " + e.failure().message());
            return Then.COPY;
        }
        CatalogComparison found = compare(after, database.catalog());
        if (!found.differences().isEmpty()) {
            tally.add(Count.DIFFERENT);
            tally.note(migration.name(), "another catalog: " + found.differences());
            return Then.COPY;
        }
        tally.add(Count.EQUAL);
        boolean reordered = !found.columnOrder().isEmpty();
        if (reordered) {
            tally.add(Count.REORDERED);
        }
        boolean alike = plan.get().rollback().source() != Plan.Source.GENERATED
                || backAndForwardAgain(plan.get(), migration, database, before, after);
        return alike && !reordered ? Then.NOTHING : Then.COPY;
    }

    private boolean backAndForwardAgain(
            Plan plan, Migration migration, Databases.Database database, CatalogSnapshot before, CatalogSnapshot after)
            throws SQLException, InterruptedException {
        tally.add(Count.GENERATED);
        try {
            online.run(plan, Direction.BACK, database);
            List<String> left = notRestored(plan, compare(before, database.catalog()));
            tally.add(left.isEmpty() ? Count.RESTORED : Count.NOT_RESTORED);
            if (!left.isEmpty()) {
                tally.note(migration.name(), "the generated rollback leaves: " + left);
                return false;
            }
            online.run(plan, Direction.FORWARD, database);
        } catch (StepFailedException e) {
            tally.add(Count.NOT_RESTORED);
            tally.note(
                    migration.name(),
                    "back and forward again fails: " + e.failure().message());
            return false;
        }
        boolean same = compare(after, database.catalog()).differences().isEmpty();
        if (same) {
            tally.add(Count.REPEATED);
        } else {
            tally.note(migration.name(), "forward again leads elsewhere");
        }
        return same;
    }

    /** What the plan did not say would be left in another order. */
    private static List<String> notRestored(Plan plan, CatalogComparison found) {
        List<String> left = new ArrayList<>(found.differences());
        left.removeIf(line -> plan.leaves().stream()
                .anyMatch(
                        said -> line.startsWith(said + " is '") || line.equals(said + " is there and should not be")));
        found.columnOrder().stream()
                .map(table -> "table " + table)
                .filter(table -> !plan.leaves().contains(table))
                .forEach(table -> left.add(table + " has its columns in another order"));
        return left;
    }

    private static CatalogComparison compare(CatalogSnapshot expected, CatalogSnapshot is) {
        return CatalogComparison.of(expected.definitions(), is.definitions());
    }

    /** As it is written; else without BEGIN and COMMIT; else with the author's own way back. */
    private Optional<Plan> plan(int number, Migration migration, Databases.Database database) throws SQLException {
        if (migration.up().isBlank()) {
            tally.refused("empty-change"); // no work order can be made of it
            return Optional.empty();
        }
        PlanRefusedException refused;
        try {
            return Optional.of(online.plan(number, migration.up(), null, database));
        } catch (PlanRefusedException e) {
            refused = e;
        }
        Optional<String> bare = plain.withoutTransactionControl(migration.up());
        if (bare.isPresent()) {
            try {
                Plan plan = online.plan(number, bare.get(), null, database);
                tally.add(Count.UNWRAPPED);
                return Optional.of(plan);
            } catch (PlanRefusedException e) {
                refused = e;
            }
        }
        if (migration.down() != null) {
            try {
                Plan plan = online.plan(
                        number,
                        bare.orElse(migration.up()),
                        plain.withoutTransactionControl(migration.down()).orElse(migration.down()),
                        database);
                tally.add(Count.WITH_DOWN);
                return Optional.of(plan);
            } catch (PlanRefusedException e) {
                if (!e.failure().code().equals("empty-rollback")) { // else the reason is the one before
                    refused = e;
                }
            }
        }
        tally.refused(refused.failure().code());
        tally.note(migration.name(), "refused: " + refused.failure().message());
        return Optional.empty();
    }

    private void authorsDown(Migration migration, Databases.Database applied, CatalogSnapshot before)
            throws SQLException {
        if (migration.down() == null) {
            return;
        }
        tally.add(Count.DOWNS);
        Optional<CatalogSnapshot> there = plain.tryOut(migration.down(), applied);
        if (there.isEmpty()) {
            there = onCopy(migration, migration.down(), applied);
        }
        if (there.isPresent()) {
            List<String> left = differences(before, there.get());
            tally.add(left.isEmpty() ? Count.INVERSES : Count.NO_INVERSES);
            if (!left.isEmpty()) {
                tally.note(migration.name(), "the author's down leaves: " + left);
            }
        }
    }

    private Optional<CatalogSnapshot> onCopy(Migration migration, String down, Databases.Database applied)
            throws SQLException {
        try (Databases.Database clone = applied.copy("_down")) {
            Optional<String> refused = plain.apply(down, clone);
            if (refused.isEmpty()) {
                return Optional.of(clone.catalog());
            }
            tally.add(Count.DOWNS_FAILED);
            tally.note(migration.name(), "the author's down fails: " + refused.get());
            return Optional.empty();
        }
    }

    private static List<String> differences(CatalogSnapshot expected, CatalogSnapshot is) {
        return CatalogDiff.between(expected, is).describe(MOST_DIFFERENCES);
    }
}
