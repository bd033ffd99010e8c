package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a snapshot calls an object, taken apart: {@code constraint public.orders."Key"} is a {@code constraint} whose parts
 * are {@code public}, {@code orders} and {@code Key}.
 *
 * @param kind in the words of the snapshot
 * @param sql all after the kind, as SQL
 * @param parts without quotes, and without the arguments of a function
 */
record ObjectName(String kind, String sql, List<String> parts) {
    private static final List<String> KINDS = List.of(
            "foreign table",
            "materialized view",
            "operator class",
            "text search configuration",
            "text search dictionary",
            "event trigger",
            "foreign server",
            "comment on",
            "owner of",
            "grant on",
            "default privileges of");
    private static final List<String> MEMBERS = List.of("column", "constraint", "trigger", "rule", "policy");

    ObjectName {
        parts = List.copyOf(parts);
    }

    static ObjectName of(String identity) {
        String kind = KINDS.stream()
                .filter(each -> identity.startsWith(each + " "))
                .findFirst()
                .orElseGet(() -> identity.substring(0, identity.indexOf(' ')));
        String sql = identity.substring(kind.length() + 1);
        return new ObjectName(kind, sql, parts(sql));
    }

    private static List<String> parts(String sql) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        int end = sql.length();
        boolean quoted = false;
        for (int i = 0; i < sql.length(); i++) {
            char c = sql.charAt(i);
            quoted ^= c == '"';
            if (!quoted && c == '(') {
                end = i; // of the name; arguments follow
                break;
            }
            if (!quoted && c == '.') {
                parts.add(Sql.unquoted(sql.substring(start, i)));
                start = i + 1;
            }
        }
        parts.add(Sql.unquoted(sql.substring(start, end)));
        return parts;
    }

    boolean is(String... kinds) {
        return List.of(kinds).contains(kind);
    }

    /** The table that it is, or is a part of. */
    Optional<QualifiedName> relation() {
        boolean own = is("table", "foreign table", "view", "materialized view", "sequence", "index");
        boolean member = MEMBERS.contains(kind) && parts.size() == 3;
        return (own && parts.size() == 2) || member
                ? Optional.of(new QualifiedName(parts.get(0), parts.get(1)))
                : Optional.empty();
    }

    /** The last part. */
    String name() {
        return parts.getLast();
    }

    String schema() {
        return parts.getFirst();
    }

    /** Of a function, with brackets; empty for anything else. */
    String arguments() {
        return is("function", "procedure", "aggregate") ? sql.substring(sql.lastIndexOf('(')) : "";
    }

    /** Of a member, the table as SQL. */
    String table() {
        return relation().map(QualifiedName::sql).orElse("");
    }
}
