package dev.fermata.execution.backup;

import dev.fermata.postgres.catalog.CanonicalOutput;
import dev.fermata.postgres.catalog.QualifiedName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which tables hold the rows, what is in them, and what hangs on them beyond the schema. */
final class SourceTables {
    /** With partitions and inheriting tables at every depth; only ordinary tables hold rows. */
    private static final String BELOW = """
        WITH RECURSIVE wanted AS (
          SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN unnest(?::text[], ?::text[]) AS w (schema, name) ON w.schema = n.nspname AND w.name = c.relname
          UNION
          SELECT i.inhrelid FROM pg_inherits i JOIN wanted w ON w.oid = i.inhparent
        )
        """;

    private static final String ROWS = """
        SELECT n.nspname, c.relname, pg_table_size(c.oid), a.attname, format_type(a.atttypid, a.atttypmod),
               a.attgenerated <> ''
        FROM wanted w JOIN pg_class c ON c.oid = w.oid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND a.attname !~ '^fermata_attic_'
        WHERE c.relkind = 'r'
        ORDER BY n.nspname, c.relname, a.attnum
        """;

    /** Keys of tables with rows to tables that are not kept, all of them or in part; as {@code SchemaScript} writes them. */
    private static final String UNCHECKED_KEYS = """
        SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname,
                      pg_get_constraintdef(k.oid))
        FROM pg_constraint k JOIN pg_class AS c ON c.oid = k.conrelid AND c.relkind = '%kind'
        WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conname !~ '^fermata_attic_'
          AND (k.conrelid IN (SELECT oid FROM wanted)
            OR EXISTS (SELECT FROM pg_partition_tree(k.conrelid) t WHERE t.relid IN (SELECT oid FROM wanted)))
          AND (k.confrelid NOT IN (SELECT oid FROM wanted)
            AND NOT EXISTS (SELECT FROM pg_partition_tree(k.confrelid))
            OR EXISTS (SELECT FROM pg_partition_tree(k.confrelid) t
                       WHERE t.isleaf AND t.relid NOT IN (SELECT oid FROM wanted)))
        ORDER BY 1
        """;

    private static final String OWNERSHIP = """
        , kept AS (
          SELECT c.* FROM pg_class c WHERE c.oid IN (SELECT oid FROM wanted) AND c.relkind IN ('r', 'p')
          UNION ALL
          SELECT s.* FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
          WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
            AND d.refobjid IN (SELECT oid FROM wanted) AND d.deptype IN ('a', 'i') AND s.relname !~ '^fermata_attic_'
        )
        SELECT format('ALTER TABLE %s OWNER TO %I', k.oid::regclass, pg_get_userbyid(k.relowner))
        FROM kept k WHERE k.relkind <> 'S'
        UNION ALL
        SELECT format('GRANT %s ON %s %s TO %s%s', x.privilege_type,
                      CASE k.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, k.oid::regclass,
                      CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
                      CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM kept k CROSS JOIN aclexplode(k.relacl) x WHERE x.grantee <> k.relowner
        UNION ALL
        SELECT format('GRANT %s (%I) ON TABLE %s TO %s%s', x.privilege_type, a.attname, k.oid::regclass,
                      CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
                      CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM kept k JOIN pg_attribute a ON a.attrelid = k.oid CROSS JOIN aclexplode(a.attacl) x
        WHERE x.grantee <> k.relowner AND a.attname !~ '^fermata_attic_'
        """;

    private static final String ALL = """
        SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|fermata_attic)'
          AND n.nspname NOT IN ('information_schema', 'fermata')
          AND c.relpersistence <> 't'
          AND NOT EXISTS (SELECT FROM pg_depend e
                          WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
        """;

    private final Connection connection;
    private final List<QualifiedName> wanted;

    /** A table that holds rows, biggest first in lists. */
    record Source(QualifiedName name, long bytes, List<BackupManifest.Column> columns) {
        /** Generated columns are in no file; a table of nothing else takes no list. */
        String copy() {
            List<String> stored = columns.stream()
                    .filter(column -> !column.generated())
                    .map(column -> QualifiedName.quote(column.name()))
                    .toList();
            return "COPY " + name.sql() + (stored.isEmpty() ? "" : " (" + String.join(", ", stored) + ")");
        }
    }

    SourceTables(Connection connection, Collection<QualifiedName> wanted) {
        this.connection = connection;
        this.wanted = List.copyOf(wanted);
    }

    /** All tables of users; those of extensions, the ledger and the attic are not. */
    static SourceTables all(Connection connection) throws SQLException {
        List<QualifiedName> names = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(ALL);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                names.add(new QualifiedName(rows.getString(1), rows.getString(2)));
            }
        }
        return new SourceTables(connection, names);
    }

    List<Source> withRows() throws SQLException {
        return CanonicalOutput.reading(connection, () -> {
            Map<QualifiedName, Source> tables = new LinkedHashMap<>();
            try (PreparedStatement select = prepare(ROWS);
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    QualifiedName name = new QualifiedName(rows.getString(1), rows.getString(2));
                    long bytes = rows.getLong(3);
                    Source table = tables.computeIfAbsent(name, n -> new Source(n, bytes, new ArrayList<>()));
                    String column = rows.getString(4);
                    if (column != null) {
                        table.columns().add(new BackupManifest.Column(column, rows.getString(5), rows.getBoolean(6)));
                    }
                }
            }
            return tables.values().stream()
                    .sorted(Comparator.comparingLong(Source::bytes).reversed().thenComparing(Source::name))
                    .toList();
        });
    }

    List<String> uncheckedKeys() throws SQLException {
        return CanonicalOutput.reading(connection, () -> column(UNCHECKED_KEYS.replace("%kind", "r")));
    }

    /** The same of partitioned tables. */
    List<String> leftOutKeys() throws SQLException {
        return CanonicalOutput.reading(connection, () -> column(UNCHECKED_KEYS.replace("%kind", "p")));
    }

    List<String> ownership() throws SQLException {
        return CanonicalOutput.reading(connection, () -> column(OWNERSHIP));
    }

    private List<String> column(String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (PreparedStatement select = prepare(query);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return List.copyOf(values);
    }

    private PreparedStatement prepare(String query) throws SQLException {
        PreparedStatement select = connection.prepareStatement(BELOW + query);
        select.setArray(
                1,
                connection.createArrayOf(
                        "text", wanted.stream().map(QualifiedName::schema).toArray()));
        select.setArray(
                2,
                connection.createArrayOf(
                        "text", wanted.stream().map(QualifiedName::name).toArray()));
        return select;
    }
}
