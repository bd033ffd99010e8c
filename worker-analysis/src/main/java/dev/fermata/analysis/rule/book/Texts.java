package dev.fermata.analysis.rule.book;

import dev.fermata.analysis.rule.Subject;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pieces of the author's own text, for fixes. */
final class Texts {
    private Texts() {}

    /** In its largest unit, such as {@code 3 hours}; "for some time" where it is not known. */
    static String duration(@Nullable Duration duration) {
        if (duration == null) {
            return "for some time";
        }
        long seconds = duration.toSeconds();
        if (seconds < 120) {
            return seconds + " s";
        }
        return seconds < 7200 ? seconds / 60 + " minutes" : seconds / 3600 + " hours";
    }

    /** The ALTER TABLE taken apart: each command in a statement of its own. */
    static String onePerStatement(Subject subject, AlterTable alter) {
        String text = subject.statement().text();
        List<AlterCommand> commands = alter.commands();
        String head = text.substring(0, commands.getFirst().offset());
        StringBuilder statements = new StringBuilder();
        for (int i = 0; i < commands.size(); i++) {
            int end = i + 1 < commands.size()
                    ? text.lastIndexOf(',', commands.get(i + 1).offset())
                    : text.length();
            statements
                    .append(head)
                    .append(text, commands.get(i).offset(), end)
                    .append(i + 1 < commands.size() ? ";\n" : ";");
        }
        return statements.toString();
    }
}
