package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.DEPENDS;
import static dev.fermata.postgres.lock.Likelihood.NO;
import static dev.fermata.postgres.lock.Likelihood.YES;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Relation;
import java.util.List;
import java.util.Set;

/**
 * Whether SET NOT NULL has to read the table: not if the column is so already, nor if a valid CHECK says it. Source:
 * NotNullImpliedByRelConstraints in tablecmds.c.
 */
final class NotNullProof {
    private NotNullProof() {}

    /** @param dropped constraints that the same statement drops */
    static Likelihood scans(Relation relation, String column, Set<String> dropped) {
        List<Constraint> constraints = relation.constraints().stream()
                .filter(constraint -> !dropped.contains(constraint.name()))
                .toList();
        boolean unproven = constraints.stream()
                .anyMatch(constraint -> constraint.kind() == Constraint.Kind.NOT_NULL
                        && constraint.columns().contains(column)
                        && !constraint.validated());
        if (!unproven && relation.column(column).map(Column::notNull).orElse(false)) {
            return NO;
        }
        Likelihood scans = YES;
        for (Constraint constraint : constraints) {
            if (constraint.kind() == Constraint.Kind.CHECK && constraint.validated() && constraint.enforced()) {
                String proof = "(" + QualifiedName.quote(column) + " IS NOT NULL)";
                if (constraint.definition().contains(proof)) {
                    boolean certain = !constraint.definition().contains(" OR ")
                            && !constraint.definition().contains("NOT (")
                            && !constraint.definition().contains("CASE ");
                    scans = scans == NO || certain ? NO : DEPENDS;
                }
            }
        }
        return scans;
    }
}
