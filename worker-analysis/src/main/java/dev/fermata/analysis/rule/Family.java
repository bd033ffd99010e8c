package dev.fermata.analysis.rule;

import java.util.Locale;

/** What sort of trouble a rule is about. */
public enum Family {
    BLOCKING("Blocking builds and scans"),
    REWRITE("Rewrites"),
    TRANSACTION("Shape of the transaction"),
    DESTRUCTIVE("Destroying data or protection"),
    COMPATIBILITY("The running application"),
    OPERATION("Operation"),
    SECURITY("Security"),
    HYGIENE("Hygiene of the schema"),
    CROSS_CHANGE("Across statements and files"),
    SITUATION("What the database is doing right now"),
    /** Written by a team, in its policy file. */
    OWN("Own rules of a policy");

    private final String title;

    Family(String title) {
        this.title = title;
    }

    /** As a policy file has it: {@code cross-change}. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** For headings. */
    public String title() {
        return title;
    }
}
