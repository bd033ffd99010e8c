package dev.fermata.execution.plan;

import dev.fermata.contracts.Failure;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.parser.Statement;

/** Says of a statement why there is no plan with it. */
final class Refusals {
    private Refusals() {}

    static String describe(Statement statement) {
        return LockModel.profile(statement).description();
    }

    static PlanRefusedException of(Statement statement, String code, String message) {
        return new PlanRefusedException(Failure.of(
                        code, "statement " + (statement.index() + 1) + " (line " + statement.line() + "): " + message)
                .at(statement.index(), statement.line(), statement.column()));
    }
}
