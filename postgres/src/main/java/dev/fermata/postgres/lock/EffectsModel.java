package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.LockMode.SHARE_UPDATE_EXCLUSIVE;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.Body;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Publication;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.SchemaModel;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a statement does to a known schema: names are looked up along the search path, and second tables, partitions,
 * heirs, indexes, sequences and dependants are named one by one.
 *
 * <p>{@link LockModel} answers for the statement alone; here the schema decides what it leaves open. Kinds about which
 * a schema has nothing to add are answered by it. Each answer is measured on PostgreSQL 15, 17 and 18 by
 * EffectsMeasuredTest; 16 is where 15 and 17 agree, and open where they do not. Pure and thread-safe.
 */
public final class EffectsModel {
    private static final Set<String> QUERIES =
            Set.of("SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt");

    private EffectsModel() {}

    /**
     * @param majorVersion of the server, such as 17
     * @param schema as it is before the statement
     * @return never null, and no exception for a statement that PostgreSQL can parse
     */
    public static Effects of(Statement statement, int majorVersion, SchemaModel schema) {
        EffectsBuilder effects = new EffectsBuilder(schema, majorVersion);
        StatementProfile profile = LockModel.profile(statement, majorVersion);
        if (profile.coverage() == Coverage.UNKNOWN) {
            effects.lift(profile);
        } else {
            add(statement.kind(), statement.node(), profile, majorVersion, effects);
        }
        return effects.build(profile);
    }

    /**
     * As {@link #of(Statement, int, SchemaModel)}, with what stands in the statement's body: of one that runs at once the
     * effects of all its statements, of which those that may not be reached are {@link Likelihood#DEPENDS}. What is
     * opaque in it leaves the answer {@link Coverage#UNKNOWN}, whatever else is told.
     */
    public static Effects of(Statement statement, Optional<Body> body, int majorVersion, SchemaModel schema) {
        return body.filter(Body::runsAtOnce)
                .map(inside -> BodyLocks.effects(inside, majorVersion, schema))
                .orElseGet(() -> of(statement, majorVersion, schema));
    }

    private static void add(
            String kind, JsonNode node, StatementProfile profile, int majorVersion, EffectsBuilder effects) {
        if (QUERIES.contains(kind)) {
            QueryEffects.run(JsonNodeFactory.instance.objectNode().set(kind, node), profile, effects);
            return;
        }
        switch (kind) {
            case "AlterTableStmt" -> AlterTableEffects.of(node, effects);
            case "RenameStmt" -> RenameEffects.of(node, profile, effects);
            case "DropStmt" -> DropEffects.of(node, profile, effects);
            case "IndexStmt" -> IndexEffects.create(node, effects);
            case "ReindexStmt" -> IndexEffects.reindex(node, profile, effects);
            case "ClusterStmt" -> {
                effects.lift(profile);
                if (node.has("relation")) {
                    IndexEffects.rewrite(effects, Nodes.name(node.path("relation")));
                }
            }
            case "CreateStmt" -> TableEffects.create(node, effects);
            case "CreateTableAsStmt" -> TableEffects.createAs(node, effects);
            case "ViewStmt" -> TableEffects.createView(node, effects);
            case "RefreshMatViewStmt" -> TableEffects.refresh(node, effects);
            case "TruncateStmt" -> TableEffects.truncate(node, effects);
            case "LockStmt" -> TableEffects.lock(node, effects);
            case "VacuumStmt" -> TableEffects.vacuum(node, profile, effects);
            case "AlterObjectSchemaStmt" -> TableEffects.setSchema(node, profile, effects);
            case "CreateTrigStmt" -> TableEffects.createTrigger(node, effects);
            case "AlterDomainStmt" -> TypeEffects.alterDomain(node, effects);
            case "CopyStmt" -> TypeEffects.copy(node, effects);
            default -> addRest(kind, node, profile, majorVersion, effects);
        }
    }

    private static void addRest(
            String kind, JsonNode node, StatementProfile profile, int majorVersion, EffectsBuilder effects) {
        switch (kind) {
            case "CreatePublicationStmt", "AlterPublicationStmt" -> publication(node, effects);
            case "CreateFunctionStmt" -> {
                if (profile.coverage() == Coverage.PARTLY && effects.facts().namesRelation(node.toString())) {
                    effects.lift(profile);
                }
            }
            case "PrepareStmt" -> QueryEffects.understood(node.path("query"), effects);
            case "DeclareCursorStmt" -> QueryEffects.run(node.path("query"), profile, effects);
            case "ExplainStmt" -> {
                JsonNode query = node.path("query");
                String inner = query.fieldNames().next();
                add(inner, query.path(inner), profile, majorVersion, effects);
            }
            default -> effects.lift(profile);
        }
    }

    private static void publication(JsonNode node, EffectsBuilder effects) {
        for (JsonNode element : node.path("pubobjects")) {
            JsonNode relation =
                    element.path("PublicationObjSpec").path("pubtable").path("relation");
            if (relation.has("relname")) {
                effects.require(Nodes.name(relation)).ifPresent(table -> {
                    boolean heirs = relation.path("inh").asBoolean() && !SchemaFacts.isPartitioned(table);
                    effects.lockAll(heirs ? effects.facts().tree(table) : List.of(table), SHARE_UPDATE_EXCLUSIVE);
                });
            }
        }
        if (node.path("action").asText().equals("AP_SetObjects")) {
            effects.facts().schema().publications().stream()
                    .filter(one -> one.name().equals(node.path("pubname").asText()))
                    .map(Publication::tables)
                    .forEach(tables -> tables.keySet().forEach(table -> replaced(table, effects)));
        }
    }

    private static void replaced(QualifiedName table, EffectsBuilder effects) {
        effects.facts()
                .schema()
                .relation(table)
                .map(Relation::name)
                .ifPresent(name -> effects.lock(name, SHARE_UPDATE_EXCLUSIVE));
    }
}
