package dev.fermata.execution.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.impact.ValidationQuery;
import dev.fermata.contracts.json.Json;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the target was like before the first step. Kept in the ledger, so that whoever goes on with the run compares with the
 * same.
 *
 * @param catalog definitions by identity
 * @param rights owners and grants, by identity; empty where a run began before they were kept
 * @param answers of the validation queries
 */
public record Baseline(Map<String, String> catalog, Map<String, String> rights, Map<String, String> answers) {
    public Baseline {
        catalog = Map.copyOf(catalog);
        rights = Fields.copy(rights);
        answers = Map.copyOf(answers);
    }

    public static Baseline read(Connection connection, List<ValidationQuery> validations) throws SQLException {
        CatalogSnapshot now = CatalogSnapshot.read(connection);
        return new Baseline(
                now.withoutOwnership().definitions(),
                OwnersAndGrants.of(now),
                Validations.ask(connection, validations));
    }

    /** The same catalog with other answers. */
    public Baseline with(Map<String, String> others) {
        return new Baseline(catalog, rights, others);
    }

    public String write() {
        try {
            return Json.mapper().writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a baseline is always JSON", e);
        }
    }

    public static Baseline parse(String json) {
        try {
            return Json.mapper().readValue(json, Baseline.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the baseline in the ledger cannot be read", e);
        }
    }

    /** What is different in the catalog now. */
    public CatalogChange changeTo(CatalogSnapshot now) {
        SortedMap<String, String> after = now.withoutOwnership().definitions();
        SortedMap<String, String> changed = new TreeMap<>();
        after.forEach((identity, definition) -> {
            if (!definition.equals(catalog.get(identity))) {
                changed.put(identity, definition);
            }
        });
        catalog.keySet().stream()
                .filter(identity -> !after.containsKey(identity))
                .forEach(identity -> changed.put(identity, CatalogChange.REMOVED));
        return new CatalogChange(changed);
    }

    /**
     * What of these objects is not as it was, for people; empty when everything is. Objects that others have changed since
     * are not looked at.
     *
     * @param leaves identities of what was said to stay changed; of a table only the order of its columns may
     */
    public List<String> notRestored(CatalogChange ours, CatalogSnapshot now, Collection<String> leaves) {
        SortedMap<String, String> after = now.withoutOwnership().definitions();
        return ours.after().keySet().stream()
                .filter(identity -> !Objects.equals(catalog.get(identity), after.get(identity)))
                .filter(identity -> !leaves.contains(identity)
                        || !CatalogComparison.isAsGoodAs(identity, catalog.get(identity), after.get(identity)))
                .map(identity -> describe(identity, catalog.get(identity), after.get(identity)))
                .toList();
    }

    /**
     * Owners and grants that the way back has not put back, for people. Looked at are objects that the change has to do with, and
     * of them those that were missing, or had the rights of the beginning, right before: what else is other than at the
     * beginning may be the doing of others.
     *
     * @param start right before the way back
     */
    public List<String> rightsNotRestored(CatalogChange ours, CatalogSnapshot start, CatalogSnapshot now) {
        SortedMap<String, String> had = OwnersAndGrants.of(start);
        SortedMap<String, String> have = OwnersAndGrants.of(now);
        Set<String> there = start.withoutOwnership().definitions().keySet();
        Set<String> changed = ours.after().keySet();
        if (rights.isEmpty()) {
            return List.of();
        }
        SortedSet<String> all = new TreeSet<>(rights.keySet());
        all.addAll(have.keySet());
        return all.stream()
                .filter(identity -> !Objects.equals(rights.get(identity), have.get(identity)))
                .filter(identity -> {
                    List<String> objects = OwnersAndGrants.objectsOf(identity);
                    boolean missing = objects.stream().noneMatch(there::contains);
                    return objects.stream().anyMatch(changed::contains)
                            && objects.stream().anyMatch(catalog::containsKey)
                            && (missing || Objects.equals(rights.get(identity), had.get(identity)));
                })
                .map(identity -> describe(identity, rights.get(identity), have.get(identity)))
                .toList();
    }

    static String describe(String identity, @Nullable String was, @Nullable String is) {
        if (was == null) {
            return identity + " is left over";
        }
        return is == null ? identity + " is missing" : identity + " is '" + is + "' (it was '" + was + "')";
    }
}
