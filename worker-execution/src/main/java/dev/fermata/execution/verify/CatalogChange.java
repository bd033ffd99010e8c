package dev.fermata.execution.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.fermata.contracts.json.CanonicalJson;
import dev.fermata.contracts.json.Json;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a change did to the catalog: the definition afterwards of every object that is new or different, and
 * {@link #REMOVED} for what is gone. The same on the clone and on the target, whatever else there is in the two.
 */
public record CatalogChange(SortedMap<String, String> after) {
    public static final String REMOVED = "(removed)";

    public CatalogChange {
        after = new TreeMap<>(after);
    }

    /**
     * Only what happened to these objects: others change what they like meanwhile.
     *
     * @param rehearsed whether they are those that a rehearsal changed, so that none means none; else all of it
     */
    public CatalogChange restrictedTo(Collection<String> identities, boolean rehearsed) {
        if (!rehearsed) {
            return this;
        }
        SortedMap<String, String> ours = new TreeMap<>(after);
        ours.keySet().retainAll(identities);
        return new CatalogChange(ours);
    }

    /** What either of them changed. */
    public CatalogChange with(CatalogChange other) {
        SortedMap<String, String> both = new TreeMap<>(after);
        both.putAll(other.after);
        return new CatalogChange(both);
    }

    /** What somebody has changed again since, by identity. */
    public List<String> changedAgain(CatalogSnapshot now) {
        SortedMap<String, String> definitions = now.withoutOwnership().definitions();
        return after.entrySet().stream()
                .filter(object -> !object.getValue().equals(definitions.getOrDefault(object.getKey(), REMOVED)))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** {@code sha256:...} */
    public String fingerprint() {
        return CanonicalJson.digest(after);
    }

    /** What differs from another change, for people. */
    public List<String> differencesFrom(CatalogChange expected) {
        List<String> lines = new ArrayList<>();
        SortedMap<String, String> all = new TreeMap<>(expected.after);
        all.putAll(after);
        for (String identity : all.keySet()) {
            String want = expected.after.get(identity);
            String have = after.get(identity);
            if (want == null) {
                lines.add(identity + " changed, which it did not on the clone");
            } else if (!want.equals(have)) {
                lines.add(identity + " is not what it became on the clone");
            }
        }
        return lines;
    }

    public String write() {
        try {
            return Json.mapper().writeValueAsString(after);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of texts is always JSON", e);
        }
    }

    public static CatalogChange parse(String json) {
        try {
            Map<String, String> map = Json.mapper().readValue(json, new TypeReference<>() {});
            return new CatalogChange(new TreeMap<>(map));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the catalog change in the ledger cannot be read", e);
        }
    }
}
