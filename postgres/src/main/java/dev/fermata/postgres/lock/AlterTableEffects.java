package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.NO;
import static dev.fermata.postgres.lock.Likelihood.YES;
import static dev.fermata.postgres.lock.LockMode.ACCESS_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.ACCESS_SHARE;
import static dev.fermata.postgres.lock.LockMode.SHARE;
import static dev.fermata.postgres.lock.LockMode.SHARE_UPDATE_EXCLUSIVE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.schema.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** ALTER TABLE and its kin on a known schema, command by command. */
final class AlterTableEffects {
    /** Done to every heir and partition as well. Source: ATPrepCmd in tablecmds.c, and measured. */
    private static final Set<String> FOR_HEIRS =
            Set.of("AT_ColumnDefault", "AT_DropNotNull", "AT_SetStatistics", "AT_SetStorage", "AT_DropExpression");

    /** What the server does to all of a family or to none. */
    private static final Set<String> NOT_WITH_ONLY = Set.of("AT_AddColumn", "AT_AlterColumnType");

    private final EffectsBuilder effects;
    private final JsonNode statement;
    private final Relation table;
    /** The server takes the strongest lock that one of the commands needs, and takes it on heirs too. */
    private final LockMode mode;

    private AlterTableEffects(EffectsBuilder effects, JsonNode statement, Relation table, LockMode mode) {
        this.effects = effects;
        this.statement = statement;
        this.table = table;
        this.mode = mode;
    }

    static void of(JsonNode statement, EffectsBuilder effects) {
        WrittenName name = Nodes.name(statement.path("relation"));
        String object = statement.path("objtype").asText();
        if (object.equals("OBJECT_TYPE")) {
            TypeEffects.alterComposite(name, cascades(statement), effects);
            return;
        }
        LockMode mode = AlterTableLocks.mode(statement);
        if (object.equals("OBJECT_INDEX")) {
            IndexEffects.alter(statement, mode, effects);
            return;
        }
        Optional<Relation> table = effects.facts().relation(name);
        if (table.isPresent()) {
            new AlterTableEffects(effects, statement, table.get(), mode).all();
        } else if (!statement.path("missing_ok").asBoolean()) {
            effects.missing(name);
        }
    }

    private static boolean cascades(JsonNode statement) {
        for (JsonNode element : statement.path("cmds")) {
            if (element.path("AlterTableCmd").path("behavior").asText().equals("DROP_CASCADE")) {
                return true;
            }
        }
        return false;
    }

    private void all() {
        effects.lock(table, mode);
        for (JsonNode element : statement.path("cmds")) {
            JsonNode command = element.path("AlterTableCmd");
            command(command.path("subtype").asText(), command);
        }
    }

    private void command(String subtype, JsonNode command) {
        JsonNode detail = command.path("def");
        String name = command.path("name").asText();
        if (NOT_WITH_ONLY.contains(subtype) && !inherits() && !table.children().isEmpty()) {
            effects.refuse(table.name() + " has children, and ONLY would leave them out");
        }
        switch (subtype) {
            case "AT_AddColumn" -> columns().add(detail.path("ColumnDef"), command);
            case "AT_DropColumn" -> columns().drop(name, command);
            case "AT_SetNotNull" -> columns().setNotNull(name, droppedConstraints());
            case "AT_SetExpression" -> columns().setExpression(name);
            case "AT_AddIdentity", "AT_SetIdentity", "AT_DropIdentity" ->
                columns().identity(subtype, name, detail);
            case "AT_AlterColumnType" ->
                new ColumnTypeEffects(effects, table, affected()).alter(name, detail.path("ColumnDef"));
            case "AT_AddConstraint" -> constraints().add(detail.path("Constraint"), affected(), droppedConstraints());
            case "AT_DropConstraint" -> constraints().drop(name, command, inherits());
            case "AT_ValidateConstraint" -> constraints().validate(name, affected());
            case "AT_AlterConstraint" -> constraints().alter(detail);
            case "AT_AttachPartition" -> PartitionEffects.attach(effects, table, detail.path("PartitionCmd"));
            case "AT_DetachPartition", "AT_DetachPartitionFinalize" ->
                PartitionEffects.detach(effects, table, detail.path("PartitionCmd"), subtype);
            default -> wholeTable(subtype, name, detail);
        }
    }

    private void wholeTable(String subtype, String name, JsonNode detail) {
        switch (subtype) {
            case "AT_ChangeOwner" -> {
                effects.lockIndexes(table, ACCESS_EXCLUSIVE);
                effects.lockAll(effects.facts().ownedSequences(table, Set.of()), ACCESS_EXCLUSIVE);
            }
            case "AT_SetLogged", "AT_SetUnLogged" -> persistence(subtype.equals("AT_SetUnLogged"));
            case "AT_SetTableSpace" -> {
                String now = Objects.requireNonNullElse(table.tablespace(), "pg_default");
                if (!now.equals(name) && SchemaFacts.hasFile(table)) {
                    // The files are copied block by block, which the server does not count as a scan.
                    effects.add(table.name(), mode, YES, YES, NO);
                }
            }
            case "AT_SetAccessMethod" -> effects.rewrite(table, name.equals(table.accessMethod()) ? NO : YES);
            case "AT_ClusterOn" -> {
                lockIndex(name, SHARE_UPDATE_EXCLUSIVE);
                if (SchemaFacts.isPartitioned(table)) {
                    effects.refuse(table.name() + " is partitioned and has no order to keep");
                }
            }
            case "AT_ReplicaIdentity" -> {
                JsonNode identity = detail.path("ReplicaIdentityStmt");
                if (identity.has("name")) {
                    lockIndex(identity.path("name").asText(), SHARE);
                }
            }
            case "AT_AddInherit" -> inherit(detail);
            case "AT_DropInherit" -> other(Nodes.name(detail.path("RangeVar")), ACCESS_SHARE);
            case "AT_AddOf" -> {
                List<String> type = Nodes.strings(detail.path("TypeName").path("names"));
                other(Nodes.name(type, 0), ACCESS_SHARE);
            }
            default -> byRule(subtype);
        }
    }

    private void byRule(String subtype) {
        if (FOR_HEIRS.contains(subtype)) {
            effects.lockAll(affected(), mode);
        } else if (subtype.endsWith("Trig") || subtype.endsWith("TrigAll") || subtype.endsWith("TrigUser")) {
            effects.lockAll(inherits() ? effects.facts().partitionTree(table) : List.of(table), mode);
        } else if (!AlterTableLocks.knows(subtype)) {
            effects.unknown("the lock table has no entry for " + subtype);
        }
    }

    private void persistence(boolean unlogged) {
        boolean already = (table.persistence() == Relation.Persistence.UNLOGGED) == unlogged;
        effects.rewrite(table, already ? NO : YES);
        if (already) {
            return;
        }
        for (Relation sequence : effects.facts().ownedSequences(table, Set.of())) {
            effects.add(sequence.name(), ACCESS_EXCLUSIVE, YES, YES, NO);
        }
        if (unlogged && !effects.facts().schema().publicationsOf(table.name()).isEmpty()) {
            effects.refuse(table.name() + " is part of a publication and cannot be unlogged");
        }
    }

    private void inherit(JsonNode parent) {
        other(Nodes.name(parent.path("RangeVar")), SHARE_UPDATE_EXCLUSIVE);
        effects.facts().tree(table).stream().skip(1).forEach(heir -> effects.lock(heir, ACCESS_SHARE));
    }

    private void other(WrittenName name, LockMode otherMode) {
        effects.require(name).ifPresent(relation -> effects.lock(relation, otherMode));
    }

    private void lockIndex(String name, LockMode indexMode) {
        table.indexes().stream()
                .filter(index -> index.name().name().equals(name))
                .forEach(index -> effects.lock(index.name(), indexMode));
    }

    private ColumnEffects columns() {
        return new ColumnEffects(effects, table, affected(), mode);
    }

    private ConstraintEffects constraints() {
        return new ConstraintEffects(effects, table);
    }

    private boolean inherits() {
        return statement.path("relation").path("inh").asBoolean();
    }

    private List<Relation> affected() {
        return inherits() ? effects.facts().tree(table) : List.of(table);
    }

    /** A constraint that goes away in the same statement proves nothing. */
    private Set<String> droppedConstraints() {
        List<String> dropped = new ArrayList<>();
        for (JsonNode element : statement.path("cmds")) {
            JsonNode command = element.path("AlterTableCmd");
            if (command.path("subtype").asText().equals("AT_DropConstraint")) {
                dropped.add(command.path("name").asText());
            }
        }
        return Set.copyOf(dropped);
    }
}
