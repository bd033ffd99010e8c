package dev.fermata.postgres.catalog;

import java.util.EnumSet;
import java.util.Set;

/**
 * How the server itself writes the DDL of each family of objects, in the order in which families are made where nothing
 * else decides. Each query gives: address ({@code pg_class 16384}; NULL for what nothing can depend on), name,
 * statement, and the addresses that the statement needs besides what {@code pg_depend} says (separated by commas, or
 * NULL).
 *
 * <p>Partitions and inheriting tables are made on their own and attached afterwards, so that their columns keep their
 * order. Columns that an inheriting table has from its parents alone come from a scaffold, which has them in their order and
 * goes when the parents are there: what the table lists itself would stay when a parent loses it.
 */
enum Recipe {
    SCHEMA(Phase.BEFORE_DATA, """
        SELECT 'pg_namespace ' || s.oid, s.name, 'CREATE SCHEMA IF NOT EXISTS ' || s.name, NULL
        FROM user_schema s
        WHERE MADE_BY_USER(pg_namespace, s.oid)
        """),

    EXTENSION(Phase.BEFORE_DATA, """
        SELECT 'pg_extension ' || x.oid, 'extension ' || quote_ident(x.extname),
               format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I VERSION %L', x.extname, n.nspname,
                 x.extversion), NULL
        FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace
        WHERE x.extname <> 'plpgsql'
        """),

    /**
     * Policies name roles, and a clone on another cluster has none; these cannot log in. Looked for first, as CREATE
     * ROLE asks for the right to make one before it sees that there is one.
     */
    ROLE_OF_POLICY(Phase.BEFORE_DATA, """
        SELECT DISTINCT 'pg_authid ' || a.oid, a.rolname,
               format('DO $do$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = %L) THEN '
                 'CREATE ROLE %I NOLOGIN; END IF; EXCEPTION WHEN duplicate_object THEN NULL; END $do$',
                 a.rolname, a.rolname),
               NULL
        FROM pg_policy p CROSS JOIN unnest(p.polroles) u JOIN pg_roles a ON a.oid = u
        WHERE a.rolname !~ '^pg_'
        """),

    COLLATION(Phase.BEFORE_DATA, """
        SELECT 'pg_collation ' || c.oid, c.collname,
               format('CREATE COLLATION %s.%I (%s)', s.name, c.collname, concat_ws(', ',
                 'provider = ' || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
                 'locale = ' || quote_literal(coalesce(j ->> 'colllocale', j ->> 'colliculocale')),
                 'lc_collate = ' || quote_literal(j ->> 'collcollate'),
                 'lc_ctype = ' || quote_literal(j ->> 'collctype'),
                 'rules = ' || quote_literal(j ->> 'collicurules'),
                 CASE WHEN NOT c.collisdeterministic THEN 'deterministic = false' END)), NULL
        FROM pg_collation c CROSS JOIN LATERAL to_jsonb(c) j JOIN user_schema s ON s.oid = c.collnamespace
        WHERE MADE_BY_USER(pg_collation, c.oid)
        """),

    TYPE(Phase.BEFORE_DATA, """
        SELECT 'pg_type ' || t.oid, t.oid::regtype::text,
               'CREATE TYPE ' || t.oid::regtype || ' AS ' || CASE t.typtype
                 WHEN 'e' THEN 'ENUM (' || coalesce((SELECT string_agg(quote_literal(l.enumlabel), ', '
                   ORDER BY l.enumsortorder)
                                            FROM pg_enum l WHERE l.enumtypid = t.oid), '') || ')'
                 WHEN 'c' THEN '(' || coalesce((SELECT string_agg(concat_ws(' ',
                                   quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
                                   CASE WHEN a.attcollation NOT IN (0, y.typcollation)
                                     THEN 'COLLATE ' || a.attcollation::regcollation END), ', ' ORDER BY a.attnum)
                                 FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
                                 WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '') || ')'
                 ELSE (SELECT 'RANGE (' || concat_ws(', ', 'subtype = ' || format_type(g.rngsubtype, NULL),
                          format('subtype_opclass = %I.%I', n.nspname, o.opcname),
                          'collation = ' || nullif(g.rngcollation, 0)::regcollation,
                          'subtype_diff = ' || nullif(g.rngsubdiff, 0)::regproc,
                          'multirange_type_name = ' || g.rngmultitypid::regtype) || ')'
                       FROM pg_range g JOIN pg_opclass o ON o.oid = g.rngsubopc JOIN pg_namespace n
                         ON n.oid = o.opcnamespace
                       WHERE g.rngtypid = t.oid) END, NULL
        FROM pg_type t JOIN user_schema s ON s.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
        WHERE (t.typtype = 'e' OR (t.typtype = 'c' AND c.relkind = 'c')
               OR (t.typtype = 'r' AND EXISTS (SELECT FROM pg_range g WHERE g.rngtypid = t.oid AND g.rngcanonical = 0)))
          AND MADE_BY_USER(pg_type, t.oid)
        """),

    DOMAIN(Phase.BEFORE_DATA, """
        SELECT 'pg_type ' || t.oid, t.oid::regtype::text,
               concat_ws(' ', 'CREATE DOMAIN', t.oid::regtype, 'AS', format_type(t.typbasetype, t.typtypmod),
                 CASE WHEN t.typcollation NOT IN (0, b.typcollation) THEN 'COLLATE '
                   || t.typcollation::regcollation END,
                 'DEFAULT ' || pg_get_expr(t.typdefaultbin, 0),
                 CASE WHEN t.typnotnull THEN 'NOT NULL' END), NULL
        FROM pg_type t JOIN user_schema s ON s.oid = t.typnamespace JOIN pg_type b ON b.oid = t.typbasetype
        WHERE t.typtype = 'd' AND MADE_BY_USER(pg_type, t.oid)
        """),

    SEQUENCE(Phase.BEFORE_DATA, """
        SELECT 'pg_class ' || r.oid, r.name,
               concat_ws(' ', CASE r.relpersistence WHEN 'u' THEN 'CREATE UNLOGGED SEQUENCE'
                 ELSE 'CREATE SEQUENCE' END, r.name,
                 'AS', format_type(q.seqtypid, NULL), 'INCREMENT BY', q.seqincrement, 'MINVALUE', q.seqmin,
                 'MAXVALUE', q.seqmax, 'START WITH', q.seqstart, 'CACHE', q.seqcache, CASE WHEN q.seqcycle
                   THEN 'CYCLE' END),
               NULL
        FROM user_relation r JOIN pg_sequence q ON q.seqrelid = r.oid
        WHERE NOT EXISTS (SELECT FROM pg_depend d
                          WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.deptype = 'i')
        """),

    FUNCTION(Phase.BEFORE_DATA, """
        SELECT 'pg_proc ' || f.oid, f.identity, f.definition, NULL FROM user_function f WHERE NOT f.restricted
        """),

    /** In C, with a support function, or with settings, of which some are a superuser's to give. */
    RESTRICTED_FUNCTION(Phase.BEFORE_DATA, """
        SELECT 'pg_proc ' || f.oid, f.identity, f.definition, NULL FROM user_function f WHERE f.restricted
        """),

    /** On its own, so that who may not say it has the function all the same. */
    LEAKPROOF(Phase.BEFORE_DATA, """
        SELECT NULL, 'LEAKPROOF of ' || f.identity, format('ALTER FUNCTION %s LEAKPROOF', f.oid::regprocedure),
               'pg_proc ' || f.oid
        FROM user_function f
        WHERE f.proleakproof
        """),

    AGGREGATE(Phase.BEFORE_DATA, """
        SELECT 'pg_proc ' || p.oid, p.oid::regprocedure::text,
               format('CREATE AGGREGATE %s.%I(%s) (%s)', s.name, p.proname,
                 CASE WHEN pg_get_function_arguments(p.oid) = '' THEN '*' ELSE pg_get_function_arguments(p.oid) END,
                 concat_ws(', ', 'SFUNC = ' || g.aggtransfn, 'STYPE = ' || format_type(g.aggtranstype, NULL),
                   'SSPACE = ' || nullif(g.aggtransspace, 0),
                   CASE WHEN g.aggfinalfn <> 0 THEN 'FINALFUNC = ' || g.aggfinalfn || ', FINALFUNC_MODIFY = '
                     || CASE g.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE'
                       ELSE 'READ_WRITE' END END,
                   CASE WHEN g.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
                   'COMBINEFUNC = ' || nullif(g.aggcombinefn::oid, 0)::regproc,
                   'SERIALFUNC = ' || nullif(g.aggserialfn::oid, 0)::regproc,
                   'DESERIALFUNC = ' || nullif(g.aggdeserialfn::oid, 0)::regproc,
                   'INITCOND = ' || quote_literal(g.agginitval),
                   CASE WHEN g.aggmtransfn <> 0 THEN concat_ws(', ', 'MSFUNC = ' || g.aggmtransfn, 'MINVFUNC = '
                     || g.aggminvtransfn,
                     'MSTYPE = ' || format_type(g.aggmtranstype, NULL), 'MSSPACE = ' || nullif(g.aggmtransspace, 0),
                     CASE WHEN g.aggmfinalfn <> 0 THEN 'MFINALFUNC = ' || g.aggmfinalfn || ', MFINALFUNC_MODIFY = '
                       || CASE g.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE'
                         ELSE 'READ_WRITE' END END,
                     CASE WHEN g.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
                     'MINITCOND = ' || quote_literal(g.aggminitval)) END,
                   (SELECT format('SORTOP = OPERATOR(%I.%s)', n.nspname, o.oprname)
                    FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE o.oid = g.aggsortop),
                   'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END,
                   CASE WHEN g.aggkind = 'h' THEN 'HYPOTHETICAL' END)), NULL
        FROM pg_proc p JOIN pg_aggregate g ON g.aggfnoid = p.oid JOIN user_schema s ON s.oid = p.pronamespace
        WHERE MADE_BY_USER(pg_proc, p.oid)
        """),

    /** Before tables: a domain that a column uses an array of cannot be altered. */
    DOMAIN_CONSTRAINT(Phase.BEFORE_DATA, """
        SELECT 'pg_constraint ' || k.oid, k.conname,
               format('ALTER DOMAIN %s ADD CONSTRAINT %I ', t.oid::regtype, k.conname)
                 || pg_get_constraintdef(k.oid), NULL
        FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid JOIN user_schema s ON s.oid = t.typnamespace
        WHERE k.contype = 'c' AND k.convalidated AND MADE_BY_USER(pg_type, t.oid)
        """),

    /**
     * An identity is written where the table has the sequence; partitions get theirs (17 and later) by being attached.
     */
    TABLE(Phase.BEFORE_DATA, """
        SELECT 'pg_class ' || r.oid, r.name,
               concat_ws(' ',
                 'CREATE TABLE ' || h.scaffold || ' (' || concat_ws(', ',
                   (SELECT string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
                        CASE WHEN a.attcollation NOT IN (0, t.typcollation) THEN 'COLLATE '
                          || a.attcollation::regcollation END,
                        CASE WHEN a.attnotnull AND NOT a.attislocal AND k.oid IS NULL THEN 'NOT NULL' END), ', '
                          ORDER BY a.attnum)
                    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                      LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'n'
                        AND k.conkey[1] = a.attnum
                    WHERE a.attrelid = r.oid AND a.attnum BETWEEN 1 AND h.last AND NOT a.attisdropped
                      AND a.attname !~ '^fermata_attic_'),
                   (SELECT string_agg(format('CONSTRAINT %I %s', k.conname,
                     pg_get_constraintdef(k.oid)), ', ' ORDER BY k.conname)
                    FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
                    WHERE k.conrelid = r.oid AND k.contype = 'n' AND k.convalidated AND NOT k.conislocal
                      AND a.attname !~ '^fermata_attic_')) || ');',
                 CASE r.relpersistence WHEN 'u' THEN 'CREATE UNLOGGED TABLE' ELSE 'CREATE TABLE' END, r.name,
                 '(' || concat_ws(', ',
                   (SELECT string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
                        CASE WHEN a.attcollation NOT IN (0, t.typcollation) THEN 'COLLATE '
                          || a.attcollation::regcollation END,
                        CASE WHEN a.attgenerated <> '' THEN 'GENERATED ALWAYS AS ('
                          || pg_get_expr(d.adbin, d.adrelid) || ') '
                             || CASE a.attgenerated WHEN 's' THEN 'STORED' ELSE 'VIRTUAL' END END,
                        (SELECT format('GENERATED %s AS IDENTITY (%s)',
                                  CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
                                  concat_ws(' ', 'SEQUENCE NAME', i.objid::regclass, 'INCREMENT BY', q.seqincrement,
                                    'MINVALUE', q.seqmin, 'MAXVALUE', q.seqmax, 'START WITH', q.seqstart, 'CACHE',
                                      q.seqcache,
                                    CASE WHEN q.seqcycle THEN 'CYCLE' END))
                         FROM pg_depend i JOIN pg_sequence q ON q.seqrelid = i.objid
                         WHERE i.classid = 'pg_class'::regclass AND i.refclassid = 'pg_class'::regclass
                           AND i.deptype = 'i'
                           AND i.refobjid = a.attrelid AND i.refobjsubid = a.attnum AND a.attidentity <> ''),
                        CASE WHEN a.attnotnull AND k.oid IS NULL THEN 'NOT NULL' END), ', ' ORDER BY a.attnum)
                    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                      LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'n'
                        AND k.conkey[1] = a.attnum
                    WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
                      AND (h.oid IS NULL OR a.attislocal) AND a.attname !~ '^fermata_attic_'),
                   (SELECT string_agg(format('CONSTRAINT %I %s', k.conname,
                     pg_get_constraintdef(k.oid)), ', ' ORDER BY k.conname)
                    FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
                    WHERE k.conrelid = r.oid AND k.contype = 'n' AND k.convalidated
                      AND (h.oid IS NULL OR k.conislocal) AND a.attname !~ '^fermata_attic_')) || ')',
                 'INHERITS (' || h.scaffold || ')',
                 'PARTITION BY ' || pg_get_partkeydef(r.oid),
                 'USING ' || quote_ident(am.amname),
                 'WITH (' || (SELECT string_agg(prefix || o.option_name || ' = '
                   || quote_literal(o.option_value), ', ' ORDER BY prefix)
                    FROM (VALUES ('', r.reloptions), ('toast.', (SELECT x.reloptions FROM pg_class x
                      WHERE x.oid = r.reltoastrelid)))
                         v (prefix, options) CROSS JOIN LATERAL pg_options_to_table(v.options) o) || ')'), NULL
        FROM user_relation r LEFT JOIN pg_am am ON am.oid = r.relam LEFT JOIN user_heir h ON h.oid = r.oid
        WHERE r.relkind IN ('r', 'p')
        """),

    TYPED_TABLE(Phase.BEFORE_DATA, """
        SELECT NULL, r.name, format('ALTER TABLE %s OF %s', r.name, r.reloftype::regtype), 'pg_class ' || r.oid
        FROM user_relation r
        WHERE r.reloftype <> 0
        """),

    COLUMN_STORAGE(Phase.BEFORE_DATA, """
        SELECT NULL, r.name || '.' || a.attname,
               format('ALTER TABLE ONLY %s %s', r.name, concat_ws(', ',
                 'ALTER COLUMN ' || quote_ident(a.attname) || ' SET STORAGE ' || CASE
                   WHEN a.attstorage <> t.typstorage THEN
                   CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN'
                     ELSE 'EXTENDED' END END,
                 'ALTER COLUMN ' || quote_ident(a.attname) || ' SET COMPRESSION '
                   || CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END,
                 'ALTER COLUMN ' || quote_ident(a.attname) || ' SET STATISTICS '
                   || CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END,
                 'ALTER COLUMN ' || quote_ident(a.attname) || ' SET ('
                   || (SELECT string_agg(o.option_name || ' = ' || quote_literal(o.option_value), ', ')
                       FROM pg_options_to_table(a.attoptions) o) || ')')), 'pg_class ' || r.oid
        FROM user_relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND a.attname !~ '^fermata_attic_'
          JOIN pg_type t ON t.oid = a.atttypid
        WHERE r.relkind IN ('r', 'p', 'm')
          AND (a.attstorage <> t.typstorage OR a.attcompression <> '' OR a.attstattarget >= 0
               OR a.attoptions IS NOT NULL)
        """),

    PARENT(Phase.BEFORE_DATA, """
        SELECT NULL, r.name,
               CASE WHEN r.relispartition
                 THEN format('ALTER TABLE ONLY %s ATTACH PARTITION %s %s', h.inhparent::regclass, r.name,
                             pg_get_expr(r.relpartbound, r.oid))
                 ELSE format('ALTER TABLE ONLY %s INHERIT %s', r.name, h.inhparent::regclass) END,
               'pg_class ' || r.oid || ',pg_class ' || h.inhparent
        FROM user_relation r JOIN pg_inherits h ON h.inhrelid = r.oid AND NOT h.inhdetachpending
        WHERE r.relkind IN ('r', 'p')
        ORDER BY h.inhseqno
        """),

    /** After {@link #PARENT}. */
    SCAFFOLD_GOES(Phase.BEFORE_DATA, """
        SELECT NULL, r.name,
               format('ALTER TABLE ONLY %s NO INHERIT %s; DROP TABLE %s', r.name, h.scaffold, h.scaffold),
               'pg_class ' || r.oid || (SELECT string_agg(',pg_class ' || i.inhparent, '') FROM pg_inherits i
                                        WHERE i.inhrelid = r.oid)
        FROM user_heir h JOIN user_relation r ON r.oid = h.oid
        """),

    VIEW(Phase.BEFORE_DATA, """
        SELECT 'pg_class ' || r.oid, r.name,
               concat_ws(' ', 'CREATE VIEW', r.name,
                 'WITH (' || (SELECT string_agg(o.option_name || ' = ' || quote_literal(o.option_value), ', ')
                              FROM pg_options_to_table(r.reloptions) o) || ')',
                 'AS', rtrim(pg_get_viewdef(r.oid), ';')), NULL
        FROM user_relation r
        WHERE r.relkind = 'v'
        """),

    DEFAULT(Phase.BEFORE_DATA, """
        SELECT 'pg_attrdef ' || d.oid, r.name || '.' || a.attname,
               format('ALTER TABLE ONLY %s ALTER COLUMN %I SET DEFAULT ', r.name, a.attname)
                 || pg_get_expr(d.adbin, d.adrelid),
               'pg_class ' || r.oid
        FROM pg_attrdef d JOIN user_relation r ON r.oid = d.adrelid
          JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attname !~ '^fermata_attic_'
        WHERE a.attgenerated = ''
        """),

    /** Before those of parents, which may be NOT VALID: they would come to the children as such, and not go by themselves. */
    CHECK_OF_HEIR(Phase.AFTER_DATA, """
        SELECT 'pg_constraint ' || k.oid, r.name || '.' || k.conname,
               format('ALTER TABLE %s ADD CONSTRAINT %I ', r.name, k.conname) || pg_get_constraintdef(k.oid), NULL
        FROM pg_constraint k JOIN user_relation r ON r.oid = k.conrelid
        WHERE k.coninhcount > 0 AND k.conislocal AND k.contype = 'c' AND k.conname !~ '^fermata_attic_'
        """),

    /** Those that are inherited alone come with the parent's. */
    CHECK(Phase.AFTER_DATA, """
        SELECT 'pg_constraint ' || k.oid, r.name || '.' || k.conname,
               format('ALTER TABLE %s ADD CONSTRAINT %I ', r.name, k.conname) || pg_get_constraintdef(k.oid), NULL
        FROM pg_constraint k JOIN user_relation r ON r.oid = k.conrelid
        WHERE k.coninhcount = 0 AND k.conname !~ '^fermata_attic_' AND (k.contype = 'c' OR (k.contype = 'n' AND NOT k.convalidated))
        """),

    UNPROVEN_DOMAIN_CONSTRAINT(Phase.AFTER_DATA, """
        SELECT 'pg_constraint ' || k.oid, k.conname,
               format('ALTER DOMAIN %s ADD CONSTRAINT %I ', t.oid::regtype, k.conname)
                 || pg_get_constraintdef(k.oid), NULL
        FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid JOIN user_schema s ON s.oid = t.typnamespace
        WHERE k.contype = 'c' AND NOT k.convalidated AND MADE_BY_USER(pg_type, t.oid)
        """),

    KEY(Phase.AFTER_DATA, """
        SELECT 'pg_constraint ' || k.oid, r.name || '.' || k.conname,
               format('ALTER TABLE ONLY %s ADD CONSTRAINT %I ', r.name, k.conname) || pg_get_constraintdef(k.oid), NULL
        FROM pg_constraint k JOIN user_relation r ON r.oid = k.conrelid
        WHERE k.contype IN ('p', 'u', 'x') AND k.conname !~ '^fermata_attic_'
        """),

    MATERIALIZED_VIEW(Phase.AFTER_DATA, """
        SELECT 'pg_class ' || r.oid, r.name,
               concat_ws(' ', 'CREATE MATERIALIZED VIEW', r.name, 'USING ' || quote_ident(am.amname),
                 'WITH (' || (SELECT string_agg(o.option_name || ' = ' || quote_literal(o.option_value), ', ')
                              FROM pg_options_to_table(r.reloptions) o) || ')',
                 'AS', rtrim(pg_get_viewdef(r.oid), ';'), CASE WHEN r.relispopulated THEN 'WITH DATA'
                   ELSE 'WITH NO DATA' END),
               NULL
        FROM user_relation r LEFT JOIN pg_am am ON am.oid = r.relam
        WHERE r.relkind = 'm'
        """),

    INDEX(Phase.AFTER_DATA, """
        SELECT 'pg_class ' || r.oid, r.name, pg_get_indexdef(r.oid), NULL
        FROM user_relation r JOIN pg_index i ON i.indexrelid = r.oid
        WHERE (r.relkind = 'I' OR (r.relkind = 'i' AND i.indisvalid))
          AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = r.oid AND k.contype IN ('p', 'u', 'x'))
        """),

    INDEX_SETTINGS(Phase.AFTER_DATA, """
        SELECT NULL, r.name, format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', r.name, a.attnum,
          a.attstattarget),
               'pg_class ' || r.oid
        FROM user_relation r JOIN pg_attribute a ON a.attrelid = r.oid
        WHERE r.relkind IN ('i', 'I') AND a.attstattarget >= 0
        UNION ALL
        SELECT NULL, r.name, format('ALTER INDEX %s SET (%s)', r.name,
                 (SELECT string_agg(o.option_name || ' = ' || quote_literal(o.option_value), ', ')
                  FROM pg_options_to_table(r.reloptions) o)), 'pg_class ' || r.oid
        FROM user_relation r JOIN pg_constraint k ON k.conindid = r.oid AND k.contype IN ('p', 'u', 'x')
        WHERE r.reloptions IS NOT NULL
        """),

    INDEX_PARENT(Phase.AFTER_DATA, """
        SELECT NULL, r.name, format('ALTER INDEX %s ATTACH PARTITION %s', h.inhparent::regclass, r.name),
               'pg_class ' || r.oid || ',pg_class ' || h.inhparent
        FROM user_relation r JOIN pg_inherits h ON h.inhrelid = r.oid
        WHERE r.relkind IN ('i', 'I')
        """),

    TABLE_SETTINGS(Phase.AFTER_DATA, """
        SELECT NULL, r.name, format('ALTER TABLE %s CLUSTER ON %I', i.indrelid::regclass, r.relname), 'pg_class '
          || r.oid
        FROM user_relation r JOIN pg_index i ON i.indexrelid = r.oid WHERE i.indisclustered
        UNION ALL
        SELECT NULL, r.name, format('ALTER TABLE ONLY %s REPLICA IDENTITY USING INDEX %I', i.indrelid::regclass,
          r.relname),
               'pg_class ' || r.oid
        FROM user_relation r JOIN pg_index i ON i.indexrelid = r.oid WHERE i.indisreplident
        UNION ALL
        SELECT NULL, r.name, format('ALTER TABLE ONLY %s REPLICA IDENTITY %s', r.name,
                               CASE r.relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END), 'pg_class ' || r.oid
        FROM user_relation r WHERE r.relkind IN ('r', 'p', 'm') AND r.relreplident IN ('f', 'n')
        UNION ALL
        SELECT NULL, r.name, format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', r.name), 'pg_class ' || r.oid
        FROM user_relation r WHERE r.relrowsecurity
        UNION ALL
        SELECT NULL, r.name, format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', r.name), 'pg_class ' || r.oid
        FROM user_relation r WHERE r.relforcerowsecurity
        """),

    STATISTICS(Phase.AFTER_DATA, """
        SELECT 'pg_statistic_ext ' || x.oid, x.stxname, pg_get_statisticsobjdef(x.oid), NULL
        FROM pg_statistic_ext x JOIN user_schema s ON s.oid = x.stxnamespace
        WHERE x.stxname !~ '^fermata_attic_'
        """),

    STATISTICS_SETTINGS(Phase.AFTER_DATA, """
        SELECT NULL, x.stxname, format('ALTER STATISTICS %s.%I SET STATISTICS %s', s.name, x.stxname, x.stxstattarget),
               'pg_statistic_ext ' || x.oid
        FROM pg_statistic_ext x JOIN user_schema s ON s.oid = x.stxnamespace
        WHERE x.stxstattarget >= 0
        """),

    FOREIGN_KEY(Phase.AFTER_DATA, """
        SELECT 'pg_constraint ' || k.oid, r.name || '.' || k.conname,
               format('ALTER TABLE %s ADD CONSTRAINT %I ', r.name, k.conname) || pg_get_constraintdef(k.oid), NULL
        FROM pg_constraint k JOIN user_relation r ON r.oid = k.conrelid
        WHERE k.contype = 'f' AND k.conparentid = 0
        """),

    RULE(Phase.AFTER_DATA, """
        SELECT 'pg_rewrite ' || w.oid, r.name || '.' || w.rulename, pg_get_ruledef(w.oid), NULL
        FROM pg_rewrite w JOIN user_relation r ON r.oid = w.ev_class
        WHERE w.rulename <> '_RETURN'
        """),

    TRIGGER(Phase.AFTER_DATA, """
        SELECT 'pg_trigger ' || t.oid, r.name || '.' || t.tgname, pg_get_triggerdef(t.oid), NULL
        FROM pg_trigger t JOIN user_relation r ON r.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgname !~ '^(000_|zzz_)?fermata_attic_'
        """),

    TRIGGER_SETTINGS(Phase.AFTER_DATA, """
        SELECT NULL, r.name || '.' || t.tgname,
               format('ALTER TABLE %s %s TRIGGER %I', r.name,
                 CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'
                   ELSE 'ENABLE ALWAYS' END, t.tgname),
               'pg_trigger ' || t.oid
        FROM pg_trigger t JOIN user_relation r ON r.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled <> 'O'
          AND t.tgname !~ '^(000_|zzz_)?fermata_attic_'
        UNION ALL
        SELECT NULL, r.name || '.' || w.rulename,
               format('ALTER TABLE %s %s RULE %I', r.name,
                 CASE w.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'
                   ELSE 'ENABLE ALWAYS' END, w.rulename),
               'pg_rewrite ' || w.oid
        FROM pg_rewrite w JOIN user_relation r ON r.oid = w.ev_class
        WHERE w.rulename <> '_RETURN' AND w.ev_enabled <> 'O'
        """),

    POLICY(Phase.AFTER_DATA, """
        SELECT 'pg_policy ' || p.oid, r.name || '.' || p.polname,
               concat_ws(' ', format('CREATE POLICY %I ON %s', p.polname, r.name),
                 CASE WHEN p.polpermissive THEN 'AS PERMISSIVE' ELSE 'AS RESTRICTIVE' END,
                 'FOR ' || CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                                         WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                 'TO ' || (SELECT string_agg(CASE u WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(u)) END, ', ')
                           FROM unnest(p.polroles) u),
                 'USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',
                 'WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'), NULL
        FROM pg_policy p JOIN user_relation r ON r.oid = p.polrelid
        """),

    SEQUENCE_OWNER(Phase.AFTER_DATA, """
        SELECT NULL, r.name, format('ALTER SEQUENCE %s OWNED BY %s.%I', r.name, d.refobjid::regclass, a.attname),
               'pg_class ' || r.oid || ',pg_class ' || d.refobjid
        FROM user_relation r JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = r.oid
          AND d.deptype = 'a'
             AND d.refclassid = 'pg_class'::regclass
          JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE r.relkind = 'S' AND a.attname !~ '^fermata_attic_'
        """),

    PUBLICATION(Phase.AFTER_DATA, """
        SELECT 'pg_publication ' || p.oid, 'publication ' || quote_ident(p.pubname),
               concat_ws(' ', 'CREATE PUBLICATION', quote_ident(p.pubname),
                 CASE WHEN p.puballtables THEN 'FOR ALL TABLES' ELSE 'FOR ' || nullif(concat_ws(', ',
                   (SELECT 'TABLE ' || string_agg(concat_ws(' ', 'ONLY', r.name,
                      (SELECT '(' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')'
                        FROM pg_attribute a
                       WHERE a.attrelid = r.oid AND a.attnum = ANY (t.prattrs)),
                      'WHERE (' || pg_get_expr(t.prqual, t.prrelid) || ')'), ', ' ORDER BY r.name)
                    FROM pg_publication_rel t JOIN user_relation r ON r.oid = t.prrelid WHERE t.prpubid = p.oid),
                   (SELECT 'TABLES IN SCHEMA ' || string_agg(n.pnnspid::regnamespace::text, ', ')
                    FROM pg_publication_namespace n WHERE n.pnpubid = p.oid)), '') END,
                 format('WITH (publish = %L, publish_via_partition_root = %s)', concat_ws(', ',
                   CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                   CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate
                     THEN 'truncate' END), p.pubviaroot::text)),
               (SELECT string_agg('pg_class ' || t.prrelid, ',') FROM pg_publication_rel t WHERE t.prpubid = p.oid)
        FROM pg_publication p
        """),

    /**
     * "function f" is what pg_identify_object says where SQL wants "FUNCTION f"; columns and constraints differ more.
     */
    COMMENT(Phase.AFTER_DATA, """
        SELECT NULL, 'comment on ' || o.type || ' ' || o.identity,
               format('COMMENT ON %s IS %L', CASE
                 WHEN o.type LIKE '% column' THEN 'COLUMN ' || o.identity
                 WHEN o.type = 'table constraint' THEN 'CONSTRAINT ' || o.identity
                 WHEN o.type = 'domain constraint'
                   THEN format('CONSTRAINT %I ON DOMAIN %s', (SELECT k.conname FROM pg_constraint k
                     WHERE k.oid = d.objoid),
                               (SELECT k.contypid::regtype FROM pg_constraint k WHERE k.oid = d.objoid))
                 WHEN o.type = 'statistics object' THEN 'STATISTICS ' || o.identity
                 ELSE upper(o.type) || ' ' || o.identity END, d.description),
               d.classoid::regclass || ' ' || d.objoid
        FROM pg_description d
          CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) o
          CROSS JOIN LATERAL pg_identify_object_as_address(d.classoid, d.objoid, d.objsubid) a
        WHERE (d.objoid >= 16384 OR (d.classoid = 'pg_namespace'::regclass AND d.objoid = 'public'::regnamespace
                                     AND d.description <> 'standard public schema'))
          AND d.classoid <> 'pg_largeobject'::regclass
          AND a.object_names[1] !~ '^(pg_|fermata_attic)' AND a.object_names[1] <> 'fermata'
          AND NOT EXISTS (SELECT FROM unnest(a.object_names || a.object_args) part WHERE part ~ '^fermata_attic_')
          AND NOT EXISTS (SELECT FROM pg_depend e
                          WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')
        """),

    /** What a failed CREATE INDEX CONCURRENTLY left behind; {@link UnfinishedIndex} has it fail again. */
    INVALID_INDEX(Phase.AFTER_DATA, """
        SELECT 'pg_class ' || r.oid, r.name,
               regexp_replace(pg_get_indexdef(r.oid), '^CREATE (UNIQUE )?INDEX', '\\& CONCURRENTLY'), NULL
        FROM user_relation r JOIN pg_index i ON i.indexrelid = r.oid
        WHERE r.relkind = 'i' AND NOT i.indisvalid
          AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = r.oid AND k.contype IN ('p', 'u', 'x'))
        """),

    /** Last: from here on DDL runs them. */
    EVENT_TRIGGER(Phase.AFTER_DATA, """
        SELECT 'pg_event_trigger ' || t.oid, 'event trigger ' || quote_ident(t.evtname),
               concat_ws(' ', 'CREATE EVENT TRIGGER', quote_ident(t.evtname), 'ON', t.evtevent,
                 'WHEN TAG IN (' || (SELECT string_agg(quote_literal(tag), ', ') FROM unnest(t.evttags) tag) || ')',
                 'EXECUTE FUNCTION', t.evtfoid::regproc || '()',
                 '; ALTER EVENT TRIGGER ' || quote_ident(t.evtname) || CASE t.evtenabled WHEN 'D' THEN ' DISABLE'
                   WHEN 'R' THEN ' ENABLE REPLICA' WHEN 'A' THEN ' ENABLE ALWAYS' END),
               'pg_proc ' || t.evtfoid
        FROM pg_event_trigger t
        WHERE MADE_BY_USER(pg_event_trigger, t.oid)
        """);

    private static final Set<Recipe> FOR_SUPERUSERS =
            EnumSet.of(EXTENSION, RESTRICTED_FUNCTION, LEAKPROOF, PUBLICATION, EVENT_TRIGGER);

    /** The half of the script that a statement belongs to, unless something it needs is in the later one. */
    enum Phase {
        BEFORE_DATA,
        AFTER_DATA
    }

    private final Phase phase;
    private final String select;

    Recipe(Phase phase, String select) {
        this.phase = phase;
        this.select = select;
    }

    Phase phase() {
        return phase;
    }

    /** Whether the server may refuse to make it for an ordinary role, so that its copy has to do without. */
    boolean isForSuperusers() {
        return FOR_SUPERUSERS.contains(this);
    }

    String query() {
        return UserObjects.query(select);
    }
}
