package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.Drop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** CREATE, DROP and REINDEX: CONCURRENTLY, so that nobody waits while an index is built. */
final class IndexRewrite {
    private static final Pattern REINDEX =
            Pattern.compile("(?is)^\\s*REINDEX\\s+(\\([^)]*\\)\\s*)?(INDEX|TABLE|SCHEMA)\\b");

    private IndexRewrite() {}

    /** Empty where it stays as it is written. */
    static Optional<List<Draft>> create(Scene scene) {
        JsonNode node = scene.statement().node();
        List<Index> made = scene.diff().added().keySet().stream()
                .map(ObjectName::of)
                .filter(name -> name.is("index"))
                .flatMap(name -> scene.after().schema().index(new QualifiedName(name.schema(), name.name())).stream())
                .toList();
        if (made.isEmpty() || scene.isNew(made.get(0).table())) {
            return Optional.empty();
        }
        boolean partitioned = made.stream().anyMatch(index -> index.definition().contains(" ON ONLY "));
        if (partitioned) {
            return scene.online() ? Optional.of(onPartitions(scene, made)) : Optional.empty();
        }
        boolean asked = node.path("concurrent").asBoolean();
        if (!asked && !scene.online()) {
            return Optional.empty();
        }
        Index index = made.getFirst();
        Draft draft = concurrently(index, asked);
        return Optional.of(
                hasExpression(index) && FreshStatistics.matter(scene, index.table())
                        ? List.of(draft, FreshStatistics.draft(index.table(), ""))
                        : List.of(draft));
    }

    private static boolean hasExpression(Index index) {
        return index.keys().contains("");
    }

    private static Draft concurrently(Index index, boolean asked) {
        return Draft.autocommit(
                Phase.EXPAND,
                asked ? "as written" : "CONCURRENTLY, so that writes to " + index.table() + " go on while it is built",
                UniqueRewrite.dropped(index.name()),
                UniqueRewrite.concurrently(index.definition()),
                UniqueRewrite.isValid(index.name()));
    }

    /** First the empty one of the parent, then one for each partition, which becomes a part of it. */
    private static List<Draft> onPartitions(Scene scene, List<Index> made) {
        List<Draft> drafts = new ArrayList<>();
        for (Index index : made) {
            if (index.definition().contains(" ON ONLY ")) {
                drafts.add(Draft.transaction(
                        Phase.EXPAND,
                        "of the parent alone, which has no rows; the partitions follow one by one",
                        Undo.by("DROP INDEX IF EXISTS " + index.name().sql()),
                        index.definition()));
            }
        }
        for (Index index : made) {
            if (!index.definition().contains(" ON ONLY ")) {
                drafts.add(concurrently(index, false));
            }
        }
        String top = made.stream()
                .filter(index -> parentOf(scene, index.name()).isEmpty())
                .map(index -> index.name().sql())
                .findFirst()
                .orElseThrow();
        for (Index index : made.reversed()) {
            parentOf(scene, index.name())
                    .ifPresent(parent -> drafts.add(Draft.transaction(
                            Phase.EXPAND,
                            "the index of the partition becomes a part of that of the parent",
                            Undo.by("DROP INDEX IF EXISTS " + top), // and with it all its parts
                            "ALTER INDEX " + parent + " ATTACH PARTITION "
                                    + index.name().sql())));
        }
        return drafts;
    }

    private static Optional<String> parentOf(Scene scene, QualifiedName index) {
        String definition =
                scene.after().catalog().definition("index " + index.sql()).orElse("");
        int part = definition.indexOf("; part of ");
        return part < 0
                ? Optional.empty()
                : Optional.of(definition.substring(part + "; part of ".length()).split("; ", 2)[0]);
    }

    /** Empty where it stays as it is written. */
    static Optional<List<Draft>> drop(Scene scene, Drop drop) {
        List<Draft> drafts = new ArrayList<>();
        for (Map.Entry<String, String> removed : scene.diff().removed().entrySet()) {
            ObjectName name = ObjectName.of(removed.getKey());
            Optional<Index> index = name.is("index")
                    ? scene.before().schema().index(new QualifiedName(name.schema(), name.name()))
                    : Optional.empty();
            boolean comment = name.is("comment on");
            if (index.isEmpty() && !comment) {
                return Optional.empty(); // CASCADE took more
            }
            if (index.isPresent()) {
                boolean plain = !removed.getValue().contains("; part of ")
                        && !index.get().definition().contains(" ON ONLY ")
                        && scene.relation(index.get().table())
                                .filter(table -> table.kind() == Relation.Kind.TABLE
                                        || table.kind() == Relation.Kind.MATERIALIZED_VIEW)
                                .isPresent();
                boolean concurrently = scene.online() || drop.concurrently();
                if (!plain || (index.get().valid() && !concurrently)) {
                    return Optional.empty();
                }
                drafts.add(
                        index.get().valid()
                                ? dropped(index.get(), drop.concurrently(), scene)
                                : droppedUnfinished(index.get().name(), concurrently, drop.concurrently()));
            }
        }
        return drafts.isEmpty() ? Optional.empty() : Optional.of(drafts);
    }

    private static Draft dropped(Index index, boolean asked, Scene scene) {
        List<Unit> back = new ArrayList<>();
        back.add(Unit.autocommit(UniqueRewrite.concurrently(index.definition()), UniqueRewrite.isValid(index.name())));
        List<String> trimmings = Trimmings.of(index, scene.before());
        if (!trimmings.isEmpty()) {
            back.add(Unit.transaction(trimmings.toArray(String[]::new)));
        }
        if (hasExpression(index) && FreshStatistics.matter(scene, index.table())) {
            back.add(Unit.transaction(FreshStatistics.sql(index.table(), "")));
        }
        return Draft.autocommit(
                Phase.CONTRACT,
                asked ? "as written" : "CONCURRENTLY, so that nobody waits for it",
                index.unique() ? Undo.losing(Undo.stoppedBy(index.name().name()), back) : Undo.by(back),
                "DROP INDEX CONCURRENTLY IF EXISTS " + index.name().sql(),
                UniqueRewrite.isGone(index.name()));
    }

    /** What a failed CREATE INDEX CONCURRENTLY left behind is of no use to anybody, and no statement makes it again. */
    private static Draft droppedUnfinished(QualifiedName index, boolean concurrently, boolean asked) {
        Undo undo =
                leaving("index " + index + ", which was not valid, is not made again", List.of("index " + index.sql()));
        return concurrently
                ? Draft.autocommit(
                        Phase.CONTRACT,
                        asked ? "as written" : "CONCURRENTLY, so that nobody waits for it",
                        undo,
                        "DROP INDEX CONCURRENTLY IF EXISTS " + index.sql(),
                        UniqueRewrite.isGone(index))
                : Draft.transaction(
                        Phase.CONTRACT,
                        "as written; IF EXISTS, as it stays away after a rollback",
                        undo,
                        "DROP INDEX IF EXISTS " + index.sql());
    }

    private static Undo leaving(String note, List<String> identities) {
        List<String> leaves = new ArrayList<>(identities);
        identities.forEach(identity -> leaves.add("comment on " + identity));
        return new Undo.Possible(new Inverse(List.of(), true, note, leaves));
    }

    /** An index that was not valid stays so where the rows do not allow it, and else nobody makes it invalid again. */
    private static Undo ofReindex(Scene scene) {
        List<String> mended = scene.diff().changed().entrySet().stream()
                .filter(index -> index.getValue().before().contains("; INVALID"))
                .map(Map.Entry::getKey)
                .toList();
        return mended.isEmpty() ? Undo.by() : leaving(String.join(", ", mended) + " stays valid", mended);
    }

    /** Doing it twice is harmless, so the probe always asks for it again. */
    static Draft reindex(Scene scene) {
        boolean asked = scene.statement().node().toString().contains("\"concurrently\"");
        String sql = scene.piece().sql();
        boolean can = asked || (scene.online() && REINDEX.matcher(sql).find());
        String text = asked || !can ? sql : REINDEX.matcher(sql).replaceFirst("$0 CONCURRENTLY");
        Draft draft = Draft.autocommit(
                Phase.MIGRATE,
                asked || !can ? "as written" : "CONCURRENTLY, so that reads and writes go on while it is built",
                ofReindex(scene),
                text,
                "SELECT false");
        return can ? draft : draft.blocking();
    }
}
