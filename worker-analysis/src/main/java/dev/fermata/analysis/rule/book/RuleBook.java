package dev.fermata.analysis.rule.book;

import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.RuleSet;
import java.util.List;
import java.util.stream.Stream;

/** All rules that Fermata comes with. */
public final class RuleBook {
    private static final RuleSet STANDARD = new RuleSet(Stream.of(
                    IndexRules.ALL,
                    ConstraintRules.ALL,
                    MaintenanceRules.ALL,
                    PartitionRules.ALL,
                    RewriteRules.ALL,
                    TransactionRules.ALL,
                    DestructiveRules.ALL,
                    CompatibilityRules.ALL,
                    UnknownRules.ALL,
                    OperationRules.ALL,
                    OwnershipRules.ALL,
                    SecurityRules.ALL,
                    HygieneRules.ALL,
                    CrossChangeRules.ALL,
                    SituationRules.ALL,
                    ServerRules.ALL)
            .<Rule>flatMap(List::stream)
            .toList());

    private RuleBook() {}

    public static RuleSet standard() {
        return STANDARD;
    }
}
