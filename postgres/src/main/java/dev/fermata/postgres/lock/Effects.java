package dev.fermata.postgres.lock;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What one statement does to the relations of one schema.
 *
 * <p>{@code DROP INDEX t_a_idx} gives
 *
 * <pre>
 * description        DROP INDEX
 * coverage           KNOWN
 * relations          public.t_a_idx  ACCESS_EXCLUSIVE  locked YES  rewrites NO  scans NO
 *                    public.t        ACCESS_EXCLUSIVE  locked YES  rewrites NO  scans NO
 * runsInTransaction  true
 * </pre>
 *
 * @param description the statement's kind in SQL words
 * @param coverage how complete {@code relations} is; always looked at before them. Left out even where it is KNOWN:
 *     system catalogs, TOAST tables, what the statement itself makes, locks that are given back before it ends, and
 *     what triggers do
 * @param relations one entry for each relation, tables and indexes alike
 * @param runsInTransaction false for what the server refuses inside a transaction block
 * @param waitsFor what it waits for beyond the locks
 * @param refusals why the server will refuse it, as far as this schema tells; then {@code relations} is what is locked
 *     until that is found out, or less
 * @param notes sentences for people
 */
public record Effects(
        String description,
        Coverage coverage,
        List<RelationEffect> relations,
        boolean runsInTransaction,
        Collection<WaitsFor> waitsFor,
        List<String> refusals,
        List<String> notes) {

    public Effects {
        relations = List.copyOf(relations);
        waitsFor = List.copyOf(waitsFor);
        refusals = List.copyOf(refusals);
        notes = List.copyOf(notes);
    }

    /** What happens to that one; empty if nothing, or nothing that is known. */
    public Optional<RelationEffect> on(QualifiedName relation) {
        return relations.stream()
                .filter(effect -> effect.relation().equals(relation))
                .findFirst();
    }
}
