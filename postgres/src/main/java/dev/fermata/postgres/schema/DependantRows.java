package dev.fermata.postgres.schema;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Dependant.Certainty;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What depends on relations: by the catalog where it knows, by the text of functions where it does not. */
final class DependantRows {
    private static final Pattern WORD = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_$]*");

    /** One row for each dependant and relation, with the columns that it uses. */
    private static final String QUERY = """
        , used AS (
          SELECT d.classid, d.objid, d.refobjid, array_remove(array_agg(DISTINCT a.attname::text), NULL) AS columns
          FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid JOIN user_schema s ON s.oid = t.relnamespace
            LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid AND d.refobjsubid > 0
          WHERE d.refclassid = 'pg_class'::regclass AND d.classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass,
              'pg_attrdef'::regclass, 'pg_proc'::regclass, 'pg_class'::regclass)
          GROUP BY 1, 2, 3)
        SELECT CASE v.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'rule' END AS kind,
               CASE WHEN v.relkind IN ('v', 'm') THEN quote_ident(vs.nspname) || '.' || quote_ident(v.relname)
                 ELSE w.rulename || ' on ' || quote_ident(vs.nspname) || '.' || quote_ident(v.relname) END AS name, u.refobjid, u.columns
        FROM used u JOIN pg_rewrite w ON w.oid = u.objid AND u.classid = 'pg_rewrite'::regclass
          JOIN pg_class v ON v.oid = w.ev_class JOIN pg_namespace vs ON vs.oid = v.relnamespace
        WHERE v.oid <> u.refobjid OR v.relkind NOT IN ('v', 'm')
        UNION ALL
        SELECT 'policy', p.polname || ' on ' || quote_ident(ts.nspname) || '.' || quote_ident(t.relname), u.refobjid, u.columns
        FROM used u JOIN pg_policy p ON p.oid = u.objid AND u.classid = 'pg_policy'::regclass
          JOIN pg_class t ON t.oid = p.polrelid JOIN pg_namespace ts ON ts.oid = t.relnamespace
        UNION ALL
        SELECT CASE WHEN a.attgenerated <> '' THEN 'generated column' ELSE 'default' END,
               quote_ident(ts.nspname) || '.' || quote_ident(t.relname) || '.' || quote_ident(a.attname), u.refobjid, array_remove(u.columns, a.attname::text)
        FROM used u JOIN pg_attrdef d ON d.oid = u.objid AND u.classid = 'pg_attrdef'::regclass
          JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
          JOIN pg_class t ON t.oid = d.adrelid JOIN pg_namespace ts ON ts.oid = t.relnamespace
        WHERE d.adrelid <> u.refobjid OR array_remove(u.columns, a.attname::text) <> '{}'
        UNION ALL
        SELECT 'function', quote_ident(ps.nspname) || '.' || quote_ident(p.proname), u.refobjid, u.columns
        FROM used u JOIN pg_proc p ON p.oid = u.objid AND u.classid = 'pg_proc'::regclass
          JOIN pg_namespace ps ON ps.oid = p.pronamespace
        UNION ALL
        SELECT 'sequence', quote_ident(ss.nspname) || '.' || quote_ident(q.relname), u.refobjid, u.columns
        FROM used u JOIN pg_class q ON q.oid = u.objid AND u.classid = 'pg_class'::regclass AND q.relkind = 'S'
          JOIN pg_namespace ss ON ss.oid = q.relnamespace
        """;

    private DependantRows() {}

    static List<Dependant> read(Connection connection, Map<Long, Relation> relations, List<Routine> routines)
            throws SQLException {
        List<Dependant> dependants = new ArrayList<>();
        Rows.list(connection, SchemaReader.query(QUERY), row -> dependant(row, relations))
                .forEach(dependants::addAll);
        for (Relation relation : relations.values()) {
            relation.constraints().forEach(constraint -> foreignKey(constraint, dependants));
            relation.triggers()
                    .forEach(trigger -> dependants.add(new Dependant(
                            "trigger",
                            trigger.name() + " on " + trigger.table(),
                            relation.name(),
                            Set.of(),
                            Certainty.CATALOG)));
        }
        mentions(relations, routines, dependants);
        return dependants;
    }

    private static List<Dependant> dependant(ResultSet row, Map<Long, Relation> relations) throws SQLException {
        Relation relation = relations.get(row.getLong("refobjid"));
        return relation == null
                ? List.of()
                : List.of(new Dependant(
                        row.getString("kind"),
                        row.getString("name"),
                        relation.name(),
                        Set.copyOf(Rows.strings(row, "columns")),
                        Certainty.CATALOG));
    }

    private static void foreignKey(Constraint constraint, List<Dependant> dependants) {
        QualifiedName references = constraint.references();
        if (references != null) {
            dependants.add(new Dependant(
                    "foreign key",
                    constraint.name() + " on " + constraint.table(),
                    references,
                    Set.copyOf(constraint.referencedColumns()),
                    Certainty.CATALOG));
        }
    }

    /** A body in another language, or SQL as a string, is text to the server too: only the names in it tell. */
    private static void mentions(Map<Long, Relation> relations, List<Routine> routines, List<Dependant> dependants) {
        Map<String, List<Relation>> byName = new HashMap<>();
        relations.values().stream()
                .filter(relation -> relation.kind() != Relation.Kind.COMPOSITE_TYPE)
                .forEach(relation -> byName.computeIfAbsent(
                                relation.name().name().toLowerCase(Locale.ROOT), none -> new ArrayList<>())
                        .add(relation));
        for (Routine routine : routines) {
            Set<String> words = new HashSet<>();
            for (Matcher word = WORD.matcher(routine.body()); word.find(); ) {
                words.add(word.group().toLowerCase(Locale.ROOT));
            }
            for (String word : words) {
                for (Relation relation : byName.getOrDefault(word, List.of())) {
                    dependants.add(new Dependant(
                            "function",
                            routine.name().toString(),
                            relation.name(),
                            relation.columns().stream()
                                    .map(Column::name)
                                    .filter(column -> words.contains(column.toLowerCase(Locale.ROOT)))
                                    .collect(Collectors.toSet()),
                            Certainty.MENTIONED));
                }
            }
        }
    }
}
