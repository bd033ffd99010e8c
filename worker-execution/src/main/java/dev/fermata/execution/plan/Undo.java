package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Unit;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The way back of a step, or why there is none. */
sealed interface Undo {
    /** It can be taken back. */
    record Possible(Inverse inverse) implements Undo {
        /** The same, with what it may lose, or what may stop it. */
        Possible losing(String note) {
            String before = inverse.note();
            return new Possible(new Inverse(
                    inverse.units(), false, before == null ? note : before + "; " + note, inverse.leaves()));
        }
    }

    /** @param why for people */
    record Impossible(String why) implements Undo {}

    static Undo by(String... sql) {
        return new Possible(sql.length == 0 ? Inverse.nothing() : Inverse.transaction(sql));
    }

    static Undo by(List<Unit> units) {
        return new Possible(new Inverse(units, true, null));
    }

    /** @param constraint what rows of by then may not fit, by its name */
    static String stoppedBy(String constraint) {
        return "rows that were written after the change and that " + constraint + " does not allow stop the rollback";
    }

    /** @param key a foreign one, by its name: rows that it refers to may be gone by then, too */
    static String stoppedByReferences(String key) {
        return "rows that were written or deleted after the change so that " + key + " does not hold stop the rollback";
    }

    /** One after the other; possible where both are. */
    static Undo both(Undo first, Undo second) {
        if (!(first instanceof Possible one)) {
            return first;
        }
        return second instanceof Possible other ? new Possible(both(one.inverse(), other.inverse())) : second;
    }

    private static Inverse both(Inverse first, Inverse second) {
        return new Inverse(
                joined(first.units(), second.units()),
                first.lossless() && second.lossless(),
                both(first.note(), second.note()),
                joined(first.leaves(), second.leaves()));
    }

    private static @Nullable String both(@Nullable String first, @Nullable String second) {
        if (first == null) {
            return second;
        }
        return second == null ? first : first + "; " + second;
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    static Undo losing(String note, List<Unit> units) {
        return new Possible(new Inverse(units, false, note));
    }

    static Undo impossible(String why) {
        return new Impossible(why);
    }
}
