package dev.fermata.contracts.impact;

import dev.fermata.contracts.Fields;

/**
 * Something that the analysis could not look at.
 *
 * @param what for people
 * @param remedy what would make it visible, such as a GRANT
 */
public record Unseen(String what, String remedy) {
    public Unseen {
        Fields.text(what, "unseen.what");
        Fields.text(remedy, "unseen.remedy");
    }
}
