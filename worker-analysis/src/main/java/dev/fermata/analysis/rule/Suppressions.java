package dev.fermata.analysis.rule;

import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.impact.SuppressedFinding;
import dev.fermata.postgres.parser.Comment;
import dev.fermata.postgres.parser.Statement;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the author of a change allows, with a reason and perhaps an end, in comments:
 *
 * <pre>
 * -- fermata:allow index-blocks-writes until 2026-12-31 the table is empty until launch
 * CREATE INDEX orders_note ON orders (note);
 * </pre>
 *
 * <p>It is for the statement that follows, or that it stands in or behind on the same line; {@code fermata:allow-file}
 * is for all statements of the file. Several rules are separated by commas. One without a reason, past its end, with an
 * unknown rule or without anything to allow is a finding itself. Pure.
 */
public final class Suppressions {
    static final String UNUSABLE = "suppression-unusable";
    static final String UNUSED = "suppression-unused";

    private static final Pattern ALLOW = Pattern.compile(
            "(?s)fermata:allow(?<file>-file)?\\s+(?<rules>[a-z0-9-]+(?:\\s*,\\s*[a-z0-9-]+)*)(?:\\s+until\\s+(?<until>\\S+))?(?<reason>.*)");

    /** @param statement -1 for the whole file */
    private record Allowed(
            String rule, int statement, @Nullable LocalDate until, String reason, String problem, Place place) {
        boolean means(Finding finding) {
            return finding.rule().equals(rule) && (statement < 0 || finding.statement() == statement);
        }
    }

    private record Place(int statement, int line, int column) {}

    private final List<Allowed> allowed;

    private Suppressions(List<Allowed> allowed) {
        this.allowed = List.copyOf(allowed);
    }

    /** Those that a script holds. */
    public static Suppressions in(String script, List<Statement> statements) {
        List<Allowed> allowed = new ArrayList<>();
        if (script.contains("fermata:allow") && !statements.isEmpty()) {
            for (Comment comment : Comment.of(script)) {
                if (comment.text().startsWith("fermata:allow")) {
                    allowed.addAll(read(comment, script, statements));
                }
            }
        }
        return new Suppressions(allowed);
    }

    private static List<Allowed> read(Comment comment, String script, List<Statement> statements) {
        int statement = statementFor(comment, script, statements);
        Place place = place(comment, script, statement);
        Matcher matcher = ALLOW.matcher(comment.text());
        if (!matcher.matches()) {
            return List.of(new Allowed(
                    "",
                    statement,
                    null,
                    "",
                    "it names no rule (expected: fermata:allow RULE [until YYYY-MM-DD] REASON)",
                    place));
        }
        String written = matcher.group("until");
        Optional<LocalDate> until = Optional.ofNullable(written).flatMap(Suppressions::date);
        String reason = matcher.group("reason").strip();
        String problem = "";
        if (written != null && until.isEmpty()) {
            problem = "'" + written + "' is no date (expected: until YYYY-MM-DD)";
        } else if (reason.isEmpty()) {
            problem = "it gives no reason (expected: fermata:allow RULE [until YYYY-MM-DD] REASON)";
        }
        List<Allowed> allowed = new ArrayList<>();
        for (String rule : matcher.group("rules").split("\\s*,\\s*")) {
            allowed.add(new Allowed(
                    rule, matcher.group("file") != null ? -1 : statement, until.orElse(null), reason, problem, place));
        }
        return allowed;
    }

    private static Optional<LocalDate> date(String written) {
        try {
            return Optional.of(LocalDate.parse(written));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** The one that it stands in or, on one line, behind; else the next; else the last. */
    private static int statementFor(Comment comment, String script, List<Statement> statements) {
        int next = statements.size() - 1;
        for (int i = statements.size() - 1; i >= 0; i--) {
            Statement statement = statements.get(i);
            if (statement.start() >= comment.end()) {
                next = i;
            } else {
                boolean inside = statement.end() > comment.start();
                boolean behind = !inside
                        && script.substring(statement.end(), comment.start()).indexOf('\n') < 0;
                return inside || behind ? i : next;
            }
        }
        return next;
    }

    private static Place place(Comment comment, String script, int statement) {
        String before = script.substring(0, comment.start());
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        return new Place(statement, line, comment.start() - before.lastIndexOf('\n'));
    }

    /** The findings apart from the allowed ones, and with one for each suppression that cannot be used or is not needed. */
    public Judged apply(List<Finding> findings, RuleSet rules, LocalDate today) {
        List<Finding> left = new ArrayList<>(findings);
        List<SuppressedFinding> suppressed = new ArrayList<>();
        for (Allowed one : allowed) {
            if (rules.off().contains(one.rule())) {
                continue; // what another policy, or none, would find is rightly allowed here
            }
            String problem = problem(one, rules, today);
            if (!problem.isEmpty()) {
                left.add(finding(
                        UNUSABLE, RiskLevel.MEDIUM, one.place(), "nothing is allowed by this comment: " + problem));
                continue;
            }
            List<Finding> meant = left.stream().filter(one::means).toList();
            if (meant.isEmpty()) {
                left.add(finding(
                        UNUSED, RiskLevel.LOW, one.place(), one.rule() + " finds nothing here that had to be allowed"));
            }
            left.removeAll(meant);
            String by = "comment in line " + one.place().line();
            meant.forEach(finding -> suppressed.add(new SuppressedFinding(finding, by, one.reason())));
        }
        return new Judged(left, suppressed);
    }

    private static String problem(Allowed one, RuleSet rules, LocalDate today) {
        if (!one.problem().isEmpty()) {
            return one.problem();
        }
        if (rules.rule(one.rule()).isEmpty()) {
            return "there is no rule '" + one.rule() + "'"
                    + rules.nearest(one.rule())
                            .map(near -> " (did you mean '" + near + "'?)")
                            .orElse("");
        }
        LocalDate until = one.until();
        return until != null && until.isBefore(today) ? "it ended on " + until : "";
    }

    private static Finding finding(String rule, RiskLevel severity, Place place, String message) {
        return new Finding(
                rule,
                severity,
                place.statement(),
                place.line(),
                place.column(),
                message,
                Objects.equals(rule, UNUSABLE)
                        ? "What it was meant to allow is reported as if it were not there."
                        : "A comment that allows nothing hides the next finding that nobody has thought about.",
                Objects.equals(rule, UNUSABLE)
                        ? "-- fermata:allow RULE [until YYYY-MM-DD] REASON"
                        : "remove the comment.",
                "docs/rules.md#allowing-a-finding",
                null,
                null);
    }
}
