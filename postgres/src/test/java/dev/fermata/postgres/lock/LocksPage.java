package dev.fermata.postgres.lock;

import static java.util.stream.Collectors.joining;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.SchemaModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes docs/locks.md from the model. */
final class LocksPage {
    /** The versions that are measured. */
    private static final List<Integer> VERSIONS = List.of(15, 17, 18);

    private static final String TABLE_HEAD = """

        | statement | PostgreSQL | locks | blocks | rewrites | reads all of | in a transaction |
        | --- | --- | --- | --- | --- | --- | --- |
        """;

    private static final Map<LockMode, String> SHORT = Map.of(
            LockMode.ACCESS_SHARE, "AS",
            LockMode.ROW_SHARE, "RS",
            LockMode.ROW_EXCLUSIVE, "RX",
            LockMode.SHARE_UPDATE_EXCLUSIVE, "SUE",
            LockMode.SHARE, "S",
            LockMode.SHARE_ROW_EXCLUSIVE, "SRX",
            LockMode.EXCLUSIVE, "X",
            LockMode.ACCESS_EXCLUSIVE, "AX");

    private final SqlParser parser;
    private final SchemaModel schema;

    LocksPage(SqlParser parser, SchemaModel schema) {
        this.parser = parser;
        this.schema = schema;
    }

    String text() {
        StringBuilder page = new StringBuilder(head());
        String section = "";
        for (Fixture.Case one : Fixture.cases()) {
            if (!one.section().equals(section)) {
                section = one.section();
                page.append("\n## ").append(section).append('\n').append(TABLE_HEAD);
            }
            rows(one).forEach(page::append);
        }
        return page.toString();
    }

    private static String head() {
        return """
                # Locks

                What each kind of statement locks, rewrites and reads, made from the model (`EffectsModel`); a test runs every line
                on PostgreSQL and fails where the server does otherwise. Do not edit: run the tests of `postgres` with
                `-Dfermata.docs=write`.

                The schema is [fixture.sql](../postgres/src/test/resources/dev/fermata/postgres/lock/fixture.sql). In short: `t` is
                the table under change, with indexes `t_pkey`, `t_a_idx`, `t_s_idx`, `t_u_uidx`, a foreign key to `p`, a view `vw`, a
                materialized view `mv` and a trigger; `pt`, `qt`, `nt` and `mt` are partitioned, `ptd`, `qtd` and `mtd` their DEFAULT
                partitions; `heir` and `grandchild` inherit from `parent`.

                A question mark: rows, the planner, a setting or a function decide. "Indexes of" stands for all of them. An index is
                also rewritten when it is dropped and made again. New objects, system catalogs, TOAST tables and locks that end
                before the statement are left out. In a DO block the question mark also stands at what may not be reached, and at the
                strongest lock where that is taken in such a place only. Version 16 was not measured: it is as 15 and 17 where these agree.

                | short | lock | blocks |
                | --- | --- | --- |
                """
                + Arrays.stream(LockMode.values())
                        .map(mode -> "| %s | %s | %s |\n".formatted(SHORT.get(mode), mode.sql(), blocks(mode)))
                        .collect(joining());
    }

    private static String blocks(LockMode mode) {
        String schemaChanges = mode.conflictsWith(LockMode.SHARE_UPDATE_EXCLUSIVE) ? "schema changes, VACUUM" : "";
        return mode.blocksReads()
                ? "everything"
                : mode.blocksWrites() ? "writes, " + schemaChanges : schemaChanges.isEmpty() ? "-" : schemaChanges;
    }

    /** One row, or one for each group of versions that behave alike. */
    private List<String> rows(Fixture.Case one) {
        Map<String, List<Integer>> versions = new LinkedHashMap<>();
        for (int version : VERSIONS) {
            if (version >= one.since()) {
                Effects effects = Fixture.effects(parser, one.sql(), version, schema);
                versions.computeIfAbsent(cells(effects), cells -> new ArrayList<>())
                        .add(version);
            }
        }
        List<String> rows = new ArrayList<>();
        versions.forEach((cells, of) -> rows.add("| `%s` | %s | %s |\n"
                .formatted(
                        one.sql().replace("|", "\\|"),
                        of.equals(VERSIONS)
                                ? "all"
                                : of.stream().map(String::valueOf).collect(joining(", ")),
                        cells)));
        return rows;
    }

    private String cells(Effects effects) {
        if (!effects.refusals().isEmpty()) {
            String why = effects.refusals().stream().sorted().findFirst().orElseThrow();
            return "refused: " + why + " | - | - | - | -";
        }
        String waits = effects.waitsFor().stream()
                .map(who -> "; waits for " + who.words())
                .collect(joining());
        String open = effects.coverage() == Coverage.PARTLY ? "; " + String.join("; ", effects.notes()) : "";
        return String.join(
                " | ",
                locks(effects) + waits + open,
                blocked(effects),
                named(effects, RelationEffect::rewrites),
                named(effects, RelationEffect::scans),
                effects.runsInTransaction() ? "yes" : "no");
    }

    private String locks(Effects effects) {
        Map<LockMode, List<RelationEffect>> byMode = new EnumMap<>(LockMode.class);
        effects.relations().forEach(effect -> byMode.computeIfAbsent(effect.mode(), mode -> new ArrayList<>())
                .add(effect));
        String text = byMode.entrySet().stream()
                .sorted(Map.Entry.<LockMode, List<RelationEffect>>comparingByKey()
                        .reversed())
                .map(entry -> SHORT.get(entry.getKey()) + " " + names(entry.getValue(), RelationEffect::locked))
                .collect(joining("; "));
        return text.isEmpty() ? "none" : text;
    }

    private static String blocked(Effects effects) {
        List<RelationEffect> certain = effects.relations();
        return certain.stream().anyMatch(effect -> effect.mode().blocksReads())
                ? "reads, writes"
                : certain.stream().anyMatch(effect -> effect.mode().blocksWrites()) ? "writes" : "-";
    }

    private String named(Effects effects, Function<RelationEffect, Likelihood> what) {
        List<RelationEffect> those = effects.relations().stream()
                .filter(effect -> what.apply(effect) != Likelihood.NO)
                .toList();
        return those.isEmpty() ? "-" : names(those, what);
    }

    /** All indexes of a table, if there is more than one, go by the table's name. */
    private String names(List<RelationEffect> effects, Function<RelationEffect, Likelihood> likely) {
        Map<QualifiedName, Likelihood> open = new TreeMap<>();
        effects.forEach(effect -> open.put(effect.relation(), likely.apply(effect)));
        Map<QualifiedName, String> texts = new LinkedHashMap<>();
        open.forEach((name, likelihood) -> texts.put(name, name.name() + mark(likelihood)));
        for (Relation relation : schema.relations()) {
            List<QualifiedName> indexes =
                    relation.indexes().stream().map(Index::name).toList();
            Set<Likelihood> likelihoods = indexes.stream().map(open::get).collect(Collectors.toSet());
            if (indexes.size() > 1 && open.keySet().containsAll(indexes) && likelihoods.size() == 1) {
                String text = "indexes of " + relation.name().name()
                        + mark(likelihoods.iterator().next());
                IntStream.range(0, indexes.size()).forEach(i -> texts.put(indexes.get(i), i == 0 ? text : ""));
            }
        }
        return texts.values().stream().filter(text -> !text.isEmpty()).collect(joining(", "));
    }

    private static String mark(Likelihood likelihood) {
        return likelihood == Likelihood.DEPENDS ? "?" : "";
    }
}
