package dev.fermata.postgres.catalog;

/** What a {@link SchemaScript} cannot make again, so that nobody believes the clone to be complete. */
final class LeftOut {
    private LeftOut() {}

    /** One row for each thing: what it is, as people say it. */
    static String query() {
        return UserObjects.query("""
            SELECT 'foreign table ' || r.name FROM user_relation r WHERE r.relkind = 'f'
            UNION ALL
            SELECT 'foreign server ' || quote_ident(v.srvname) FROM pg_foreign_server v
              WHERE MADE_BY_USER(pg_foreign_server, v.oid)
            UNION ALL
            SELECT 'type ' || t.oid::regtype FROM pg_type t JOIN user_schema s ON s.oid = t.typnamespace
            WHERE MADE_BY_USER(pg_type, t.oid) AND NOT EXISTS (SELECT FROM pg_type x WHERE x.typarray = t.oid)
              AND (t.typtype IN ('b', 'p') OR EXISTS (SELECT FROM pg_range g WHERE g.rngtypid = t.oid
                AND g.rngcanonical <> 0))
            UNION ALL
            SELECT 'operator ' || o.oid::regoperator FROM pg_operator o JOIN user_schema s
              ON s.oid = o.oprnamespace WHERE MADE_BY_USER(pg_operator, o.oid)
            UNION ALL
            SELECT 'operator class ' || s.name || '.' || quote_ident(o.opcname)
            FROM pg_opclass o JOIN user_schema s ON s.oid = o.opcnamespace WHERE MADE_BY_USER(pg_opclass, o.oid)
            UNION ALL
            SELECT 'cast ' || format_type(c.castsource, NULL) || ' as ' || format_type(c.casttarget, NULL)
            FROM pg_cast c WHERE c.oid >= 16384 AND MADE_BY_USER(pg_cast, c.oid)
            UNION ALL
            SELECT 'text search configuration ' || s.name || '.' || quote_ident(c.cfgname)
            FROM pg_ts_config c JOIN user_schema s ON s.oid = c.cfgnamespace WHERE MADE_BY_USER(pg_ts_config, c.oid)
            UNION ALL
            SELECT 'text search dictionary ' || s.name || '.' || quote_ident(c.dictname)
            FROM pg_ts_dict c JOIN user_schema s ON s.oid = c.dictnamespace WHERE MADE_BY_USER(pg_ts_dict, c.oid)
            ORDER BY 1
            """);
    }
}
