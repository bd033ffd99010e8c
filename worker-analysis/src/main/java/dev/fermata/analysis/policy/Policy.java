package dev.fermata.analysis.policy;

import dev.fermata.analysis.rule.Family;
import dev.fermata.analysis.rule.Judged;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.RuleSet;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.impact.SuppressedFinding;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.parser.Statement;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a team wants of the rules. {@link #rules} are led over a change, {@link #judge} looks at what they find. Pure and
 * immutable.
 */
public final class Policy {
    /**
     * What the file says.
     *
     * @param switches rule ids, and families as {@code family:hygiene}, to whether they are on
     * @param severities by the same
     */
    record Wishes(
            Optional<RiskLevel> failOn,
            Map<String, Boolean> switches,
            Map<String, Regrade> severities,
            List<PolicySuppression> suppressions,
            List<OwnRule> ownRules) {
        static final Wishes NONE = new Wishes(Optional.empty(), Map.of(), Map.of(), List.of(), List.of());

        Wishes {
            switches = Map.copyOf(switches);
            severities = Map.copyOf(severities);
            suppressions = List.copyOf(suppressions);
            ownRules = List.copyOf(ownRules);
        }
    }

    private final RuleSet book;
    private final Optional<Path> folder;
    private final Wishes wishes;

    private Policy(RuleSet book, Optional<Path> folder, Wishes wishes) {
        this.book = book;
        this.folder = folder;
        this.wishes = wishes;
    }

    /** The rules as they are given. */
    public static Policy none(RuleSet rules) {
        return new Policy(rules, Optional.empty(), Wishes.NONE);
    }

    /**
     * @param book all rules to choose from
     * @param folder absolute; paths are relative to it
     */
    static Policy of(RuleSet book, Path folder, Wishes wishes) {
        return new Policy(book, Optional.of(folder), wishes);
    }

    static String family(Family family) {
        return "family:" + family.wire();
    }

    /** A file as the policy knows it. */
    public ChangeOrigin origin(Path file, String environment) {
        Path absolute = file.toAbsolutePath().normalize();
        Path known = folder.filter(absolute::startsWith)
                .map(from -> from.relativize(absolute))
                .orElse(absolute);
        return new ChangeOrigin(known.toString().replace('\\', '/'), environment);
    }

    /** From where on findings fail a run of lint; empty where the policy does not say. */
    public Optional<RiskLevel> failOn() {
        return wishes.failOn();
    }

    /** The rules for a change from there: those that are on, with the severities and the own rules of the policy. */
    public RuleSet rules(ChangeOrigin origin) {
        if (folder.isEmpty()) {
            return book;
        }
        List<Rule> on = new ArrayList<>();
        Set<String> off = new HashSet<>();
        Stream.concat(book.rules().stream(), wishes.ownRules().stream().map(own -> own.rule(origin)))
                .forEach(rule -> {
                    if (isOn(rule)) {
                        on.add(saying(wishes.severities(), rule)
                                .map(regrade -> regrade.of(rule, origin))
                                .orElse(rule));
                    } else {
                        off.add(rule.id());
                    }
                });
        return new RuleSet(on, off);
    }

    private boolean isOn(Rule rule) {
        return saying(wishes.switches(), rule).orElse(!rule.optional());
    }

    /** What is said of the rule itself goes before what is said of its family. */
    private static <T> Optional<T> saying(Map<String, T> by, Rule rule) {
        return Optional.ofNullable(by.get(rule.id())).or(() -> Optional.ofNullable(by.get(family(rule.family()))));
    }

    /**
     * What counts of the findings in a change from there. A suppression that has ended leaves its findings, and they say
     * so.
     */
    public Judged judge(Judged found, List<Statement> statements, ChangeOrigin origin, LocalDate today) {
        if (wishes.suppressions().isEmpty()) {
            return found;
        }
        List<Finding> findings = new ArrayList<>();
        List<SuppressedFinding> suppressed = new ArrayList<>(found.suppressed());
        for (Finding finding : found.findings()) {
            List<String> tables = tables(statements.get(finding.statement()));
            List<PolicySuppression> meaning = wishes.suppressions().stream()
                    .filter(one -> one.means(finding, origin, tables))
                    .toList();
            Optional<PolicySuppression> holding =
                    meaning.stream().filter(one -> one.holdsOn(today)).findFirst();
            if (holding.isPresent()) {
                suppressed.add(new SuppressedFinding(
                        finding, holding.get().place(), holding.get().reason()));
            } else {
                findings.add(meaning.isEmpty() ? finding : comeBack(finding, meaning.getFirst()));
            }
        }
        return new Judged(findings, suppressed);
    }

    private static List<String> tables(Statement statement) {
        return StatementTables.of(statement, LockModel.profile(statement)).stream()
                .map(name -> name.in("public").toString())
                .toList();
    }

    private static Finding comeBack(Finding finding, PolicySuppression ended) {
        return new Finding(
                finding.rule(),
                finding.severity(),
                finding.statement(),
                finding.line(),
                finding.column(),
                finding.message()
                        + ended.until()
                                .map(until -> "; its suppression ended on " + until + " (" + ended.place() + ")")
                                .orElse(""),
                finding.why(),
                finding.safer(),
                finding.docs(),
                finding.fix(),
                finding.table());
    }

    List<OwnRule> ownRules() {
        return wishes.ownRules();
    }
}
