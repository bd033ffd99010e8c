package dev.fermata.contracts.order;

import dev.fermata.contracts.Nearest;
import dev.fermata.contracts.WireEnum;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** From the keys of a document to an order: types, defaults, and every check that needs no SQL parser and no target. */
final class WorkOrderReader {
    static final List<String> KEYS = List.of(
            "name",
            "title",
            "category",
            "author",
            "targets",
            "strategy",
            "renames",
            "change",
            "rollback",
            "rehearsal",
            "backup",
            "approval",
            "window",
            "lock",
            "probes",
            "soak",
            "labels",
            "description");
    static final List<String> WINDOW_KEYS = List.of("notBefore", "notAfter", "cron", "duration", "zone");
    static final List<String> LOCK_KEYS = List.of("timeout", "attempts");
    static final List<String> PROBE_KEYS = List.of("name", "sql", "http", "promql", "maxMillis");

    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,63}");
    private static final Pattern TARGET = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,62}");
    private static final String PROBE_EXAMPLE = "{name: checkout, sql: \"select 1\", maxMillis: 50}";

    private final Keys keys;
    private final SqlReader sql;
    private final Authorship authorship;
    private final Problems problems;

    WorkOrderReader(Keys keys, SqlReader sql, Authorship authorship, Problems problems) {
        this.keys = keys;
        this.sql = sql;
        this.authorship = authorship;
        this.problems = problems;
    }

    /** @throws WorkOrderFileException with everything that is wrong */
    ParsedWorkOrder read(String proseDescription) {
        String name = name();
        String title = keys.text("title", "one line that says what the change does");
        String category = keys.text("category", "text");
        String author = author();
        List<String> targets = targets();
        WorkOrder.Strategy strategy = choice(keys, "strategy", WorkOrder.Strategy.values(), WorkOrder.Strategy.ONLINE);
        WorkOrder.Renames renames = choice(keys, "renames", WorkOrder.Renames.values(), WorkOrder.Renames.BOTH_NAMES);
        SqlReader.Sql change = sql.required("change");
        SqlReader.Sql rollback = sql.optional("rollback");
        WorkOrder.Rehearsal rehearsal = rehearsal();
        WorkOrder.Backup backup = backup();
        WorkOrder.Approval approval = approval();
        WorkOrder.Window window = window();
        WorkOrder.Lock lock = lock();
        List<WorkOrder.Probe> probes = probes();
        Duration soak = keys.parsed("soak", "a duration such as 2m", Durations::parse);
        Map<String, String> labels = keys.texts("labels", "{team: checkout}", LABEL);
        String description = description(proseDescription);
        problems.throwIfAny();
        if (name == null || author == null || change == null) {
            throw new IllegalStateException("name, author or change is absent and nobody said so");
        }
        return new ParsedWorkOrder(
                new WorkOrder(
                        name,
                        title == null ? name : title,
                        category,
                        author,
                        targets,
                        strategy,
                        renames,
                        change.text(),
                        rollback == null ? null : rollback.text(),
                        rehearsal,
                        backup,
                        approval,
                        window,
                        lock,
                        probes,
                        soak == null ? WorkOrder.DEFAULT_SOAK : soak,
                        labels,
                        description),
                change.origin(),
                rollback == null ? null : rollback.origin());
    }

    private @Nullable String name() {
        if (!keys.has("name")) {
            keys.missing("name", "1 to 63 of a-z, 0-9 and -", "add a line such as name: add-order-status");
        }
        return keys.parsed("name", "1 to 63 of a-z, 0-9 and -", matching(NAME, "1 to 63 of a-z, 0-9 and -"));
    }

    private @Nullable String author() {
        if (authorship instanceof Authorship.Caller caller) {
            return caller.name();
        }
        if (keys.has("author")) {
            return keys.text("author", "who asks for the change, such as ada@example.org");
        }
        if (authorship instanceof Authorship.Document document && document.otherwise() != null) {
            return document.otherwise();
        }
        keys.add(
                ProblemCode.MISSING_AUTHOR,
                "author",
                "missing (expected: who asks for the change); add a line such as author: ada@example.org, or send the"
                        + " order as an authenticated caller");
        return null;
    }

    private List<String> targets() {
        String example = "[shop]";
        if (!keys.has("targets")) {
            keys.missing(
                    "targets", "names of databases from the target registry", "add a line such as targets: " + example);
            return List.of();
        }
        if (keys.isMapping("targets")) {
            keys.add(
                    ProblemCode.NOT_YET,
                    "targets",
                    "selectors and waves need a later version; list the names, such as " + example);
            return List.of();
        }
        List<String> names =
                keys.items("targets", example, matching(TARGET, "a-z, 0-9 and -, at most 63, not starting with -"));
        if (keys.isEmptyList("targets")) {
            keys.add(ProblemCode.EMPTY, "targets", "empty (expected: at least one name); write for example " + example);
        }
        Set<String> seen = new HashSet<>();
        names.stream()
                .filter(name -> !seen.add(name))
                .distinct()
                .forEach(name -> keys.add(
                        ProblemCode.GIVEN_TWICE,
                        "targets",
                        "'" + name + "' is listed more than once; list each target once"));
        return names;
    }

    private WorkOrder.Rehearsal rehearsal() {
        Keys mapping = keys.mapping("rehearsal", "{clone: auto}", List.of("clone"));
        return mapping == null
                ? WorkOrder.Rehearsal.DEFAULT
                : new WorkOrder.Rehearsal(choice(mapping, "clone", WorkOrder.Clone.values(), WorkOrder.Clone.AUTO));
    }

    private WorkOrder.Backup backup() {
        Keys mapping = keys.mapping("backup", "{mode: affected}", List.of("mode"));
        return mapping == null
                ? WorkOrder.Backup.DEFAULT
                : new WorkOrder.Backup(
                        choice(mapping, "mode", WorkOrder.BackupMode.values(), WorkOrder.BackupMode.AFFECTED));
    }

    private WorkOrder.Approval approval() {
        Keys mapping = keys.mapping("approval", "{policy: default}", List.of("policy"));
        String policy = mapping == null ? null : mapping.text("policy", "the name of a policy");
        return policy == null ? WorkOrder.Approval.DEFAULT : new WorkOrder.Approval(policy);
    }

    private WorkOrder.@Nullable Window window() {
        String example = "{notBefore: 2026-12-01T22:00:00Z, notAfter: 2026-12-02T02:00:00Z}";
        Keys mapping = keys.mapping("window", example, WINDOW_KEYS);
        if (mapping == null) {
            return null;
        }
        boolean repeating = false;
        for (String key : List.of("cron", "duration", "zone")) {
            if (mapping.has(key)) {
                repeating = true;
                mapping.add(
                        ProblemCode.NOT_YET,
                        key,
                        "repeating windows come with a later version; give notBefore and notAfter");
            }
        }
        Instant notBefore =
                mapping.parsed("notBefore", "a time such as 2026-12-01T22:00:00Z", WorkOrderReader::instant);
        Instant notAfter = mapping.parsed("notAfter", "a time such as 2026-12-02T02:00:00Z", WorkOrderReader::instant);
        if (notBefore != null && notAfter != null && !notBefore.isBefore(notAfter)) {
            mapping.add(
                    ProblemCode.BAD_VALUE,
                    "notAfter",
                    notAfter + " (expected: after notBefore, " + notBefore + "); swap or move them");
            return null;
        }
        if (!repeating && !mapping.has("notBefore") && !mapping.has("notAfter")) {
            keys.add(
                    ProblemCode.EMPTY,
                    "window",
                    "says no time (expected: such as " + example + "); give one, or remove the key");
        }
        return new WorkOrder.Window(notBefore, notAfter, null, null, null);
    }

    private WorkOrder.Lock lock() {
        Keys mapping = keys.mapping("lock", "{timeout: 1s, attempts: 30}", LOCK_KEYS);
        if (mapping == null) {
            return WorkOrder.Lock.DEFAULT;
        }
        Duration timeout = mapping.parsed("timeout", "a duration such as 1s", text -> {
            Duration value = Durations.parse(text);
            if (value.isZero()) {
                throw new IllegalArgumentException("'" + text + "' (expected: more than 0)");
            }
            return value;
        });
        Long attempts = mapping.count("attempts");
        return new WorkOrder.Lock(
                timeout == null ? WorkOrder.Lock.DEFAULT.timeout() : timeout,
                attempts == null ? WorkOrder.Lock.DEFAULT.attempts() : attempts.intValue());
    }

    private List<WorkOrder.Probe> probes() {
        List<WorkOrder.Probe> probes = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Keys item : keys.mappings("probes", PROBE_EXAMPLE, PROBE_KEYS)) {
            WorkOrder.Probe probe = probe(item);
            if (probe != null) {
                probes.add(probe);
                if (!names.add(probe.name())) {
                    item.add(
                            ProblemCode.GIVEN_TWICE,
                            "name",
                            "'" + probe.name() + "' is the name of two probes; rename one");
                }
            }
        }
        return probes;
    }

    private WorkOrder.@Nullable Probe probe(Keys item) {
        if (!item.has("name")) {
            item.missing("name", "a name", "give the probe a name, for its results");
        }
        String name = item.text("name", "a name");
        String sql = item.text("sql", "one query");
        String http = item.parsed("http", "a URL", WorkOrderReader::url);
        String promql = item.text("promql", "one PromQL expression");
        Long maxMillis = item.count("maxMillis");
        List<String> given =
                Stream.of("sql", "http", "promql").filter(item::has).toList();
        if (given.size() != 1) {
            String what = given.isEmpty() ? "none" : String.join(" and ", given);
            item.add(
                    ProblemCode.BAD_VALUE,
                    given.isEmpty() ? "name" : given.get(1),
                    "the probe gives " + what + " of sql, http and promql (expected: exactly one); "
                            + (given.isEmpty() ? "add one" : "make it two probes"));
            return null;
        }
        if (name == null || (sql == null && http == null && promql == null)) {
            return null;
        }
        return new WorkOrder.Probe(name, sql, http, promql, maxMillis);
    }

    private String description(String prose) {
        Node.Scalar given = keys.textNode("description", "text");
        if (given == null) {
            return prose;
        }
        if (!prose.isEmpty()) {
            keys.add(
                    ProblemCode.GIVEN_TWICE,
                    "description",
                    "there is text below the front matter too, which is the description; keep one of them");
        }
        return given.text();
    }

    private <E extends Enum<E>> E choice(Keys from, String key, E[] allowed, E otherwise) {
        List<String> names = Stream.of(allowed).map(WireEnum::name).toList();
        String expected = names.stream().collect(Collectors.joining(", ", "one of ", ""));
        E chosen = from.parsed(key, expected, text -> {
            int index = names.indexOf(text);
            if (index < 0) {
                String near = Nearest.of(text, names)
                        .map(name -> "; did you mean '" + name + "'?")
                        .orElse("");
                throw new IllegalArgumentException("'" + text + "' (expected: " + expected + ")" + near);
            }
            return allowed[index];
        });
        return chosen == null ? otherwise : chosen;
    }

    private static Function<String, String> matching(Pattern form, String expected) {
        return text -> {
            if (!form.matcher(text).matches()) {
                throw new IllegalArgumentException("'" + text + "' (expected: " + expected + ")");
            }
            return text;
        };
    }

    private static Instant instant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' (expected: a time with its offset such as 2026-12-01T22:00:00Z)", e);
        }
    }

    private static String url(String text) {
        IllegalArgumentException refused = new IllegalArgumentException(
                "not a URL that can be probed (expected: http:// or https:// and a host, without user and password)");
        try {
            URI uri = URI.create(text);
            if (!List.of("http", "https").contains(String.valueOf(uri.getScheme()))
                    || uri.getHost() == null
                    || uri.getUserInfo() != null) {
                throw refused;
            }
            return text;
        } catch (IllegalArgumentException e) {
            throw refused;
        }
    }
}
