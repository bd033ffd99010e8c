package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.OPERATION;

import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.lock.Coverage;
import java.util.List;
import java.util.stream.Stream;

/** What cannot be judged, and is said to be so. */
final class UnknownRules {
    private static final Rule UNKNOWN_LOCK = Rule.named("unknown-lock", OPERATION)
            .severity(RiskLevel.HIGH)
            .what("It is not known which locks the statement takes.")
            .why("Unknown is never safe: it may block reads and writes for any time.")
            .safer("write what it does as plain statements, which can be looked at.")
            .fires("DO $$ BEGIN EXECUTE 'ALTER TABLE orders ADD COLUMN a int'; END $$")
            .passes("CREATE TABLE fresh (id int)")
            .manual("sql-do.html")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.profile().coverage() == Coverage.UNKNOWN && !DestructiveRules.isForbidden(one))
                    .map(one -> Hit.of(
                            "it is not known which locks " + one.profile().description() + " takes")));

    static final List<Rule> ALL = List.of(UNKNOWN_LOCK);

    private UnknownRules() {}
}
