package dev.fermata.postgres.preflight;

import dev.fermata.postgres.lock.SqlType;
import java.util.List;
import java.util.Set;

/**
 * Which values of one type a conversion to another refuses, told without converting them: a conversion that fails ends
 * the query that counts. Built-in types only; measured on the server.
 */
sealed interface TypeFit {
    /** All values fit. */
    record Always() implements TypeFit {}

    /** @param sql true for a value that does not fit */
    record Unless(String sql) implements TypeFit {}

    /**
     * The conversion takes all values, and makes some shorter.
     *
     * @param sql true for a value that loses something
     */
    record Cuts(String sql) implements TypeFit {}

    record Unknown(String why) implements TypeFit {}

    TypeFit ALWAYS = new Always();

    Set<String> STRINGS = Set.of("text", "varchar", "bpchar");
    List<String> INTEGERS = List.of("int2", "int4", "int8");
    Set<String> FLOATS = Set.of("float4", "float8");
    Set<String> TIMES = Set.of("date", "time", "timetz", "timestamp", "timestamptz", "interval");

    /** The conversion that the server applies by itself. */
    static TypeFit byItself(SqlType from, SqlType to, String value, boolean since16) {
        if (from.equals(to)) {
            return ALWAYS;
        }
        if (from.array() || to.array()) {
            return from.array()
                            && to.array()
                            && from.name().equals(to.name())
                            && to.modifiers().isEmpty()
                    ? ALWAYS
                    : unknown(from, to);
        }
        if (STRINGS.contains(to.name())) {
            return to.modifiers().isEmpty()
                    ? ALWAYS
                    : new Unless(longer(value, to.modifiers().getFirst()));
        }
        if (STRINGS.contains(from.name())) {
            return new Unknown("the server does not convert text to " + to.name()
                    + " by itself: it refuses the statement, unless USING says how");
        }
        if (to.name().equals("numeric")) {
            return toNumeric(from, to, value);
        }
        if (INTEGERS.contains(to.name())) {
            return toInteger(from, to, value);
        }
        if (FLOATS.contains(to.name())) {
            return toFloat(from, to, value, since16);
        }
        return other(from, to, value, since16);
    }

    /** The conversion of {@code value::type}. */
    static TypeFit written(SqlType from, SqlType to, String toSql, String value, boolean since16) {
        boolean string = STRINGS.contains(from.name()) && !from.array();
        if (!to.array() && STRINGS.contains(to.name()) && !to.modifiers().isEmpty()) {
            return new Cuts(longer(value, to.modifiers().getFirst()));
        }
        boolean bits = Set.of("bit", "varbit").contains(to.name());
        if (string && (to.array() || !STRINGS.contains(to.name())) && !bits) {
            return asInput(value, toSql, since16);
        }
        boolean truth = (from.name().equals("bool") && to.name().equals("int4"))
                || (from.name().equals("int4") && to.name().equals("bool"));
        return truth ? ALWAYS : byItself(from, to, value, since16);
    }

    private static TypeFit asInput(String value, String toSql, boolean since16) {
        return since16
                ? new Unless("NOT pg_catalog.pg_input_is_valid(" + value + "::pg_catalog.text, "
                        + PartitionBound.literal(toSql) + ")")
                : new Unknown("before PostgreSQL 16 the server cannot say whether a text is a " + toSql
                        + " without failing at the first that is not");
    }

    /** Blanks at the end are let go without complaint. */
    private static String longer(String value, int length) {
        return "rtrim(substr(" + value + "::pg_catalog.text, " + (length + 1) + "), ' ') <> ''";
    }

    private static TypeFit toNumeric(SqlType from, SqlType to, String value) {
        boolean number = INTEGERS.contains(from.name())
                || FLOATS.contains(from.name())
                || from.name().equals("numeric");
        if (!number) {
            return unknown(from, to);
        }
        if (to.modifiers().isEmpty()) {
            return ALWAYS;
        }
        int precision = to.modifiers().getFirst();
        int scale = to.modifiers().getLast();
        boolean same = from.name().equals("numeric") && !from.modifiers().isEmpty();
        if (same
                && from.modifiers().getLast() <= scale
                && from.modifiers().getFirst() - from.modifiers().getLast() <= precision - scale) {
            return ALWAYS;
        }
        String numeric = value + "::pg_catalog.numeric";
        return new Unless("(" + numeric + " <> 'NaN' AND abs(round(" + numeric + ", " + scale + ")) >= 1e"
                + (precision - scale) + "::pg_catalog.numeric)");
    }

    private static TypeFit toInteger(SqlType from, SqlType to, String value) {
        int bits = 16 << INTEGERS.indexOf(to.name());
        String least = bits == 64 ? "-9223372036854775808" : String.valueOf(-(1L << (bits - 1)));
        String most = bits == 64 ? "9223372036854775807" : String.valueOf((1L << (bits - 1)) - 1);
        if (INTEGERS.contains(from.name())) {
            return INTEGERS.indexOf(from.name()) <= INTEGERS.indexOf(to.name())
                    ? ALWAYS
                    : new Unless(value + " NOT BETWEEN " + least + " AND " + most);
        }
        if (from.name().equals("numeric")) {
            return new Unless("round(" + value + ") NOT BETWEEN " + least + " AND " + most);
        }
        if (FLOATS.contains(from.name())) {
            // As a double the largest bigint is 2^63 itself, which no longer fits.
            String rounded = "round(" + value + "::pg_catalog.float8)";
            String end = bits == 64 ? " < 9223372036854775808" : " <= " + most;
            return new Unless("NOT (" + rounded + " >= " + least + "::pg_catalog.float8 AND " + rounded + end
                    + "::pg_catalog.float8)");
        }
        return unknown(from, to);
    }

    private static TypeFit toFloat(SqlType from, SqlType to, String value, boolean since16) {
        if (INTEGERS.contains(from.name())
                || (from.name().equals("float4") && to.name().equals("float8"))) {
            return ALWAYS;
        }
        if (from.name().equals("numeric")) {
            return asInput(value, to.name().equals("float4") ? "real" : "double precision", since16);
        }
        if (from.name().equals("float8")) {
            // From half a step above the largest float4 on, and up to half of the smallest: they would become infinity
            // or 0.
            return new Unless("(abs(" + value + ") < 'Infinity' AND (abs(" + value
                    + ") >= 3.4028235677973366e38 OR (" + value + " <> 0 AND abs(" + value
                    + ") <= 7.006492321624085e-46)))");
        }
        return unknown(from, to);
    }

    private static TypeFit other(SqlType from, SqlType to, String value, boolean since16) {
        String names = from.name() + ">" + to.name();
        boolean sameName = from.name().equals(to.name());
        if (to.name().equals("bit")) {
            int length = to.modifiers().isEmpty() ? 1 : to.modifiers().getFirst();
            boolean bits = Set.of("bit", "varbit").contains(from.name());
            return bits ? new Unless("length(" + value + ") <> " + length) : unknown(from, to);
        }
        if (to.name().equals("varbit") && !to.modifiers().isEmpty()) {
            boolean bits = Set.of("bit", "varbit").contains(from.name());
            return bits ? new Unless("length(" + value + ") > " + to.modifiers().getFirst()) : unknown(from, to);
        }
        if (names.equals("date>timestamp") || names.equals("date>timestamptz")) {
            return new Unless("(isfinite(" + value + ") AND " + value + " >= DATE '294277-01-01')");
        }
        if (names.equals("json>jsonb")) {
            return asInput(value, "jsonb", since16);
        }
        boolean free = sameName
                || Set.of(
                                "timestamp>date",
                                "timestamp>time",
                                "timestamp>timestamptz",
                                "timestamptz>date",
                                "timestamptz>time",
                                "timestamptz>timetz",
                                "timestamptz>timestamp",
                                "time>timetz",
                                "timetz>time",
                                "time>interval",
                                "interval>time",
                                "jsonb>json",
                                "cidr>inet",
                                "inet>cidr",
                                "bit>varbit",
                                "macaddr>macaddr8")
                        .contains(names);
        return free ? ALWAYS : unknown(from, to);
    }

    private static TypeFit unknown(SqlType from, SqlType to) {
        return new Unknown("whether a value of " + from.name() + (from.array() ? "[]" : "") + " fits into " + to.name()
                + (to.array() ? "[]" : "") + " shows only when it is converted, and the first that does not would end "
                + "the count");
    }

    /** Whether values that differ still differ afterwards, so that no key can break. */
    static boolean keepsDistinct(SqlType from, SqlType to) {
        if (from.array() || to.array()) {
            return from.equals(to);
        }
        String old = from.name();
        String wanted = to.name();
        boolean integers = INTEGERS.contains(old);
        if (old.equals(wanted)) {
            boolean rounds = Set.of("numeric", "bpchar").contains(old) || TIMES.contains(old);
            return !rounds || to.modifiers().isEmpty() || isFiner(from, to);
        }
        return (integers && INTEGERS.contains(wanted))
                || (integers
                        && wanted.equals("numeric")
                        && !to.modifiers().isEmpty()
                        && to.modifiers().getLast() >= 0)
                || (integers && wanted.equals("numeric") && to.modifiers().isEmpty())
                || (STRINGS.contains(wanted)
                        && !wanted.equals("bpchar")
                        && !Set.of("float4", "float8").contains(old))
                || Set.of("timestamp>timestamptz", "date>timestamp", "float4>float8", "cidr>inet")
                        .contains(old + ">" + wanted);
    }

    private static boolean isFiner(SqlType from, SqlType to) {
        return !from.modifiers().isEmpty()
                && from.modifiers().getLast() <= to.modifiers().getLast();
    }
}
