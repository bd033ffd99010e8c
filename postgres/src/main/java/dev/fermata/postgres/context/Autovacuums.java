package dev.fermata.postgres.context;

/**
 * How to tell autovacuums from other sessions in SQL, even for a role without {@code pg_read_all_stats}. Of a session that it
 * may not look into the server shows the process, the database and the role (manual, 27.2): an autovacuum has a database and,
 * as the only one that holds locks on relations of users, no role (PostgreSQL source, {@code pgstat_bestart}).
 */
public final class Autovacuums {
    /** Whether the row {@code a} of {@code pg_stat_activity}, or of {@code pg_stat_get_activity}, is one. Never null. */
    public static final String IS_ONE = """
        (a.datid IS NOT NULL AND a.usesysid IS NULL
         AND coalesce(a.backend_type, 'autovacuum worker') = 'autovacuum worker')\
        """;

    /**
     * Whether the one of row {@code a}, at work on the relation {@code c} of {@code pg_class}, is against wraparound, which
     * gives way to nobody. Where its task is hidden the age of the table tells, as it told the server (manual, 24.1.5).
     */
    public static final String AGAINST_WRAPAROUND = """
        (CASE WHEN a.query IS DISTINCT FROM '<insufficient privilege>' THEN a.query LIKE '%(to prevent wraparound)%'
              ELSE c.relkind IN ('r', 'm', 't') AND (age(c.relfrozenxid) > least(current_setting('autovacuum_freeze_max_age')::bigint,
                     (SELECT option_value::bigint FROM pg_options_to_table(c.reloptions)
                      WHERE option_name = 'autovacuum_freeze_max_age'))
                OR mxid_age(c.relminmxid) > least(current_setting('autovacuum_multixact_freeze_max_age')::bigint,
                     (SELECT option_value::bigint FROM pg_options_to_table(c.reloptions)
                      WHERE option_name = 'autovacuum_multixact_freeze_max_age'))) END)\
        """;

    private Autovacuums() {}
}
