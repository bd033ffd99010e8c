package dev.fermata.execution.plan;

import java.util.List;

/**
 * Grants and comment of a sequence that another takes the place of. They are read when the step runs: who may use it may be
 * other people by then, others still on the way back, and nobody on a clone, where their roles may not even be.
 *
 * @param sequence as SQL, both before and after
 * @param kept as SQL: a table of one row that outlives the old one
 */
record SequenceTrimmings(String sequence, String kept) {
    private Rights rights() {
        return new Rights(Securable.SEQUENCE, sequence);
    }

    /** What to keep of the old one, for the list of a SELECT. */
    String read() {
        return rights().list() + " AS rights, obj_description(" + Sql.literal(sequence)
                + "::regclass, 'pg_class') AS said";
    }

    List<String> again() {
        String comment = Sql.literal("COMMENT ON SEQUENCE " + sequence.replace("%", "%%") + " IS %L");
        return List.of(
                rights().become("(SELECT rights FROM " + kept + ")"),
                "DO "
                        + Sql.literal("DECLARE statement text; BEGIN FOR statement IN SELECT format(" + comment
                                + ", said) FROM " + kept
                                + " WHERE said IS NOT NULL LOOP EXECUTE statement; END LOOP; END"));
    }
}
