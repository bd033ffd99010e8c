package dev.fermata.postgres.lock;

/** Whether something happens, as far as the statement alone tells. */
public enum Likelihood {
    NO,
    /** The catalog decides: types, existing constraints, functions. Plan for yes. */
    DEPENDS,
    YES;

    Likelihood or(Likelihood other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
