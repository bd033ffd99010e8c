package dev.fermata.postgres.schema;

import dev.fermata.postgres.catalog.CanonicalOutput;
import dev.fermata.postgres.catalog.QualifiedName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a {@link SchemaModel} from the catalog, with about fifteen queries whatever the size of the schema. A role
 * without rights on any table sees all of it: the catalog is readable for everybody.
 */
public final class SchemaReader {
    private static final String WITH = """
        WITH user_schema AS MATERIALIZED (
          SELECT n.oid, n.nspname
          FROM pg_namespace n
          WHERE n.nspname !~ '^(pg_|fermata_attic)' AND n.nspname NOT IN ('information_schema', 'fermata'))
        """;

    private static final String RELATIONS = """
        SELECT c.oid, s.nspname, c.relname, c.relkind::text, c.relpersistence::text, pg_get_userbyid(c.relowner) AS owner,
               coalesce(m.amname, '') AS method, ts.spcname, x.extname, pg_get_expr(c.relpartbound, c.oid) AS bound,
               CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key, c.relreplident::text,
               c.relrowsecurity, c.reloptions,
               CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS query
        FROM user_schema s JOIN pg_class c ON c.relnamespace = s.oid
          LEFT JOIN pg_am m ON m.oid = c.relam LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
          LEFT JOIN pg_depend e ON e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.objsubid = 0
            AND e.deptype = 'e'
          LEFT JOIN pg_extension x ON x.oid = e.refobjid
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
        ORDER BY s.nspname, c.relname
        """;

    private static final String ROUTINES = """
        SELECT s.nspname, p.proname, oidvectortypes(p.proargtypes) AS arguments, l.lanname, p.provolatile::text,
               p.prosecdef, p.proconfig, pg_get_userbyid(p.proowner) AS owner,
               CASE WHEN p.prokind = 'a' THEN '' ELSE coalesce(p.prosrc, '') END AS body
        FROM user_schema s JOIN pg_proc p ON p.pronamespace = s.oid JOIN pg_language l ON l.oid = p.prolang
        WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid
                            AND e.deptype IN ('e', 'i'))
        ORDER BY s.nspname, p.proname, 3
        """;

    private static final String TYPES = """
        SELECT t.oid, s.nspname, t.typname, t.typtype::text,
               CASE WHEN t.typbasetype <> 0 THEN format_type(t.typbasetype, t.typtypmod) END AS base,
               (SELECT array_agg(l.enumlabel::text ORDER BY l.enumsortorder) FROM pg_enum l WHERE l.enumtypid = t.oid)
                 AS labels,
               CASE WHEN t.typnotnull THEN ARRAY['NOT NULL'] ELSE '{}' END
                 || coalesce((SELECT array_agg(pg_get_constraintdef(k.oid) ORDER BY k.conname) FROM pg_constraint k
                              WHERE k.contypid = t.oid AND k.contype = 'c'), '{}') AS constraints
        FROM user_schema s JOIN pg_type t ON t.typnamespace = s.oid LEFT JOIN pg_class c ON c.oid = t.typrelid
        WHERE t.typtype IN ('e', 'd', 'c', 'r', 'b') AND (t.typrelid = 0 OR c.relkind = 'c')
          AND NOT EXISTS (SELECT FROM pg_type a WHERE a.typarray = t.oid)
        ORDER BY s.nspname, t.typname
        """;

    /** Columns of a user's type, also through arrays of it and domains over it. */
    private static final String USES = """
        WITH RECURSIVE step (part, whole) AS MATERIALIZED (
          SELECT typelem, oid FROM pg_type WHERE typelem <> 0
          UNION ALL SELECT typbasetype, oid FROM pg_type WHERE typbasetype <> 0),
        made (oid, of) AS (
          SELECT t.oid, t.oid
          FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class r ON r.oid = t.typrelid
          WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND t.typtype IN ('e', 'd', 'c', 'r', 'b')
            AND (t.typrelid = 0 OR r.relkind = 'c')
          UNION
          SELECT s.whole, m.of FROM made m JOIN step s ON s.part = m.oid)
        SELECT m.of, s.nspname, c.relname, a.attname
        FROM made m JOIN pg_attribute a ON a.atttypid = m.oid AND a.attnum > 0 AND NOT a.attisdropped
          JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace s ON s.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'm', 'f')
        ORDER BY m.of, s.nspname, c.relname, a.attnum
        """;

    private static final String PUBLICATIONS = """
        SELECT p.pubname, p.puballtables,
               (SELECT array_agg(n.nspname::text ORDER BY 1) FROM pg_publication_namespace x
                  JOIN pg_namespace n ON n.oid = x.pnnspid WHERE x.pnpubid = p.oid) AS schemas
        FROM pg_publication p ORDER BY p.pubname
        """;

    private static final String PUBLISHED = """
        SELECT p.pubname, n.nspname, c.relname,
               (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
                WHERE a.attrelid = x.prrelid AND a.attnum = ANY (x.prattrs::smallint[])) AS columns
        FROM pg_publication_rel x JOIN pg_publication p ON p.oid = x.prpubid JOIN pg_class c ON c.oid = x.prrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace
        """;

    private SchemaReader() {}

    static String query(String select) {
        return WITH + select;
    }

    /**
     * With autocommit on, all in one REPEATABLE READ READ ONLY transaction; otherwise inside the caller's, uncommitted
     * changes included. The search path is the session's own, with what it says of the user resolved.
     */
    public static SchemaModel read(Connection connection) throws SQLException {
        List<String> searchPath = Rows.list(
                        connection, "SELECT current_schemas(false)::text[] AS path", row -> Rows.strings(row, "path"))
                .getFirst();
        return CanonicalOutput.readingCatalog(connection, () -> read(connection, searchPath));
    }

    private static SchemaModel read(Connection connection, List<String> searchPath) throws SQLException {
        TableParts parts = TableParts.read(connection);
        Map<Long, Relation> relations = new LinkedHashMap<>();
        Rows.list(connection, query(RELATIONS), row -> relation(row, parts))
                .forEach(relation -> relations.put(relation.oid(), relation));
        List<Routine> routines = Rows.list(connection, query(ROUTINES), SchemaReader::routine);
        List<Dependant> dependants = new ArrayList<>(DependantRows.read(connection, relations, routines));
        List<Publication> publications = publications(connection);
        for (Publication publication : publications) {
            publication
                    .tables()
                    .forEach((table, columns) -> dependants.add(new Dependant(
                            "publication",
                            publication.name(),
                            table,
                            Set.copyOf(columns),
                            Dependant.Certainty.CATALOG)));
        }
        Map<String, String> extensions = new LinkedHashMap<>();
        Rows.list(
                connection,
                "SELECT extname, extversion FROM pg_extension ORDER BY extname",
                row -> extensions.put(row.getString(1), row.getString(2)));
        return new SchemaModel(
                searchPath, relations.values(), types(connection), routines, publications, dependants, extensions);
    }

    private static Relation relation(ResultSet row, TableParts parts) throws SQLException {
        long oid = row.getLong("oid");
        return new Relation(
                oid,
                new QualifiedName(row.getString("nspname"), row.getString("relname")),
                switch (row.getString("relkind")) {
                    case "r" -> Relation.Kind.TABLE;
                    case "p" -> Relation.Kind.PARTITIONED_TABLE;
                    case "v" -> Relation.Kind.VIEW;
                    case "m" -> Relation.Kind.MATERIALIZED_VIEW;
                    case "S" -> Relation.Kind.SEQUENCE;
                    case "f" -> Relation.Kind.FOREIGN_TABLE;
                    default -> Relation.Kind.COMPOSITE_TYPE;
                },
                switch (row.getString("relpersistence")) {
                    case "u" -> Relation.Persistence.UNLOGGED;
                    case "t" -> Relation.Persistence.TEMPORARY;
                    default -> Relation.Persistence.PERMANENT;
                },
                row.getString("owner"),
                row.getString("method"),
                row.getString("spcname"),
                row.getString("extname"),
                parts.columns().getOrDefault(oid, List.of()),
                parts.indexes().getOrDefault(oid, List.of()),
                parts.constraints().getOrDefault(oid, List.of()),
                parts.triggers().getOrDefault(oid, List.of()),
                parts.policies().getOrDefault(oid, List.of()),
                parts.parents().getOrDefault(oid, List.of()),
                parts.children().getOrDefault(oid, List.of()),
                row.getString("bound"),
                row.getString("partition_key"),
                switch (row.getString("relreplident")) {
                    case "n" -> Relation.ReplicaIdentity.NOTHING;
                    case "f" -> Relation.ReplicaIdentity.FULL;
                    case "i" -> Relation.ReplicaIdentity.INDEX;
                    default -> Relation.ReplicaIdentity.DEFAULT;
                },
                row.getBoolean("relrowsecurity"),
                Rows.strings(row, "reloptions"),
                row.getString("query"));
    }

    private static Routine routine(ResultSet row) throws SQLException {
        return new Routine(
                new QualifiedName(row.getString("nspname"), row.getString("proname")),
                row.getString("arguments"),
                row.getString("lanname"),
                switch (row.getString("provolatile")) {
                    case "i" -> Routine.Volatility.IMMUTABLE;
                    case "s" -> Routine.Volatility.STABLE;
                    default -> Routine.Volatility.VOLATILE;
                },
                row.getBoolean("prosecdef"),
                Rows.strings(row, "proconfig"),
                row.getString("owner"),
                row.getString("body"));
    }

    private static List<UserType> types(Connection connection) throws SQLException {
        Map<Long, List<ColumnName>> uses = Rows.byOid(
                connection,
                USES,
                row -> new ColumnName(
                        new QualifiedName(row.getString("nspname"), row.getString("relname")),
                        row.getString("attname")));
        return Rows.list(
                connection,
                query(TYPES),
                row -> new UserType(
                        new QualifiedName(row.getString("nspname"), row.getString("typname")),
                        switch (row.getString("typtype")) {
                            case "e" -> UserType.Kind.ENUM;
                            case "d" -> UserType.Kind.DOMAIN;
                            case "c" -> UserType.Kind.COMPOSITE;
                            case "r" -> UserType.Kind.RANGE;
                            default -> UserType.Kind.BASE;
                        },
                        Rows.strings(row, "labels"),
                        row.getString("base"),
                        Rows.strings(row, "constraints"),
                        uses.getOrDefault(row.getLong("oid"), List.of())));
    }

    /** Those of the database, without anything else. */
    public static List<Publication> publications(Connection connection) throws SQLException {
        Map<String, Map<QualifiedName, List<String>>> tables = new HashMap<>();
        Rows.list(
                connection, PUBLISHED, row -> tables.computeIfAbsent(row.getString("pubname"), none -> new HashMap<>())
                        .put(
                                new QualifiedName(row.getString("nspname"), row.getString("relname")),
                                Rows.strings(row, "columns")));
        return Rows.list(
                connection,
                PUBLICATIONS,
                row -> new Publication(
                        row.getString("pubname"),
                        row.getBoolean("puballtables"),
                        Rows.strings(row, "schemas"),
                        tables.getOrDefault(row.getString("pubname"), Map.of())));
    }
}
