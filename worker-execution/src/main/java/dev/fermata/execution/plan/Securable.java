package dev.fermata.execution.plan;

import java.util.EnumSet;
import java.util.Set;

/** What rights can be had on, in the words of the statements and of the catalog (PostgreSQL documentation, 5.8, table 5.2). */
enum Securable {
    TABLE("TABLE", "relation", "pg_class", "rel", "regclass", 'r'),
    SEQUENCE("SEQUENCE", "relation", "pg_class", "rel", "regclass", 's'),
    ROUTINE("ROUTINE", "function", "pg_proc", "pro", "regprocedure", 'f'),
    TYPE("TYPE", "type", "pg_type", "typ", "regtype", 'T'),
    SCHEMA("SCHEMA", "schema", "pg_namespace", "nsp", "regnamespace", 'n');

    /** From here on there is MAINTAIN (PostgreSQL 17 release notes). */
    private static final int HAS_MAINTAIN = 17;

    private final String keyword;
    private final String called;
    private final String catalog;
    private final String prefix;
    private final String alias;
    private final char letter;

    Securable(String keyword, String called, String catalog, String prefix, String alias, char letter) {
        this.keyword = keyword;
        this.called = called;
        this.catalog = catalog;
        this.prefix = prefix;
        this.alias = alias;
        this.letter = letter;
    }

    String keyword() {
        return keyword;
    }

    /** As a snapshot calls one in {@code owner of ...} and {@code grant on ...}. */
    String called() {
        return called;
    }

    /** Those that its owner has. */
    Set<Privilege> privileges(int majorVersion) {
        Set<Privilege> all =
                switch (this) {
                    case TABLE -> EnumSet.range(Privilege.SELECT, Privilege.MAINTAIN);
                    case SEQUENCE -> EnumSet.of(Privilege.SELECT, Privilege.UPDATE, Privilege.USAGE);
                    case ROUTINE -> EnumSet.of(Privilege.EXECUTE);
                    case TYPE -> EnumSet.of(Privilege.USAGE);
                    case SCHEMA -> EnumSet.of(Privilege.USAGE, Privilege.CREATE);
                };
        if (majorVersion < HAS_MAINTAIN) {
            all.remove(Privilege.MAINTAIN);
        }
        return all;
    }

    /** Those that everybody has, as long as nobody has revoked them. */
    Set<Privilege> everybodys() {
        return switch (this) {
            case ROUTINE -> EnumSet.of(Privilege.EXECUTE);
            case TYPE -> EnumSet.of(Privilege.USAGE);
            case TABLE, SEQUENCE, SCHEMA -> EnumSet.noneOf(Privilege.class);
        };
    }

    /** An expression: the list of the one of this name, at the time when it is asked. */
    String list(String name) {
        return "(SELECT coalesce(" + prefix + "acl, " + usual() + ")" + from(name) + ")";
    }

    /** An expression: what the list of the one of this name would be if nobody had granted or revoked anything. */
    String usualList(String name) {
        return "(SELECT " + usual() + from(name) + ")";
    }

    private String usual() {
        return "acldefault('" + letter + "', " + prefix + "owner)";
    }

    private String from(String name) {
        return " FROM " + catalog + " WHERE oid = " + Sql.literal(name) + "::" + alias;
    }
}
