package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Phase;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * CHECK, FOREIGN KEY and NOT NULL without reading the table under a lock that anybody waits for: first NOT VALID, then
 * VALIDATE in a transaction of its own (PostgreSQL documentation, ALTER TABLE, "Notes").
 */
final class ConstraintRewrite {
    /** The first version whose NOT NULL is a constraint that can be added NOT VALID. */
    static final int NOT_NULL_IS_A_CONSTRAINT = 18;

    /** The first version where a foreign key of a partitioned table can be. */
    static final int NOT_VALID_ON_PARTITIONED = 18;

    private ConstraintRewrite() {}

    /** ALTER TABLE ... ADD constraint. */
    static Optional<List<Draft>> added(Scene scene, QualifiedName table) {
        Map<String, String> added = scene.diff().added();
        List<ObjectName> constraints = added.keySet().stream()
                .map(ObjectName::of)
                .filter(name -> name.is("constraint"))
                .toList();
        if (constraints.size() != 1 || !scene.diff().removed().isEmpty()) {
            return Optional.empty();
        }
        ObjectName name = constraints.get(0);
        String definition = added.get("constraint " + name.sql());
        return definition == null || !name.relation().equals(Optional.of(table))
                ? Optional.empty()
                : drafts(scene, table, name.name(), definition);
    }

    static Optional<List<Draft>> drafts(Scene scene, QualifiedName table, String constraint, String definition) {
        if (definition.startsWith("CHECK") || definition.startsWith("FOREIGN KEY")) {
            boolean partitioned = scene.after()
                    .schema()
                    .relation(table)
                    .filter(relation -> relation.kind() == Relation.Kind.PARTITIONED_TABLE)
                    .isPresent();
            boolean cannotWait = partitioned
                    && definition.startsWith("FOREIGN KEY")
                    && scene.majorVersion() < NOT_VALID_ON_PARTITIONED;
            boolean nothingToValidate = definition.endsWith(" NOT VALID") || definition.endsWith(" NOT ENFORCED");
            return cannotWait || nothingToValidate
                    ? Optional.empty()
                    : Optional.of(List.of(
                            notValid("ALTER TABLE " + table.sql(), Sql.quote(constraint), definition),
                            validated("ALTER TABLE " + table.sql(), Sql.quote(constraint))));
        }
        return UniqueRewrite.drafts(scene, table, constraint, definition);
    }

    /** ALTER DOMAIN ... ADD CONSTRAINT: every column of the domain is read. */
    static Optional<List<Draft>> addedToDomain(Scene scene) {
        Map<String, String> added = scene.diff().added();
        if (added.size() != 1 || !scene.online()) {
            return Optional.empty();
        }
        ObjectName name = ObjectName.of(added.keySet().iterator().next());
        String definition = added.values().iterator().next();
        if (!name.is("constraint") || !definition.startsWith("CHECK") || definition.endsWith(" NOT VALID")) {
            return Optional.empty();
        }
        QualifiedName domain =
                new QualifiedName(name.parts().get(0), name.parts().get(1));
        String alter = "ALTER DOMAIN " + domain.sql();
        String constraint = Sql.quote(name.name());
        return Optional.of(List.of(
                notValid(alter, constraint, definition),
                isUsed(scene, domain)
                        ? Draft.transaction(
                                        Phase.EXPAND,
                                        "the rows of all tables with the domain are read while those who write to them"
                                                + " wait; there is no way that does less",
                                        Undo.by(),
                                        alter + " VALIDATE CONSTRAINT " + constraint)
                                .blocking()
                        : validated(alter, constraint)));
    }

    /** VALIDATE of a domain locks the tables SHARE. */
    private static boolean isUsed(Scene scene, QualifiedName domain) {
        return scene.before().schema().type(domain.schema(), domain.name()).stream()
                .flatMap(type -> type.usedBy().stream())
                .anyMatch(column -> !scene.isNew(column.table()));
    }

    /** @param alter {@code ALTER TABLE t} */
    private static Draft notValid(String alter, String name, String definition) {
        return Draft.transaction(
                Phase.EXPAND,
                "NOT VALID, so that no row is read under the lock; new rows are held to it from now on",
                Undo.by(alter + " DROP CONSTRAINT " + name),
                alter + " ADD CONSTRAINT " + name + " " + definition + " NOT VALID");
    }

    private static Draft validated(String alter, String name) {
        return Draft.transaction(
                Phase.EXPAND,
                "the rows that were there are read under a lock that nobody waits for",
                Undo.by(),
                alter + " VALIDATE CONSTRAINT " + name);
    }

    /** @param constraint that PostgreSQL 18 gives the column; empty for its usual name */
    static List<Draft> notNull(Scene scene, NotNull notNull, String constraint) {
        List<Draft> drafts = new ArrayList<>();
        if (scene.majorVersion() >= NOT_NULL_IS_A_CONSTRAINT) {
            String name = Sql.quote(constraint.isEmpty() ? usualName(scene, notNull) : constraint);
            drafts.add(Draft.transaction(
                    Phase.EXPAND,
                    "NOT VALID, so that no row is read under the lock; new rows are held to it from now on",
                    Undo.by(notNull.unset()),
                    Sql.alter(
                            notNull.table(),
                            "ADD CONSTRAINT " + name + " NOT NULL " + Sql.quote(notNull.column()) + " NOT VALID")));
            drafts.add(Draft.transaction(
                    Phase.EXPAND,
                    "the rows that were there are read under a lock that nobody waits for",
                    Undo.by(),
                    Sql.alter(notNull.table(), "VALIDATE CONSTRAINT " + name)));
            return drafts;
        }
        drafts.add(Draft.transaction(
                Phase.EXPAND,
                "a CHECK that is NOT VALID first, so that no row is read under the lock",
                Undo.by(notNull.drop()),
                notNull.add()));
        drafts.add(Draft.transaction(
                Phase.EXPAND,
                "the rows that were there are read under a lock that nobody waits for",
                Undo.by(),
                notNull.validate()));
        drafts.add(Draft.transaction(
                Phase.EXPAND,
                "the CHECK proves it, so that no row is read; it is not needed any more",
                Undo.by(notNull.unset()),
                notNull.set(),
                notNull.drop()));
        return drafts;
    }

    /** As the server called it, which cuts names that are too long in a way of its own. */
    private static String usualName(Scene scene, NotNull notNull) {
        return scene.after()
                .schema()
                .relation(notNull.table())
                .map(relation -> NotNull.name(relation, notNull.column()))
                .orElse(notNull.table().name() + "_" + notNull.column() + "_not_null");
    }

    /** ALTER TABLE ... ALTER COLUMN ... SET NOT NULL. */
    static Optional<List<Draft>> setNotNull(Scene scene, QualifiedName table, String column) {
        if (!scene.diff().removed().isEmpty()) {
            return Optional.empty();
        }
        String named = scene.diff().added().keySet().stream()
                .map(ObjectName::of)
                .filter(name -> name.is("constraint") && name.relation().equals(Optional.of(table)))
                .map(ObjectName::name)
                .findFirst()
                .orElse("");
        return Optional.of(notNull(scene, new NotNull(table, column), named));
    }
}
