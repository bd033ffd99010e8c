package dev.fermata.execution.random;

import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.execution.rehearsal.Differences;
import dev.fermata.execution.step.PlanRunner;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A plan on one of two equal databases, and the statements as they are written on the other. */
final class Trial {
    private Trial() {}

    /** What does not come out the same, forward, and back compared with the start, a line each. */
    static List<String> of(Plan plan, List<String> statements, TestDatabase online, TestDatabase written)
            throws Exception {
        List<String> wrong = new ArrayList<>();
        TargetDatabase target = target(online);
        Scope scope = new Scope(plan.runId(), plan.revision(), 1, plan.digest());
        try (TargetSession session = TargetSession.takeOver(target, scope, Duration.ofSeconds(5), () -> {});
                Connection observer = target.open(Session.reader("observer"));
                Connection plain = target(written).open(Session.writer("plain"))) {
            Differences start = Differences.expecting(observer);
            List<String> rights = rights(observer, online);
            for (String sql : statements) {
                try (Statement statement = plain.createStatement()) {
                    statement.execute(sql);
                }
            }
            PlanRunner runner = new PlanRunner(plan, session, observer, new Silent(), new SplittableRandom(1));
            runner.forward();
            Differences.between(plain, observer).forEach(line -> wrong.add("forward: " + line));
            differences(rights(plain, written), rights(observer, online))
                    .forEach(line -> wrong.add("forward: " + line));
            runner.back();
            start.from(observer).forEach(line -> wrong.add("back: " + line));
            differences(rights, rights(observer, online)).forEach(line -> wrong.add("back: " + line));
        }
        return wrong;
    }

    /** Owners and grants, whatever the owner is called. */
    private static List<String> rights(Connection connection, TestDatabase database) throws SQLException {
        return CatalogSnapshot.read(connection).definitions().entrySet().stream()
                .filter(entry ->
                        entry.getKey().startsWith("owner of ") || entry.getKey().startsWith("grant on "))
                .map(entry -> (entry.getKey() + ": " + entry.getValue()).replace(database.user(), "OWNER"))
                .toList();
    }

    private static List<String> differences(List<String> expected, List<String> is) {
        List<String> differences = new ArrayList<>();
        expected.stream().filter(line -> !is.contains(line)).forEach(line -> differences.add("missing " + line));
        is.stream().filter(line -> !expected.contains(line)).forEach(line -> differences.add("too much " + line));
        return differences;
    }

    static TargetDatabase target(TestDatabase database) {
        return new TargetDatabase(new TargetAddress(
                "shop",
                RealPostgres.shared().host(),
                RealPostgres.shared().port(),
                database.name(),
                database.user(),
                Password.of(database.password()),
                "test"));
    }
}
