package dev.fermata.postgres.parser;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a body has the error whose message is known. The wrapper of libpg_query gives the message alone, but its parser
 * reads from left to right: the shortest beginning of the body that gives the same message ends with what is wrong, or
 * with the end of the statement that is. It takes as many runs as the body's length has bits.
 */
final class PlpgsqlErrorPlace {
    /** {@code syntax error at or near "tabel"}, {@code "x" is not a known variable}. */
    private static final Pattern QUOTED = Pattern.compile("\"(.+?)\"", Pattern.DOTALL);

    private final LibPgQuery libPgQuery;
    private final SourceText source;
    private final StringConstant constant;
    private final String message;
    private final String tag;
    private final List<Integer> starts = new ArrayList<>();
    private final List<Integer> ends = new ArrayList<>();

    PlpgsqlErrorPlace(LibPgQuery libPgQuery, SourceText source, StringConstant constant, String message) {
        this.libPgQuery = libPgQuery;
        this.source = source;
        this.constant = constant;
        this.message = message;
        String body = constant.value().text();
        String free = "$b$";
        while (body.contains(free)) {
            free = "$b" + free.substring(1);
        }
        this.tag = free;
        for (Lexer lexer = new Lexer(body); lexer.next(); ) {
            starts.add(lexer.start());
            ends.add(lexer.end());
        }
    }

    /** Offset in the body's text. */
    int find() {
        if (starts.isEmpty() || !message.equals(messageAfter(starts.size()))) {
            return 0;
        }
        int without = 0;
        int with = starts.size();
        while (with - without > 1) {
            int middle = (without + with) >>> 1;
            if (message.equals(messageAfter(middle))) {
                with = middle;
            } else {
                without = middle;
            }
        }
        return blamed(with - 1);
    }

    /** What follows the tokens is wrong anywhere, so that they are not blamed for ending too early. */
    private String messageAfter(int tokens) {
        String body = constant.value().text();
        boolean all = tokens == starts.size();
        String wrong = message.contains("\")\"") ? " ]" : " )";
        String beginning = all ? body : body.substring(0, ends.get(tokens - 1)) + wrong;
        String text = source.text();
        Positions whole = new Positions(text.substring(0, constant.start()) + " " + tag + beginning + tag + " "
                + text.substring(constant.end()));
        return libPgQuery.parsePlpgsql(whole.utf8()) instanceof LibPgQuery.Failure failure ? failure.message() : "";
    }

    /** The last token up to there that the message names. */
    private int blamed(int last) {
        String body = constant.value().text();
        Matcher quoted = QUOTED.matcher(message);
        if (quoted.find()) {
            for (int i = last; i >= 0; i--) {
                if (body.regionMatches(
                        true, starts.get(i), quoted.group(1), 0, quoted.group(1).length())) {
                    return starts.get(i);
                }
            }
        }
        return starts.get(last);
    }
}
