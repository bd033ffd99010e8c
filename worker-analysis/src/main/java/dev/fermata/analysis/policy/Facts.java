package dev.fermata.analysis.policy;

import dev.fermata.analysis.rule.Subject;
import dev.fermata.analysis.rule.Target;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.lock.Likelihood;
import dev.fermata.postgres.lock.LockMode;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.schema.Relation;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What expressions can ask about a statement, as values of the expression language. {@code docs/policy.md} tells of each.
 *
 * @param assumedRows rows that tables are taken to have, in the examples of a policy; empty for real changes
 * @param table that {@code table} stands for
 */
record Facts(Subject subject, ChangeOrigin origin, Map<QualifiedName, Long> assumedRows, WrittenName table) {
    private static final WrittenName NO_TABLE = new WrittenName("", "");

    /** Of the statement as a whole; {@code table} is its first, if it has one. */
    static Facts of(Subject subject, ChangeOrigin origin, Map<QualifiedName, Long> assumedRows) {
        List<WrittenName> tables = StatementTables.of(subject.statement(), subject.profile());
        return new Facts(subject, origin, assumedRows, tables.isEmpty() ? NO_TABLE : tables.getFirst());
    }

    Facts about(WrittenName other) {
        return new Facts(subject, origin, assumedRows, other);
    }

    List<WrittenName> tables() {
        return StatementTables.of(subject.statement(), subject.profile());
    }

    Object value(String variable) {
        return switch (variable) {
            case "statement" -> statement();
            case "tables" -> tables().stream().map(this::table).toList();
            case "table" -> table(table);
            case "environment" -> origin.environment();
            case "serverVersion" -> (long) subject.situation().majorVersion();
            case "fileName" -> origin.fileName();
            case "hasTarget" -> subject.situation().target().isPresent() || !assumedRows.isEmpty();
            default -> throw new IllegalArgumentException("variable '" + variable + "' (expected: a declared one)");
        };
    }

    private Map<String, Object> statement() {
        List<Lock> locks = locks();
        return Map.ofEntries(
                Map.entry("kind", subject.profile().description()),
                Map.entry("sql", subject.statement().text()),
                Map.entry("index", (long) subject.statement().index()),
                Map.entry("line", (long) subject.statement().line()),
                Map.entry(
                        "tables",
                        tables().stream()
                                .map(name -> name.in("public").toString())
                                .toList()),
                Map.entry("columns", ChangedColumns.of(subject.statement())),
                Map.entry("inTransaction", subject.inTransaction()),
                Map.entry("locks", locks.stream().map(Lock::value).toList()),
                Map.entry("rewrites", word(locks.stream().map(Lock::rewrites).reduce(Likelihood.NO, Facts::likelier))),
                Map.entry("scans", word(locks.stream().map(Lock::scans).reduce(Likelihood.NO, Facts::likelier))),
                Map.entry(
                        "coverage",
                        subject.effects()
                                .map(effects -> effects.coverage())
                                .orElse(subject.profile().coverage())
                                .name()
                                .toLowerCase(Locale.ROOT)));
    }

    private record Lock(String relation, LockMode mode, Likelihood rewrites, Likelihood scans) {
        Map<String, Object> value() {
            return Map.of(
                    "relation", relation,
                    "mode", mode.sql(),
                    "blocksReads", mode.blocksReads(),
                    "blocksWrites", mode.blocksWrites(),
                    "rewrites", word(rewrites),
                    "scans", word(scans));
        }
    }

    /** As the database will take them, where there is one; else as the text tells. */
    private List<Lock> locks() {
        return subject.effects()
                .map(effects -> effects.relations().stream()
                        .filter(effect -> effect.locked() != Likelihood.NO)
                        .map(effect -> new Lock(
                                effect.relation().toString(), effect.mode(), effect.rewrites(), effect.scans()))
                        .toList())
                .orElseGet(() -> subject.profile().locks().stream()
                        .map(lock -> new Lock(
                                lock.relation().in("public").toString(), lock.mode(), lock.rewrites(), lock.scans()))
                        .toList());
    }

    private Map<String, Object> table(WrittenName name) {
        boolean created = !name.name().isEmpty()
                && (subject.before().created(name)
                        || subject.createTable()
                                .filter(table -> table.table().equals(name))
                                .isPresent());
        QualifiedName full = subject.relation(name).map(Relation::name).orElse(name.in("public"));
        Long assumed = assumedRows.get(full);
        long rows =
                assumed != null ? assumed : created ? 0 : subject.exposure(name).rows();
        return Map.of(
                "schema",
                name.name().isEmpty() ? "" : full.schema(),
                "name",
                name.name(),
                "rows",
                rows,
                "bytes",
                created ? 0L : bytes(full),
                "writesPerSecond",
                created ? 0.0 : subject.exposure(name).writesPerSecond(),
                "created",
                created);
    }

    private long bytes(QualifiedName table) {
        return subject.situation()
                .target()
                .filter(target -> target.schema().relation(table).isPresent())
                .map(target -> bytes(target, table))
                .orElse(-1L);
    }

    private static long bytes(Target target, QualifiedName table) {
        long bytes = 0;
        for (Relation part : target.schema().withDescendants(table)) {
            TableStats stats = target.stats().get(part.name());
            bytes += stats == null ? 0 : stats.totalBytes();
        }
        return bytes;
    }

    private static Likelihood likelier(Likelihood one, Likelihood other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static String word(Likelihood likelihood) {
        return likelihood.name().toLowerCase(Locale.ROOT);
    }
}
