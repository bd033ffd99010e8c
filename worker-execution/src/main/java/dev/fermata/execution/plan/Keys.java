package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Batching.KeyColumn;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** By which key a table is gone through in ranges. */
final class Keys {
    static final int ROWS_PER_BATCH = 5_000;

    private Keys() {}

    /** The columns of the primary key as it is before the piece; none for a table without, or one whose heirs have their own. */
    static List<KeyColumn> of(Scene scene, QualifiedName table) {
        Optional<Relation> relation = scene.relation(table);
        if (relation.isEmpty() || hasHeirs(scene, table)) {
            return List.of();
        }
        return relation.get().constraints().stream()
                .filter(constraint -> constraint.kind() == Constraint.Kind.PRIMARY_KEY)
                .findFirst()
                .map(key -> columns(relation.get(), key.columns()))
                .orElse(List.of());
    }

    /** Whether tables inherit from it that are no partitions: its keys are not theirs. */
    static boolean hasHeirs(Scene scene, QualifiedName table) {
        return scene.relation(table)
                .filter(relation -> relation.kind() == Relation.Kind.TABLE
                        && !relation.children().isEmpty())
                .isPresent();
    }

    private static List<KeyColumn> columns(Relation relation, List<String> names) {
        List<KeyColumn> columns = new ArrayList<>();
        for (String name : names) {
            String type = relation.column(name).map(Column::type).orElse("text");
            columns.add(new KeyColumn(Sql.quote(name), type));
        }
        return columns;
    }
}
