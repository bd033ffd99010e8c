package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.DEPENDS;
import static dev.fermata.postgres.lock.Likelihood.NO;
import static dev.fermata.postgres.lock.Likelihood.YES;
import static dev.fermata.postgres.lock.LockMode.ACCESS_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.ACCESS_SHARE;
import static dev.fermata.postgres.lock.LockMode.EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.SHARE;
import static dev.fermata.postgres.lock.LockMode.SHARE_ROW_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.SHARE_UPDATE_EXCLUSIVE;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;

/** CREATE, DROP, RENAME and the maintenance commands: everything that is neither ALTER TABLE nor a query. */
final class ObjectLocks {
    private static final int FIRST_TO_LOCK_FOR_GRANT = 18;

    private ObjectLocks() {}

    static StatementProfile createIndex(JsonNode node) {
        WrittenName table = Nodes.name(node.path("relation"));
        if (node.path("concurrent").asBoolean()) {
            return new ProfileBuilder("CREATE INDEX CONCURRENTLY")
                    .lock(table, SHARE_UPDATE_EXCLUSIVE, NO, YES)
                    .notInTransaction()
                    .note("waits for writers of the table and for every transaction with an older snapshot")
                    .build();
        }
        // ONLY leaves the partitions out, and a partitioned table itself has no rows.
        Likelihood scans = node.path("relation").path("inh").asBoolean() ? YES : DEPENDS;
        return new ProfileBuilder("CREATE INDEX").lock(table, SHARE, NO, scans).build();
    }

    static StatementProfile reindex(JsonNode node) {
        String what = node.path("kind").asText().replaceFirst("^REINDEX_OBJECT_", "");
        boolean concurrently = Nodes.hasOption(node.path("params"), "concurrently");
        ProfileBuilder profile = new ProfileBuilder("REINDEX " + what + (concurrently ? " CONCURRENTLY" : ""));
        if (concurrently) {
            profile.notInTransaction();
        }
        LockMode tableMode = concurrently ? SHARE_UPDATE_EXCLUSIVE : SHARE;
        switch (what) {
            case "TABLE" -> profile.lock(Nodes.name(node.path("relation")), tableMode, YES, YES);
            case "INDEX" ->
                profile.lock(
                                Nodes.name(node.path("relation")),
                                concurrently ? SHARE_UPDATE_EXCLUSIVE : ACCESS_EXCLUSIVE,
                                YES,
                                NO)
                        .others("the table of the index is locked " + tableMode.sql() + " and read");
            default ->
                profile.notInTransaction().others("each table in it is locked " + tableMode.sql() + " in its turn");
        }
        return profile.build();
    }

    static StatementProfile createTable(JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder("CREATE TABLE");
        ColumnLocks.newTable(profile, node.path("tableElts"));
        for (JsonNode element : node.path("tableElts")) {
            if (element.has("TableLikeClause")) {
                profile.lock(Nodes.name(element.path("TableLikeClause").path("relation")), ACCESS_SHARE);
            }
        }
        if (node.has("ofTypename")) {
            profile.lock(Nodes.name(Nodes.strings(node.path("ofTypename").path("names")), 0), ACCESS_SHARE);
        }
        List<WrittenName> parents = Nodes.names(node.path("inhRelations"));
        if (node.has("partbound")) {
            profile.describe("CREATE TABLE ... PARTITION OF");
            parents.forEach(parent -> profile.lock(parent, ACCESS_EXCLUSIVE));
            profile.others(
                    "a DEFAULT partition is locked ACCESS EXCLUSIVE and read; foreign keys of the parent lock their "
                            + "tables");
        } else {
            parents.forEach(parent -> profile.lock(parent, SHARE_UPDATE_EXCLUSIVE));
        }
        return profile.build();
    }

    static StatementProfile createTableAs(JsonNode node) {
        boolean matview = node.path("objtype").asText().equals("OBJECT_MATVIEW");
        ProfileBuilder profile = new ProfileBuilder(matview ? "CREATE MATERIALIZED VIEW" : "CREATE TABLE AS");
        QueryLocks.reads(profile, node.path("query"));
        return profile.build();
    }

    static StatementProfile createView(JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder("CREATE VIEW");
        if (node.path("replace").asBoolean()) {
            profile.describe("CREATE OR REPLACE VIEW").lock(Nodes.name(node.path("view")), ACCESS_EXCLUSIVE);
        }
        // The view is not run, so neither tables are read nor functions called.
        Nodes.relationsOf(node.path("query")).forEach(relation -> profile.lock(relation, ACCESS_SHARE));
        return profile.build();
    }

    static StatementProfile refresh(JsonNode node) {
        WrittenName view = Nodes.name(node.path("relation"));
        String others = "the relations of its query are locked ACCESS SHARE and read";
        return node.path("concurrent").asBoolean()
                ? new ProfileBuilder("REFRESH MATERIALIZED VIEW CONCURRENTLY")
                        .lock(view, EXCLUSIVE, NO, YES)
                        .others(others)
                        .build()
                : new ProfileBuilder("REFRESH MATERIALIZED VIEW")
                        .lock(view, ACCESS_EXCLUSIVE, YES, YES)
                        .others(others)
                        .build();
    }

    static StatementProfile createTrigger(JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder(
                node.path("isconstraint").asBoolean() ? "CREATE CONSTRAINT TRIGGER" : "CREATE TRIGGER");
        profile.lock(Nodes.name(node.path("relation")), SHARE_ROW_EXCLUSIVE);
        if (node.has("constrrel")) {
            profile.lock(Nodes.name(node.path("constrrel")), ACCESS_SHARE);
        }
        return profile.build();
    }

    static StatementProfile truncate(JsonNode node) {
        boolean cascade = node.path("behavior").asText().equals("DROP_CASCADE");
        ProfileBuilder profile = new ProfileBuilder(cascade ? "TRUNCATE CASCADE" : "TRUNCATE");
        // It makes the files anew, empty: that is a rewrite in name, and fast whatever the size.
        Nodes.names(node.path("relations")).forEach(table -> profile.lock(table, ACCESS_EXCLUSIVE, YES, NO));
        if (cascade) {
            profile.others(
                    "tables with foreign keys to it, and to those, are emptied and locked ACCESS EXCLUSIVE as well");
        }
        if (node.path("restart_seqs").asBoolean()) {
            profile.others("the sequences of its columns are locked");
        }
        return profile.build();
    }

    static StatementProfile lockTable(JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder("LOCK TABLE");
        LockMode mode = LockMode.ofNumber(node.path("mode").asInt());
        Nodes.names(node.path("relations")).forEach(table -> profile.lock(table, mode));
        return profile.build();
    }

    static StatementProfile vacuum(JsonNode node) {
        boolean vacuum = node.path("is_vacuumcmd").asBoolean();
        boolean full = Nodes.hasOption(node.path("options"), "full");
        ProfileBuilder profile = new ProfileBuilder(full ? "VACUUM FULL" : vacuum ? "VACUUM" : "ANALYZE");
        LockMode mode = full ? ACCESS_EXCLUSIVE : SHARE_UPDATE_EXCLUSIVE;
        for (JsonNode relation : node.path("rels")) {
            profile.lock(
                    Nodes.name(relation.path("VacuumRelation").path("relation")),
                    mode,
                    full ? YES : NO,
                    vacuum ? YES : DEPENDS);
        }
        if (!node.has("rels")) {
            profile.others("every table of the database is locked " + mode.sql() + " in its turn");
        }
        return vacuum ? profile.notInTransaction().build() : profile.build();
    }

    static StatementProfile cluster(JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder("CLUSTER");
        if (!node.has("relation")) {
            return profile.notInTransaction()
                    .others("every table that was clustered before is locked ACCESS EXCLUSIVE and rewritten")
                    .build();
        }
        return profile.lock(Nodes.name(node.path("relation")), ACCESS_EXCLUSIVE, YES, YES)
                .build();
    }

    static StatementProfile createStatistics(JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder("CREATE STATISTICS");
        Nodes.names(node.path("relations")).forEach(table -> profile.lock(table, SHARE_UPDATE_EXCLUSIVE));
        return profile.build();
    }

    static StatementProfile createPublication(JsonNode node) {
        return publication("CREATE PUBLICATION", node).build();
    }

    static StatementProfile alterPublication(JsonNode node) {
        ProfileBuilder profile = publication("ALTER PUBLICATION", node);
        return node.path("action").asText().equals("AP_SetObjects") && node.has("pubobjects")
                ? profile.others("tables that are taken out are locked SHARE UPDATE EXCLUSIVE as well")
                        .build()
                : profile.build();
    }

    private static ProfileBuilder publication(String description, JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder(description);
        for (JsonNode element : node.path("pubobjects")) {
            JsonNode object = element.path("PublicationObjSpec");
            if (object.has("pubtable")) {
                profile.lock(Nodes.name(object.path("pubtable").path("relation")), SHARE_UPDATE_EXCLUSIVE);
            }
        }
        return profile;
    }

    /** ALTER ... DEPENDS ON EXTENSION. */
    static StatementProfile dependsOnExtension(JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder("ALTER ... DEPENDS ON EXTENSION");
        if (node.has("relation")) {
            boolean trigger = node.path("objectType").asText().equals("OBJECT_TRIGGER");
            profile.lock(Nodes.name(node.path("relation")), trigger ? ACCESS_SHARE : ACCESS_EXCLUSIVE);
        }
        return profile.build();
    }

    /** ALTER TABLE ALL IN TABLESPACE. */
    static StatementProfile moveAll(JsonNode ignored) {
        return new ProfileBuilder("ALTER ... ALL IN TABLESPACE")
                .others("everything in the tablespace is locked ACCESS EXCLUSIVE and copied")
                .build();
    }

    static StatementProfile alterDatabase(JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder("ALTER DATABASE");
        return Nodes.optionNames(node.path("options")).contains("tablespace")
                ? profile.notInTransaction().build()
                : profile.build();
    }

    static StatementProfile createSequence(JsonNode node) {
        return ownedBy(new ProfileBuilder("CREATE SEQUENCE"), node).build();
    }

    static StatementProfile alterSequence(JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder("ALTER SEQUENCE");
        // All but its owner is part of its one row, which is written as a new file.
        Likelihood rewrites = Nodes.optionNames(node.path("options")).equals(Set.of("owned_by")) ? NO : YES;
        profile.lock(Nodes.name(node.path("sequence")), SHARE_ROW_EXCLUSIVE, rewrites, NO);
        return ownedBy(profile, node).build();
    }

    /** The table of OWNED BY table.column. */
    private static ProfileBuilder ownedBy(ProfileBuilder profile, JsonNode node) {
        Nodes.option(node.path("options"), "owned_by")
                .map(Nodes::strings)
                .filter(parts -> parts.size() > 1)
                .ifPresent(parts -> profile.lock(Nodes.name(parts, 1), ACCESS_SHARE));
        return profile;
    }

    static StatementProfile createFunction(JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder("CREATE FUNCTION");
        boolean sql = node.has("sql_body")
                || Nodes.option(node.path("options"), "language")
                        .map(language -> language.path("String").path("sval").asText())
                        .filter("sql"::equalsIgnoreCase)
                        .isPresent();
        return sql
                ? profile.others("relations that the body names are locked ACCESS SHARE while it is checked")
                        .build()
                : profile.build();
    }

    static StatementProfile grant(JsonNode node, int majorVersion) {
        ProfileBuilder profile = new ProfileBuilder(node.path("is_grant").asBoolean() ? "GRANT" : "REVOKE");
        boolean relations = Set.of("OBJECT_TABLE", "OBJECT_SEQUENCE")
                .contains(node.path("objtype").asText());
        if (relations && majorVersion >= FIRST_TO_LOCK_FOR_GRANT) {
            if (node.path("targtype").asText().equals("ACL_TARGET_ALL_IN_SCHEMA")) {
                profile.others("all relations of the schema are locked ACCESS SHARE");
            } else {
                Nodes.names(node.path("objects")).forEach(table -> profile.lock(table, ACCESS_SHARE));
            }
        }
        return profile.build();
    }

    static StatementProfile comment(JsonNode node) {
        String type = node.path("objtype").asText();
        ProfileBuilder profile = new ProfileBuilder("COMMENT");
        List<String> parts = Nodes.strings(node.path("object"));
        switch (type) {
            case "OBJECT_TABLE",
                    "OBJECT_VIEW",
                    "OBJECT_MATVIEW",
                    "OBJECT_INDEX",
                    "OBJECT_SEQUENCE",
                    "OBJECT_FOREIGN_TABLE" -> profile.lock(Nodes.name(parts, 0), SHARE_UPDATE_EXCLUSIVE);
            case "OBJECT_COLUMN" -> profile.lock(Nodes.name(parts, 1), SHARE_UPDATE_EXCLUSIVE);
            case "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER", "OBJECT_RULE", "OBJECT_POLICY" ->
                profile.lock(Nodes.name(parts, 1), ACCESS_SHARE);
            default -> {}
        }
        return profile.build();
    }

    static StatementProfile drop(JsonNode node) {
        String type = node.path("removeType").asText();
        boolean concurrently = node.path("concurrent").asBoolean();
        String what = words(type);
        ProfileBuilder profile = new ProfileBuilder("DROP " + what + (concurrently ? " CONCURRENTLY" : ""));
        switch (type) {
            case "OBJECT_INDEX" -> dropIndex(profile, node, concurrently);
            case "OBJECT_TABLE", "OBJECT_FOREIGN_TABLE" -> {
                lockDropped(profile, node);
                profile.others(
                        "tables at the other end of its foreign keys, and its parent if it is a partition, are locked "
                                + "ACCESS EXCLUSIVE");
            }
            case "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE" -> lockDropped(profile, node);
            case "OBJECT_STATISTIC_EXT" -> profile.others("their tables are locked SHARE UPDATE EXCLUSIVE");
            case "OBJECT_EXTENSION" -> profile.unknown("what belongs to the extension is dropped with it");
            case "OBJECT_TRIGGER", "OBJECT_RULE", "OBJECT_POLICY" -> {
                for (JsonNode object : node.path("objects")) {
                    profile.lock(Nodes.name(Nodes.strings(object), 1), ACCESS_EXCLUSIVE);
                }
            }
            default -> {}
        }
        if (node.path("behavior").asText().equals("DROP_CASCADE")) {
            profile.others("CASCADE drops and locks whatever depends on it");
        }
        return profile.build();
    }

    private static void dropIndex(ProfileBuilder profile, JsonNode node, boolean concurrently) {
        LockMode mode = concurrently ? SHARE_UPDATE_EXCLUSIVE : ACCESS_EXCLUSIVE;
        for (JsonNode object : node.path("objects")) {
            profile.lock(Nodes.name(Nodes.strings(object), 0), mode);
        }
        profile.others("the table of the index is locked " + mode.sql());
        if (concurrently) {
            profile.notInTransaction().note("waits for all transactions that use the table, readers included");
        }
    }

    private static void lockDropped(ProfileBuilder profile, JsonNode node) {
        for (JsonNode object : node.path("objects")) {
            profile.lock(Nodes.name(Nodes.strings(object), 0), ACCESS_EXCLUSIVE);
        }
    }

    static StatementProfile rename(JsonNode node) {
        String type = node.path("renameType").asText();
        ProfileBuilder profile = new ProfileBuilder("ALTER ... RENAME " + words(type));
        switch (type) {
            case "OBJECT_INDEX" -> profile.lock(Nodes.name(node.path("relation")), SHARE_UPDATE_EXCLUSIVE);
            case "OBJECT_ATTRIBUTE" -> profile.others("tables of the type are locked ACCESS EXCLUSIVE");
            default -> {
                if (node.has("relation")) {
                    profile.lock(Nodes.name(node.path("relation")), ACCESS_EXCLUSIVE);
                }
            }
        }
        return profile.build();
    }

    static StatementProfile setSchema(JsonNode node) {
        ProfileBuilder profile =
                new ProfileBuilder("ALTER " + words(node.path("objectType").asText()) + " ... SET SCHEMA");
        if (node.has("relation")) {
            profile.lock(Nodes.name(node.path("relation")), ACCESS_EXCLUSIVE)
                    .others("sequences of its columns move along and are locked");
        }
        return profile.build();
    }

    static StatementProfile alterDomain(JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder("ALTER DOMAIN");
        boolean addsChecked = node.path("subtype").asText().equals("C")
                && !node.path("def").path("Constraint").path("skip_validation").asBoolean();
        boolean validates = "OV".contains(node.path("subtype").asText());
        return addsChecked || validates
                ? profile.others("tables with columns of the domain are locked SHARE and read")
                        .build()
                : profile.build();
    }

    static StatementProfile createSchema(JsonNode node) {
        ProfileBuilder profile = new ProfileBuilder("CREATE SCHEMA");
        return node.has("schemaElts")
                ? profile.unknown("the elements of CREATE SCHEMA are not looked into")
                        .build()
                : profile.build();
    }

    private static String words(String objectType) {
        return objectType
                .replaceFirst("^OBJECT_", "")
                .replace("MATVIEW", "MATERIALIZED VIEW")
                .replace("TABCONSTRAINT", "CONSTRAINT")
                .replace('_', ' ');
    }
}
