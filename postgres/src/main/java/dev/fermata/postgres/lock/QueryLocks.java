package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.DEPENDS;
import static dev.fermata.postgres.lock.Likelihood.NO;
import static dev.fermata.postgres.lock.Likelihood.YES;
import static dev.fermata.postgres.lock.LockMode.ACCESS_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.ACCESS_SHARE;
import static dev.fermata.postgres.lock.LockMode.ROW_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.ROW_SHARE;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** SELECT, INSERT, UPDATE, DELETE and MERGE. */
final class QueryLocks {
    private QueryLocks() {}

    static StatementProfile select(JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder(node.has("lockingClause") ? "SELECT FOR UPDATE" : "SELECT");
        if (node.has("intoClause")) {
            profile.describe("SELECT INTO");
        }
        reads(profile, node);
        for (JsonNode clause : node.path("lockingClause")) {
            lockRows(profile, node, clause.path("LockingClause"));
        }
        return profile.build();
    }

    static StatementProfile insert(JsonNode node) {
        return write("INSERT", node, NO);
    }

    static StatementProfile update(JsonNode node) {
        return write("UPDATE", node, node.has("whereClause") ? DEPENDS : YES);
    }

    static StatementProfile delete(JsonNode node) {
        return write("DELETE", node, node.has("whereClause") ? DEPENDS : YES);
    }

    static StatementProfile merge(JsonNode node) {
        return write("MERGE", node, DEPENDS);
    }

    /** Without ANALYZE the statement is planned and not run. */
    static StatementProfile explain(JsonNode node, StatementProfile explained) {
        boolean runs = Nodes.hasOption(node.path("options"), "analyze");
        return new ProfileBuilder(runs ? "EXPLAIN ANALYZE" : "EXPLAIN")
                .add(runs ? explained : notRun(explained))
                .build();
    }

    /** Planned, which takes the same locks, and reads nothing yet. */
    private static StatementProfile notRun(StatementProfile profile) {
        return new StatementProfile(
                profile.description(),
                profile.coverage(),
                profile.locks().stream()
                        .map(lock -> new RelationLock(lock.relation(), lock.mode(), NO, NO))
                        .toList(),
                profile.runsInTransaction(),
                profile.notes());
    }

    static StatementProfile copy(JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder(node.path("is_from").asBoolean() ? "COPY FROM" : "COPY TO");
        if (node.has("query")) {
            reads(profile, node.path("query"));
        } else {
            boolean from = node.path("is_from").asBoolean();
            profile.lock(Nodes.name(node.path("relation")), from ? ROW_EXCLUSIVE : ACCESS_SHARE, NO, from ? NO : YES);
        }
        return profile.build();
    }

    /** The query is understood, and planned and run later. */
    static StatementProfile prepare(JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder("PREPARE");
        Nodes.relationsOf(node.path("query")).forEach(relation -> profile.lock(relation, ACCESS_SHARE));
        return profile.build();
    }

    /** Planned now, and read by FETCH. */
    static StatementProfile declareCursor(JsonNode node) {
        ProfileBuilder read = new ProfileBuilder("DECLARE CURSOR");
        reads(read, node.path("query"));
        return notRun(read.build());
    }

    static StatementProfile policy(String description, JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder(description).lock(Nodes.name(node.path("table")), ACCESS_EXCLUSIVE);
        Nodes.relationsOf(node).forEach(relation -> profile.lock(relation, ACCESS_SHARE));
        return profile.build();
    }

    /** The actions are understood, which locks what they name as running them would. */
    static StatementProfile createRule(JsonNode node) {
        ProfileBuilder profile =
                new ProfileBuilder("CREATE RULE").lock(Nodes.name(node.path("relation")), ACCESS_EXCLUSIVE);
        Nodes.relationsOf(node.path("actions")).stream()
                .filter(relation -> !Set.of("new", "old").contains(relation.name()))
                .forEach(relation -> profile.lock(relation, ACCESS_SHARE));
        RowChange.in(node.path("actions")).forEach(change -> profile.lock(change.target(), ROW_EXCLUSIVE));
        return profile.build();
    }

    /** ACCESS SHARE on all that a query mentions; what functions do inside is not to be seen. */
    static void reads(ProfileBuilder profile, JsonNode query) {
        Nodes.relationsOf(query).forEach(relation -> profile.lock(relation, ACCESS_SHARE, NO, DEPENDS));
        List<String> unknown = Nodes.functionsOf(query).stream()
                .filter(function -> !Functions.touchNoTables(List.of(function)))
                .sorted()
                .toList();
        if (!unknown.isEmpty()) {
            profile.others("what the called functions lock is not known: " + String.join(", ", unknown));
        }
    }

    private static StatementProfile write(String description, JsonNode node, Likelihood scans) {
        ProfileBuilder profile = new ProfileBuilder(description);
        profile.lock(Nodes.name(node.path("relation")), ROW_EXCLUSIVE, NO, scans);
        if (node.has("withClause")) {
            profile.note("a WITH query that writes takes ROW EXCLUSIVE on its table");
            writesOfWithQueries(profile, node.path("withClause"));
        }
        readsBeside(profile, node, Nodes.name(node.path("relation")));
        return profile.build();
    }

    private static void readsBeside(ProfileBuilder profile, JsonNode node, WrittenName target) {
        ProfileBuilder others = new ProfileBuilder("");
        reads(others, node);
        StatementProfile read = others.build();
        read.locks().stream()
                .filter(lock -> !lock.relation().equals(target))
                .forEach(lock -> profile.lock(lock.relation(), lock.mode(), lock.rewrites(), lock.scans()));
        if (read.coverage() != Coverage.KNOWN) {
            read.notes().forEach(profile::others);
        }
    }

    private static void writesOfWithQueries(ProfileBuilder profile, JsonNode withClause) {
        for (JsonNode query : withClause.path("ctes")) {
            JsonNode statement = query.path("CommonTableExpr").path("ctequery");
            for (String kind : List.of("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt")) {
                if (statement.has(kind)) {
                    profile.lock(Nodes.name(statement.path(kind).path("relation")), ROW_EXCLUSIVE, NO, DEPENDS);
                }
            }
        }
    }

    /** FOR UPDATE OF names aliases; without OF it means everything in FROM. */
    private static void lockRows(ProfileBuilder profile, JsonNode select, JsonNode clause) {
        Map<String, WrittenName> byAlias = new HashMap<>();
        collectAliases(select.path("fromClause"), byAlias);
        if (clause.has("lockedRels")) {
            for (WrittenName alias : Nodes.names(clause.path("lockedRels"))) {
                WrittenName relation = byAlias.get(alias.name());
                if (relation == null) {
                    profile.others("rows of a subselect are locked: " + alias);
                } else {
                    profile.lock(relation, ROW_SHARE, NO, DEPENDS);
                }
            }
        } else {
            Nodes.relationsOf(select.path("fromClause"))
                    .forEach(relation -> profile.lock(relation, ROW_SHARE, NO, DEPENDS));
        }
    }

    private static void collectAliases(Iterable<JsonNode> from, Map<String, WrittenName> into) {
        for (JsonNode item : from) {
            if (item.has("RangeVar")) {
                WrittenName relation = Nodes.name(item.path("RangeVar"));
                String alias =
                        item.path("RangeVar").path("alias").path("aliasname").asText();
                into.put(alias.isEmpty() ? relation.name() : alias, relation);
            } else if (item.has("JoinExpr")) {
                JsonNode join = item.path("JoinExpr");
                collectAliases(List.of(join.path("larg"), join.path("rarg")), into);
            }
        }
    }
}
