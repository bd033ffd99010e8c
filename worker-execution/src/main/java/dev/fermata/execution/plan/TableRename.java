package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Phase;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * RENAME of a table under an application that does not know the new name yet: a view by the old name, which reads and writes
 * the table (PostgreSQL documentation, CREATE VIEW, "Updatable Views"), until nobody uses it any more.
 */
final class TableRename {
    /** From here on views can ask for the rights of whoever uses them (PostgreSQL 15 release notes). */
    private static final int SECURITY_INVOKER = 15;

    private TableRename() {}

    /** Why both names cannot work; empty where they can. */
    static String obstacle(Relation table) {
        return switch (table.kind()) {
            case TABLE, PARTITIONED_TABLE -> "";
            default -> "it is not a table";
        };
    }

    /** @param back what renames it back, as SQL */
    static List<Draft> drafts(Scene scene, Relation table, String newName, List<String> back) {
        QualifiedName old = table.name();
        QualifiedName now = new QualifiedName(old.schema(), newName);
        List<String> expand = new ArrayList<>();
        expand.add(scene.piece().sql());
        expand.add("CREATE VIEW " + old.sql()
                + (scene.majorVersion() >= SECURITY_INVOKER ? " WITH (security_invoker = true)" : "")
                + " AS SELECT "
                + table.columns().stream()
                        .map(column -> Sql.quote(column.name()))
                        .collect(Collectors.joining(", "))
                + " FROM " + now.sql()); // not what rests in the attic
        expand.addAll(Ownership.ofView(old, now, scene));
        table.columns()
                .forEach(column -> expand.addAll(
                        Ownership.ofColumn(old, Sql.quote(column.name()), Sql.quote(column.name()), scene)));
        List<String> undo = new ArrayList<>();
        undo.add("DROP VIEW IF EXISTS " + old.sql());
        undo.addAll(back);
        return List.of(
                Draft.transaction(
                        Phase.EXPAND,
                        "the new name, and a view by the old one that reads and writes the table: both names work",
                        Undo.by(undo.toArray(String[]::new)),
                        expand),
                Draft.transaction(
                                Phase.CONTRACT,
                                "nobody uses the old name any more: the view goes",
                                Undo.by(),
                                "DROP VIEW " + old.sql())
                        .waiting());
    }
}
