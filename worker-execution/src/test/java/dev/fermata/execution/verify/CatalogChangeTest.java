package dev.fermata.execution.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CatalogChangeTest {
    private static CatalogChange change(Map<String, String> after) {
        return new CatalogChange(new TreeMap<>(after));
    }

    @Test
    void whatOthersChangeMeanwhileIsNotOurChange() {
        CatalogChange rehearsed = change(Map.of("column public.t.note", "text"));
        CatalogChange onProduction =
                change(Map.of("column public.t.note", "text", "table public.others", "columns (id)"));
        assertThat(onProduction.restrictedTo(rehearsed.after().keySet(), true).fingerprint())
                .isEqualTo(rehearsed.fingerprint());
    }

    @Test
    void anObjectOfOursThatBecameSomethingElseIsFound() {
        CatalogChange rehearsed = change(Map.of("column public.t.note", "text"));
        CatalogChange onProduction = change(Map.of("column public.t.note", "integer"));
        assertThat(onProduction.restrictedTo(rehearsed.after().keySet(), true).fingerprint())
                .isNotEqualTo(rehearsed.fingerprint());
        assertThat(onProduction.differencesFrom(rehearsed))
                .containsExactly("column public.t.note is not what it became on the clone");
    }

    @Test
    void withoutARehearsalEverythingCounts() {
        CatalogChange all = change(Map.of("table public.a", "x", "table public.b", CatalogChange.REMOVED));
        assertThat(all.restrictedTo(List.of(), false)).as("without a rehearsal").isEqualTo(all);
        assertThat(all.restrictedTo(List.of(), true).after())
                .as("rehearsed, and nothing of the catalog was changed")
                .isEmpty();
    }

    @Test
    void whatIsWrittenIsReadBack() {
        CatalogChange all = change(Map.of("table public.a", "x", "table public.b", CatalogChange.REMOVED));
        assertThat(CatalogChange.parse(all.write())).isEqualTo(all);
    }
}
