package dev.fermata.analysis.rule;

import static dev.fermata.analysis.rule.Rule.found;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.postgres.lock.Coverage;
import dev.fermata.postgres.lock.Likelihood;
import dev.fermata.postgres.lock.LockMode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** All rules, and the look of all of them at a statement. */
public final class Rules {
    /** Rows beyond which a scan or rewrite takes long enough to be felt. */
    private static final long FELT = 10_000;

    /** Rows beyond which it takes long enough to hurt. */
    private static final long HURTS = 1_000_000;

    private static final Set<String> FORBIDDEN = Set.of(
            "TransactionStmt",
            "VariableSetStmt",
            "AlterSystemStmt",
            "LoadStmt",
            "CreateRoleStmt",
            "AlterRoleStmt",
            "AlterRoleSetStmt",
            "DropRoleStmt",
            "GrantRoleStmt",
            "CreatedbStmt",
            "DropdbStmt",
            "AlterDatabaseStmt",
            "CreateTableSpaceStmt",
            "DropTableSpaceStmt",
            "CreateEventTrigStmt",
            "CreateSubscriptionStmt",
            "AlterSubscriptionStmt",
            "DropSubscriptionStmt",
            "CreateForeignServerStmt",
            "CreateUserMappingStmt",
            "CopyStmt",
            "LockStmt",
            "CheckPointStmt",
            "ReassignOwnedStmt",
            "DropOwnedStmt",
            "PrepareStmt",
            "ExecuteStmt",
            "ListenStmt",
            "NotifyStmt",
            "DeclareCursorStmt");

    private static final List<Rule> ALL = List.of(
            Rules::forbidden,
            Rules::unknownLock,
            Rules::indexBlocksWrites,
            Rules::rewrite,
            Rules::scanUnderLock,
            Rules::dropsData,
            Rules::everyRow,
            Rules::renameBreaksOldCode);

    private Rules() {}

    /** Everything that is found about the statement, in the order of the rules. */
    public static List<Finding> look(Subject subject) {
        return ALL.stream()
                .map(rule -> rule.look(subject))
                .flatMap(Optional::stream)
                .toList();
    }

    private static RiskLevel bySize(long rows) {
        if (rows > HURTS) {
            return RiskLevel.HIGH;
        }
        return rows > FELT ? RiskLevel.MEDIUM : RiskLevel.LOW;
    }

    private static String describeRows(Subject subject) {
        return subject.names() + " (about " + String.format(Locale.ROOT, "%,d", subject.rows()) + " rows)";
    }

    private static Optional<Finding> forbidden(Subject subject) {
        if (!FORBIDDEN.contains(subject.statement().kind())) {
            return Optional.empty();
        }
        return found(
                subject,
                "forbidden-statement",
                RiskLevel.CRITICAL,
                subject.profile().description() + " may not be part of a change",
                "transactions, roles, settings and whatever reaches beyond the schema are Fermata's or the operator's"
                        + " to decide",
                "leave it out; give time limits in the work order");
    }

    private static Optional<Finding> unknownLock(Subject subject) {
        if (subject.profile().coverage() != Coverage.UNKNOWN
                || FORBIDDEN.contains(subject.statement().kind())) {
            return Optional.empty();
        }
        return found(
                subject,
                "unknown-lock",
                RiskLevel.HIGH,
                "it is not known which locks " + subject.profile().description() + " takes",
                "unknown is never safe: it may block reads and writes",
                null);
    }

    private static Optional<Finding> indexBlocksWrites(Subject subject) {
        JsonNode node = subject.statement().node();
        boolean blocking = subject.statement().kind().equals("IndexStmt")
                && !node.path("concurrent").asBoolean()
                && subject.strategy() == WorkOrder.Strategy.AS_WRITTEN;
        if (!blocking || !subject.touchesExisting()) {
            return Optional.empty();
        }
        return found(
                subject,
                "index-blocks-writes",
                bySize(subject.rows()),
                "CREATE INDEX without CONCURRENTLY blocks writes to " + describeRows(subject) + " while it is built",
                "it holds a SHARE lock on the table until it commits",
                "CREATE INDEX CONCURRENTLY, or strategy: online");
    }

    private static Optional<Finding> rewrite(Subject subject) {
        boolean rewrites = subject.profile().locks().stream().anyMatch(lock -> lock.rewrites() == Likelihood.YES);
        if (!rewrites || !subject.touchesExisting()) {
            return Optional.empty();
        }
        return found(
                subject,
                "table-rewrite",
                bySize(subject.rows()),
                "it copies every row of " + describeRows(subject),
                "reads and writes wait for the whole copy",
                "add a new column, fill it in batches, then swap");
    }

    private static Optional<Finding> scanUnderLock(Subject subject) {
        boolean scans = subject.profile().locks().stream()
                .anyMatch(lock -> lock.scans() == Likelihood.YES
                        && lock.rewrites() != Likelihood.YES
                        && lock.mode() == LockMode.ACCESS_EXCLUSIVE);
        if (!scans || !subject.touchesExisting()) {
            return Optional.empty();
        }
        return found(
                subject,
                "scan-under-lock",
                bySize(subject.rows()),
                "it reads every row of " + describeRows(subject) + " while nobody else may read or write",
                "the ACCESS EXCLUSIVE lock is held for the scan",
                "add the constraint NOT VALID, then VALIDATE CONSTRAINT in a statement of its own");
    }

    private static Optional<Finding> dropsData(Subject subject) {
        String kind = subject.statement().kind();
        JsonNode node = subject.statement().node();
        boolean table =
                kind.equals("DropStmt") && node.path("removeType").asText().equals("OBJECT_TABLE");
        boolean column = kind.equals("AlterTableStmt") && hasSubcommand(node, "AT_DropColumn");
        boolean truncate = kind.equals("TruncateStmt");
        if ((!table && !column && !truncate) || !subject.touchesExisting()) {
            return Optional.empty();
        }
        return found(
                subject,
                "drops-data",
                RiskLevel.HIGH,
                subject.profile().description() + " on " + describeRows(subject) + " loses data",
                "what is dropped cannot be brought back but from the backup, and old application code may still need"
                        + " it",
                "stop using it first; drop it in an order of its own, later");
    }

    private static boolean hasSubcommand(JsonNode alter, String subtype) {
        for (JsonNode command : alter.path("cmds")) {
            if (command.path("AlterTableCmd").path("subtype").asText().equals(subtype)) {
                return true;
            }
        }
        return false;
    }

    private static Optional<Finding> everyRow(Subject subject) {
        String kind = subject.statement().kind();
        boolean change = kind.equals("UpdateStmt") || kind.equals("DeleteStmt");
        if (!change || !subject.statement().node().path("whereClause").isMissingNode() || !subject.touchesExisting()) {
            return Optional.empty();
        }
        return found(
                subject,
                "changes-every-row",
                bySize(subject.rows()),
                "it changes every row of " + describeRows(subject),
                "row locks, WAL and dead rows of the whole table; in batches nobody waits for long",
                "say WHERE which rows are meant, if not all");
    }

    private static Optional<Finding> renameBreaksOldCode(Subject subject) {
        if (!subject.statement().kind().equals("RenameStmt") || !subject.touchesExisting()) {
            return Optional.empty();
        }
        return found(
                subject,
                "rename-breaks-old-code",
                RiskLevel.MEDIUM,
                "code that uses the old name fails from the moment this commits",
                "application and schema are never changed at the same instant",
                "add the new name beside the old one, and remove the old one later");
    }
}
