package dev.fermata.postgres.lock;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.ColumnName;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Dependant;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Policy;
import dev.fermata.postgres.schema.Publication;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.Routine;
import dev.fermata.postgres.schema.SchemaModel;
import dev.fermata.postgres.schema.Trigger;
import dev.fermata.postgres.schema.UserType;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what the effects of statements depend on, from the schema {@code public} alone. */
final class TestSchemaReader {
    interface Row<T> {
        T of(ResultSet r) throws SQLException;
    }

    private TestSchemaReader() {}

    private static <T> List<T> all(Connection c, String sql, Row<T> row) throws SQLException {
        List<T> list = new ArrayList<>();
        try (Statement s = c.createStatement();
                ResultSet r = s.executeQuery(sql)) {
            while (r.next()) {
                list.add(row.of(r));
            }
        }
        return list;
    }

    private static QualifiedName q(String name) {
        return new QualifiedName("public", name);
    }

    @SuppressWarnings("unchecked")
    private static List<String> list(ResultSet r, String column) throws SQLException {
        java.sql.Array array = r.getArray(column);
        return array == null ? List.of() : List.of((String[]) array.getArray());
    }

    static SchemaModel read(Connection c) throws SQLException {
        Map<String, List<Column>> columns = new HashMap<>();
        all(
                c,
                "select c.relname, a.attname, format_type(a.atttypid,a.atttypmod) t, a.attnotnull,"
                    + " pg_get_expr(d.adbin,d.adrelid) e, a.attgenerated g, a.attidentity i, case when"
                    + " a.attcollation<>ty.typcollation then co.collname end coll from pg_class c join pg_attribute a"
                    + " on a.attrelid=c.oid join pg_type ty on ty.oid=a.atttypid left join pg_collation co on"
                    + " co.oid=a.attcollation left join pg_attrdef d on d.adrelid=c.oid and d.adnum=a.attnum where"
                    + " c.relnamespace='public'::regnamespace and a.attnum>0 and not attisdropped and c.relkind in"
                    + " ('r','p','v','m','f','c') order by c.oid,attnum",
                r -> columns.computeIfAbsent(r.getString(1), k -> new ArrayList<>())
                        .add(new Column(
                                r.getString(2),
                                r.getString("t"),
                                r.getBoolean("attnotnull"),
                                r.getString("e"),
                                r.getString("g").equals("s")
                                        ? Column.Generated.STORED
                                        : r.getString("g").equals("v") ? Column.Generated.VIRTUAL : Column.Generated.NO,
                                r.getString("i").equals("a")
                                        ? Column.Identity.ALWAYS
                                        : r.getString("i").equals("d")
                                                ? Column.Identity.BY_DEFAULT
                                                : Column.Identity.NO,
                                r.getString("coll"))));
        Map<String, List<Index>> indexes = new HashMap<>();
        all(
                c,
                "select t.relname tab, i.relname idx, am.amname, x.indisunique u, x.indisprimary p, x.indisvalid v,"
                    + " array(select case when k=0 then '' else (select attname::text from pg_attribute where"
                    + " attrelid=t.oid and attnum=k) end from unnest(x.indkey) with ordinality o(k,n) where"
                    + " n<=x.indnkeyatts order by n) keys, array(select (select attname::text from pg_attribute where"
                    + " attrelid=t.oid and attnum=k) from unnest(x.indkey) with ordinality o(k,n) where"
                    + " n>x.indnkeyatts order by n) inc, pg_get_expr(x.indpred,x.indrelid) pred, con.conname,"
                    + " pg_get_indexdef(i.oid) def from pg_index x join pg_class i on i.oid=x.indexrelid join pg_class"
                    + " t on t.oid=x.indrelid join pg_am am on am.oid=i.relam left join pg_constraint con on"
                    + " con.conindid=i.oid and con.contype in ('p','u','x') where"
                    + " t.relnamespace='public'::regnamespace",
                r -> indexes.computeIfAbsent(r.getString(1), k -> new ArrayList<>())
                        .add(new Index(
                                q(r.getString(2)),
                                q(r.getString(1)),
                                r.getString(3),
                                r.getBoolean("u"),
                                r.getBoolean("p"),
                                r.getBoolean("v"),
                                list(r, "keys"),
                                list(r, "inc"),
                                r.getString("pred"),
                                r.getString("conname"),
                                r.getString("def"),
                                0,
                                0)));
        Map<String, List<Constraint>> constraints = new HashMap<>();
        boolean v18 = c.getMetaData().getDatabaseMajorVersion() >= 18;
        all(
                c,
                "select t.relname tab, k.conname, k.contype, array(select attname::text from unnest(k.conkey) with"
                    + " ordinality o(n,i) join pg_attribute a on a.attrelid=k.conrelid and a.attnum=o.n order by i)"
                    + " cols, f.relname ref, array(select attname::text from unnest(k.confkey) with ordinality o(n,i)"
                    + " join pg_attribute a on a.attrelid=k.confrelid and a.attnum=o.n order by i) refcols,"
                    + " pg_get_constraintdef(k.oid) def, convalidated, condeferrable, conparentid<>0 or not conislocal"
                    + " inh, "
                        + (v18 ? "conenforced" : "true")
                        + " enf from pg_constraint k join pg_class t on t.oid=k.conrelid left join pg_class f on"
                        + " f.oid=k.confrelid where t.relnamespace='public'::regnamespace and k.contype in"
                        + " ('p','u','c','f','x','n')",
                r -> constraints
                        .computeIfAbsent(r.getString(1), k -> new ArrayList<>())
                        .add(new Constraint(
                                r.getString(2),
                                switch (r.getString(3)) {
                                    case "p" -> Constraint.Kind.PRIMARY_KEY;
                                    case "u" -> Constraint.Kind.UNIQUE;
                                    case "c" -> Constraint.Kind.CHECK;
                                    case "f" -> Constraint.Kind.FOREIGN_KEY;
                                    case "x" -> Constraint.Kind.EXCLUSION;
                                    default -> Constraint.Kind.NOT_NULL;
                                },
                                q(r.getString(1)),
                                list(r, "cols"),
                                r.getString("ref") == null ? null : q(r.getString("ref")),
                                list(r, "refcols"),
                                r.getString("def"),
                                r.getBoolean("convalidated"),
                                r.getBoolean("enf"),
                                r.getBoolean("condeferrable"),
                                r.getBoolean("inh"))));
        Map<String, List<Trigger>> triggers = new HashMap<>();
        all(
                c,
                "select t.relname, g.tgname, p.proname, pg_get_triggerdef(g.oid) d from pg_trigger g join pg_class t"
                        + " on t.oid=g.tgrelid join pg_proc p on p.oid=g.tgfoid where not tgisinternal",
                r -> triggers.computeIfAbsent(r.getString(1), k -> new ArrayList<>())
                        .add(new Trigger(
                                r.getString(2), q(r.getString(1)), q(r.getString(3)), true, true, r.getString(4))));
        Map<String, List<Policy>> policies = new HashMap<>();
        all(
                c,
                "select t.relname, polname from pg_policy p join pg_class t on t.oid=polrelid",
                r -> policies.computeIfAbsent(r.getString(1), k -> new ArrayList<>())
                        .add(new Policy(r.getString(2), q(r.getString(1)), "ALL", "")));
        Map<String, List<QualifiedName>> parents = new HashMap<>();
        Map<String, List<QualifiedName>> children = new HashMap<>();
        all(
                c,
                "select a.relname, b.relname from pg_inherits join pg_class a on a.oid=inhrelid join pg_class b on"
                        + " b.oid=inhparent where a.relkind in ('r','p','f')",
                r -> {
                    parents.computeIfAbsent(r.getString(1), k -> new ArrayList<>())
                            .add(q(r.getString(2)));
                    return children.computeIfAbsent(r.getString(2), k -> new ArrayList<>())
                            .add(q(r.getString(1)));
                });
        List<Relation> relations = all(
                c,
                "select c.oid, c.relname, c.relkind, c.relpersistence, coalesce(am.amname,'') am,"
                    + " pg_get_expr(c.relpartbound,c.oid) b, case when c.relkind='p' then pg_get_partkeydef(c.oid) end"
                    + " k from pg_class c left join pg_am am on am.oid=c.relam where"
                    + " relnamespace='public'::regnamespace and relkind in ('r','p','v','m','S','f','c')",
                r -> new Relation(
                        r.getLong(1),
                        q(r.getString(2)),
                        switch (r.getString(3)) {
                            case "r" -> Relation.Kind.TABLE;
                            case "p" -> Relation.Kind.PARTITIONED_TABLE;
                            case "v" -> Relation.Kind.VIEW;
                            case "m" -> Relation.Kind.MATERIALIZED_VIEW;
                            case "S" -> Relation.Kind.SEQUENCE;
                            case "f" -> Relation.Kind.FOREIGN_TABLE;
                            default -> Relation.Kind.COMPOSITE_TYPE;
                        },
                        r.getString(4).equals("u") ? Relation.Persistence.UNLOGGED : Relation.Persistence.PERMANENT,
                        "o",
                        r.getString("am"),
                        null,
                        null,
                        columns.getOrDefault(r.getString(2), List.of()),
                        indexes.getOrDefault(r.getString(2), List.of()),
                        constraints.getOrDefault(r.getString(2), List.of()),
                        triggers.getOrDefault(r.getString(2), List.of()),
                        policies.getOrDefault(r.getString(2), List.of()),
                        parents.getOrDefault(r.getString(2), List.of()),
                        children.getOrDefault(r.getString(2), List.of()),
                        r.getString("b"),
                        r.getString("k"),
                        Relation.ReplicaIdentity.DEFAULT,
                        false,
                        List.of(),
                        null));
        List<Dependant> dependants = all(
                c,
                "select case v.relkind when 'v' then 'view' else 'materialized view' end k, 'public.'||v.relname n,"
                    + " t.relname t, array_remove(array_agg(distinct a.attname::text), null) cols from pg_depend d"
                    + " join pg_rewrite w on w.oid=d.objid and d.classid='pg_rewrite'::regclass join pg_class v on"
                    + " v.oid=w.ev_class join pg_class t on t.oid=d.refobjid and d.refclassid='pg_class'::regclass"
                    + " left join pg_attribute a on a.attrelid=t.oid and a.attnum=d.refobjsubid and d.refobjsubid>0"
                    + " where v.oid<>t.oid and v.relkind in ('v','m') and v.relnamespace='public'::regnamespace group"
                    + " by 1,2,3 union all select 'sequence','public.'||s.relname,t.relname,array[a.attname::text]"
                    + " from pg_depend d join pg_class s on s.oid=d.objid and s.relkind='S' join pg_class t on"
                    + " t.oid=d.refobjid join pg_attribute a on a.attrelid=t.oid and a.attnum=d.refobjsubid where"
                    + " d.classid='pg_class'::regclass and d.refclassid='pg_class'::regclass and d.deptype in"
                    + " ('a','i') union all select 'policy', p.polname::text, t.relname, array[a.attname::text] from"
                    + " pg_depend d join pg_policy p on p.oid=d.objid and d.classid='pg_policy'::regclass join"
                    + " pg_class t on t.oid=d.refobjid join pg_attribute a on a.attrelid=t.oid and"
                    + " a.attnum=d.refobjsubid where d.refobjsubid>0 union all select 'generated column',"
                    + " g.attname::text, t.relname, array[a.attname::text] from pg_depend d join pg_attrdef ad on"
                    + " ad.oid=d.objid and d.classid='pg_attrdef'::regclass join pg_attribute g on"
                    + " g.attrelid=ad.adrelid and g.attnum=ad.adnum join pg_class t on t.oid=d.refobjid and"
                    + " t.oid=ad.adrelid join pg_attribute a on a.attrelid=t.oid and a.attnum=d.refobjsubid where"
                    + " d.refobjsubid>0 and g.attgenerated<>'' and d.refobjsubid<>ad.adnum union all select 'rule',"
                    + " w.rulename::text, t.relname, array[]::text[] from pg_rewrite w join pg_class t on"
                    + " t.oid=w.ev_class where t.relkind='r' ",
                r -> new Dependant(
                        r.getString(1),
                        r.getString(2),
                        q(r.getString(3)),
                        Set.copyOf(list(r, "cols")),
                        Dependant.Certainty.CATALOG));
        List<UserType> types = all(
                c,
                "select t.typname, t.typtype, case when t.typbasetype<>0 then format_type(t.typbasetype,t.typtypmod)"
                    + " end b, array(select pg_get_constraintdef(oid) from pg_constraint where contypid=t.oid) || case"
                    + " when t.typnotnull then array['NOT NULL'] else array[]::text[] end cons, array(select"
                    + " c.relname||'.'||a.attname from pg_attribute a join pg_class c on c.oid=a.attrelid where"
                    + " a.atttypid=t.oid and c.relkind in ('r','p') and not attisdropped) used from pg_type t left"
                    + " join pg_class rc on rc.oid=t.typrelid where t.typnamespace='public'::regnamespace and"
                    + " (t.typtype in ('d','e') or rc.relkind='c')",
                r -> new UserType(
                        q(r.getString(1)),
                        switch (r.getString(2)) {
                            case "d" -> UserType.Kind.DOMAIN;
                            case "e" -> UserType.Kind.ENUM;
                            default -> UserType.Kind.COMPOSITE;
                        },
                        List.of(),
                        r.getString("b"),
                        list(r, "cons"),
                        list(r, "used").stream()
                                .map(one -> new ColumnName(q(one.split("\\.")[0]), one.split("\\.")[1]))
                                .toList()));
        List<Routine> routines = all(
                c,
                "select p.proname, l.lanname, p.provolatile, p.prosrc from pg_proc p join pg_language l on"
                        + " l.oid=p.prolang where pronamespace='public'::regnamespace",
                r -> new Routine(
                        q(r.getString(1)),
                        "",
                        r.getString(2),
                        switch (r.getString(3)) {
                            case "i" -> Routine.Volatility.IMMUTABLE;
                            case "s" -> Routine.Volatility.STABLE;
                            default -> Routine.Volatility.VOLATILE;
                        },
                        false,
                        List.of(),
                        "o",
                        r.getString(4)));
        List<Publication> publications = all(
                c,
                "select pubname, array(select c.relname::text from pg_publication_rel r join pg_class c on"
                        + " c.oid=r.prrelid where r.prpubid=p.oid) tabs from pg_publication p",
                r -> {
                    Map<QualifiedName, List<String>> tables = new HashMap<>();
                    list(r, "tabs").forEach(one -> tables.put(q(one), List.of()));
                    return new Publication(r.getString(1), false, List.of(), tables);
                });
        return new SchemaModel(List.of("public"), relations, types, routines, publications, dependants, Map.of());
    }
}
