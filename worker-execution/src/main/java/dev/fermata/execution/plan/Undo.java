package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Unit;
import java.util.List;

/** The way back of a step, or why there is none. */
sealed interface Undo {
    /** It can be taken back. */
    record Possible(Inverse inverse) implements Undo {}

    /** @param why for people */
    record Impossible(String why) implements Undo {}

    static Undo by(String... sql) {
        return new Possible(sql.length == 0 ? Inverse.nothing() : Inverse.transaction(sql));
    }

    static Undo by(List<Unit> units) {
        return new Possible(new Inverse(units, true, null));
    }

    static Undo losing(String note, List<Unit> units) {
        return new Possible(new Inverse(units, false, note));
    }

    static Undo impossible(String why) {
        return new Impossible(why);
    }
}
