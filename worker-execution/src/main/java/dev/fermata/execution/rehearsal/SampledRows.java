package dev.fermata.execution.rehearsal;

import dev.fermata.execution.rehearsal.SampleQuery.Reference;
import dev.fermata.execution.rehearsal.SampleQuery.Table;
import dev.fermata.postgres.catalog.CanonicalOutput;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.RowStream;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Some rows of each table, with the rows they refer to. */
final class SampledRows implements DumpClones.Rows {
    private static final String TABLES = """
        SELECT c.oid::bigint, n.nspname, c.relname,
               (SELECT array_agg(quote_ident(a.attname) ORDER BY a.attnum) FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                  AND a.attname !~ '^fermata_attic_'),
               (SELECT array_agg(quote_ident(a.attname) ORDER BY u.position)
                FROM pg_index i CROSS JOIN LATERAL unnest((i.indkey::int2[])[0:i.indnkeyatts - 1])
                  WITH ORDINALITY u (attnum, position)
                  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum
                WHERE i.indexrelid = (SELECT x.indexrelid FROM pg_index x
                                      WHERE x.indrelid = c.oid AND x.indisunique AND x.indisvalid AND x.indpred IS NULL
                                        AND x.indexprs IS NULL
                                        AND NOT EXISTS (SELECT FROM pg_attribute rests
                                                        WHERE rests.attrelid = x.indrelid AND rests.attnum = ANY (x.indkey)
                                                          AND rests.attname ~ '^fermata_attic_')
                                      ORDER BY x.indisprimary DESC, x.indexrelid LIMIT 1))
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|fermata_attic)'
          AND n.nspname NOT IN ('information_schema', 'fermata')
          AND NOT EXISTS (SELECT FROM pg_depend e
                          WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
        ORDER BY n.nspname, c.relname
        """;

    private static final String REFERENCES = """
        SELECT c.conrelid::bigint,
               (SELECT array_agg(quote_ident(a.attname) ORDER BY u.position)
                FROM unnest(c.conkey) WITH ORDINALITY u (attnum, position)
                  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.attnum),
               (SELECT array_agg(quote_ident(a.attname) ORDER BY u.position)
                FROM unnest(c.confkey) WITH ORDINALITY u (attnum, position)
                  JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = u.attnum),
               CASE r.relkind WHEN 'p'
                 THEN ARRAY(SELECT t.relid::oid::bigint FROM pg_partition_tree(r.oid) t WHERE t.isleaf)
                 ELSE ARRAY[r.oid::bigint] END
        FROM pg_constraint c JOIN pg_class r ON r.oid = c.confrelid JOIN pg_class k ON k.oid = c.conrelid
        WHERE c.contype = 'f' AND k.relkind = 'r' AND c.conname !~ '^fermata_attic_'
          AND NOT EXISTS (SELECT FROM pg_constraint x WHERE x.oid = c.conparentid AND x.conrelid = c.conrelid)
        ORDER BY c.conname
        """;

    private final int rows;

    /** @param rows at most, of each table */
    SampledRows(int rows) {
        this.rows = rows;
    }

    @Override
    public String kind() {
        return "sample";
    }

    @Override
    public CloneProvider.Extent extent() {
        return CloneProvider.Extent.SOME;
    }

    @Override
    public String describe() {
        return "a database beside the target with its schema and at most " + rows
                + " rows of each table, with the rows that they refer to";
    }

    @Override
    public List<String> copy(Connection source, Connection clone) throws SQLException {
        try (Statement statement = clone.createStatement()) {
            statement.execute("SET IntervalStyle = 'postgres'; SET DateStyle = 'ISO, YMD'");
        }
        String path = searchPath(source);
        return CanonicalOutput.reading(source, () -> {
            // The same rows each time a part is asked for; and the role's own operators, which citext's = may need.
            try (PreparedStatement set = source.prepareStatement("""
                SELECT set_config('synchronize_seqscans', 'off', true),
                       set_config('max_parallel_workers_per_gather', '0', true), set_config('search_path', ?, true)
                """)) {
                set.setString(1, path);
                set.execute();
            }
            List<Table> tables = tables(source);
            SampleQuery query = new SampleQuery(tables, rows);
            long copied = 0;
            List<QualifiedName> gone = new ArrayList<>();
            for (Table table : tables) {
                if (!table.columns().isEmpty()) {
                    String into = table.name().sql() + " (" + String.join(", ", table.columns()) + ")";
                    OptionalLong count = RowStream.copy(source, table.name(), "(" + query.of(table) + ")", clone, into);
                    copied += count.orElse(0);
                    if (count.isEmpty()) {
                        gone.add(table.name());
                    }
                }
            }
            List<String> notes = notes(copied, query);
            notes.addAll(DumpClones.gone(gone));
            return notes;
        });
    }

    private List<String> notes(long copied, SampleQuery query) {
        List<String> notes = new ArrayList<>();
        notes.add("the clone has a sample of the rows, " + copied + " in all: at most " + rows
                + " of each table, and only such as find the rows they refer to");
        if (!query.cut().isEmpty()) {
            notes.add("tables that refer to each other in a circle have only rows that do not refer: "
                    + String.join(", ", query.cut()));
        }
        if (!query.cutOff().isEmpty()) {
            notes.add("tables that refer to a table of an extension, whose rows are not copied, have only rows that do"
                    + " not refer: " + String.join(", ", query.cutOff()));
        }
        return notes;
    }

    @Override
    public List<String> finish(Connection source, Connection clone) throws SQLException {
        DumpClones.analyze(clone);
        return List.of();
    }

    private static String searchPath(Connection source) throws SQLException {
        try (PreparedStatement show = source.prepareStatement("SELECT current_setting('search_path')");
                ResultSet row = show.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    private static List<Table> tables(Connection source) throws SQLException {
        Map<Long, List<Reference>> references = references(source);
        List<Table> tables = new ArrayList<>();
        try (PreparedStatement select = source.prepareStatement(TABLES);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                long oid = rows.getLong(1);
                tables.add(new Table(
                        oid,
                        new QualifiedName(rows.getString(2), rows.getString(3)),
                        texts(rows.getArray(4)),
                        texts(rows.getArray(5)),
                        references.getOrDefault(oid, List.of())));
            }
        }
        return tables;
    }

    private static Map<Long, List<Reference>> references(Connection source) throws SQLException {
        Map<Long, List<Reference>> references = new HashMap<>();
        try (PreparedStatement select = source.prepareStatement(REFERENCES);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                Long[] parents = (Long[]) rows.getArray(4).getArray();
                references
                        .computeIfAbsent(rows.getLong(1), first -> new ArrayList<>())
                        .add(new Reference(texts(rows.getArray(2)), Arrays.asList(parents), texts(rows.getArray(3))));
            }
        }
        return references;
    }

    private static List<String> texts(@Nullable Array array) throws SQLException {
        return array == null ? List.of() : Arrays.asList((String[]) array.getArray());
    }
}
