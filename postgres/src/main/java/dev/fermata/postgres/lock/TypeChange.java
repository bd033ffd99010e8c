package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.DEPENDS;
import static dev.fermata.postgres.lock.Likelihood.NO;
import static dev.fermata.postgres.lock.Likelihood.YES;

import dev.fermata.postgres.schema.SchemaModel;
import java.util.List;
import java.util.Set;

/**
 * Whether a change of type writes every row anew, and whether indexes of the column keep their files. Sources:
 * ATColumnChangeRequiresRewrite and TryReuseIndex in the server, binary-coercible casts of pg_cast, the support
 * functions of varchar, numeric, varbit, timestamp, time and interval; measured.
 *
 * @param rewrites of the table
 * @param newIndexes whether the indexes of the column are built anew although the table is not
 */
record TypeChange(Likelihood rewrites, Likelihood newIndexes) {
    /** The same bytes, and comparable in the same way. */
    private static final List<Set<String>> SAME_ORDER = List.of(Set.of("text", "varchar"), Set.of("cidr", "inet"));

    /** From first to second the bytes stay, but indexes are of another kind. */
    private static final Set<String> SAME_BYTES = Set.of(
            "text>bpchar",
            "varchar>bpchar",
            "int4>oid",
            "oid>int4",
            "int4>regclass",
            "int4>regproc",
            "int4>regtype",
            "oid>regclass",
            "oid>regproc",
            "oid>regtype",
            "regclass>oid",
            "regproc>oid",
            "regtype>oid",
            "regclass>int4",
            "regproc>int4",
            "regtype>int4",
            "bit>varbit",
            "varbit>bit",
            "xml>text",
            "xml>varchar",
            "xml>bpchar",
            "text>citext",
            "varchar>citext",
            "citext>text",
            "citext>varchar");

    /** Types whose modifier is a largest length or precision, so that a larger one changes nothing. */
    private static final Set<String> LARGER_IS_FREE =
            Set.of("varchar", "varbit", "timestamp", "timestamptz", "time", "timetz", "interval");

    private static final TypeChange NOTHING = new TypeChange(NO, NO);
    private static final TypeChange REWRITE = new TypeChange(YES, YES);
    private static final TypeChange OPEN = new TypeChange(DEPENDS, DEPENDS);

    static TypeChange of(SqlType from, SqlType to, SchemaModel schema) {
        if (from.equals(to)) {
            return NOTHING;
        }
        if (to.isConstrainedDomain(schema)) {
            return REWRITE;
        }
        SqlType old = from.base(schema);
        SqlType wanted = to.base(schema);
        if (old.equals(wanted)) {
            return NOTHING;
        }
        if (old.isIntervalWithFields() || wanted.isIntervalWithFields()) {
            return OPEN;
        }
        if (old.array() || wanted.array()) {
            return ofArrays(old, wanted);
        }
        return old.name().equals(wanted.name()) ? ofModifiers(old, wanted) : ofNames(old, wanted);
    }

    private static TypeChange ofArrays(SqlType old, SqlType wanted) {
        boolean free = old.array()
                && wanted.array()
                && wanted.modifiers().isEmpty()
                && (old.name().equals(wanted.name()) || SAME_ORDER.contains(Set.of(old.name(), wanted.name())));
        return free ? NOTHING : old.array() && wanted.array() ? OPEN : REWRITE;
    }

    private static TypeChange ofModifiers(SqlType old, SqlType wanted) {
        if (wanted.modifiers().isEmpty()) {
            return NOTHING;
        }
        if (old.name().equals("numeric")) {
            boolean free = !old.modifiers().isEmpty()
                    && old.modifiers().getLast().equals(wanted.modifiers().getLast())
                    && old.modifiers().getFirst() <= wanted.modifiers().getFirst();
            return free ? NOTHING : REWRITE;
        }
        if (LARGER_IS_FREE.contains(old.name())) {
            int most = wanted.modifiers().getLast();
            boolean all = most == 6 && !Set.of("varchar", "varbit").contains(old.name());
            return all || (!old.modifiers().isEmpty() && old.modifiers().getLast() <= most) ? NOTHING : REWRITE;
        }
        return REWRITE;
    }

    private static TypeChange ofNames(SqlType old, SqlType wanted) {
        if (Set.of(old.name(), wanted.name()).equals(Set.of("timestamp", "timestamptz"))) {
            boolean shorter = !ofModifiers(new SqlType(wanted.name(), old.modifiers(), false), wanted)
                    .equals(NOTHING);
            return shorter ? REWRITE : new TypeChange(DEPENDS, YES);
        }
        boolean sameOrder = Set.of(old.name(), wanted.name()).size() == 2
                && SAME_ORDER.contains(Set.of(old.name(), wanted.name()))
                && !old.name().equals("inet");
        boolean sameBytes = sameOrder || SAME_BYTES.contains(old.name() + ">" + wanted.name());
        if (!sameBytes) {
            return REWRITE;
        }
        // The old length only helps where the new type counts as the old one does.
        boolean fits = wanted.modifiers().isEmpty();
        return fits ? new TypeChange(NO, sameOrder ? NO : YES) : REWRITE;
    }
}
