package dev.fermata.execution.fault;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;

/** What a worker is told to do; one line of JSON on its standard input. */
record Job(
        String host,
        int port,
        String database,
        String user,
        String password,
        Plan plan,
        Direction direction,
        long epoch) {

    TargetDatabase target() {
        return new TargetDatabase(
                new TargetAddress(plan.runId().target(), host, port, database, user, Password.of(password), "test"));
    }

    Scope scope() {
        return new Scope(plan.runId(), plan.revision(), epoch, plan.digest());
    }
}
