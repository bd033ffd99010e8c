package dev.fermata.execution.backup;

import java.io.IOException;

/** A backup is never restored over something. */
public final class AlreadyThereException extends IOException {
    private final String what;

    AlreadyThereException(String what) {
        super(what + " is there already (expected: a name that nothing has)");
        this.what = what;
    }

    /** Such as {@code database 'shop_rescue'}. */
    public String what() {
        return what;
    }
}
