package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.json.CanonicalJson;
import dev.fermata.postgres.targets.TargetDatabase;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a clone is called. Fixed by what it is for, the database it is of and the run, so that the next attempt of the run
 * finds what a crash left behind, and everybody can tell of which database a clone is.
 *
 * <pre>fermata_clone_5e884898_da280473d4f2    its copies end with _w, _b, ...</pre>
 */
record CloneName(String text) {
    private static final Pattern FORM =
            Pattern.compile("(fermata_(?:clone|scratch)_[0-9a-f]{8}_[0-9a-f]{12})(_[a-z]+)?");
    private static final int LONGEST_HASH = 64;

    static CloneName of(String kind, TargetDatabase origin, RunId run) {
        return of(kind, origin, run.toString());
    }

    /** @param purpose what it is for, such as a run and what is done for it */
    static CloneName of(String kind, TargetDatabase origin, String purpose) {
        return new CloneName(prefix(kind, origin) + hash(purpose, 12));
    }

    /** What the names of all clones of a database begin with. */
    static String prefix(String kind, TargetDatabase origin) {
        return "fermata_" + kind + "_" + hash(origin.address().database(), 8) + "_";
    }

    static boolean fits(String name) {
        return FORM.matcher(name).matches();
    }

    CloneName {
        if (!fits(text)) {
            throw new IllegalArgumentException("name of a clone: '" + text + "' (expected: like " + FORM + ")");
        }
    }

    /** Of a copy of the clone. */
    CloneName copy(String suffix) {
        return new CloneName(base() + "_" + suffix);
    }

    private String base() {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new IllegalStateException("a name that was checked does not fit: " + text);
        }
        return parts.group(1);
    }

    /** The second half of the advisory lock that whoever uses the clone, or a copy of it, holds. */
    int lock() {
        return HexFormat.fromHexDigits(hash(base(), 8));
    }

    private static String hash(String text, int digits) {
        int start = "sha256:".length();
        return CanonicalJson.sha256(text.getBytes(StandardCharsets.UTF_8))
                .substring(start, start + Math.min(digits, LONGEST_HASH));
    }
}
