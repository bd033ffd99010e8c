package dev.fermata.execution.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CatalogComparisonTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE STATISTICS public.s (ndistinct) ON a, b FROM public.t"
                        + "|CREATE STATISTICS public.s (ndistinct) ON b, a FROM public.t|0",
                "CREATE STATISTICS public.s ON a, b FROM public.t|CREATE STATISTICS public.s ON a, c FROM public.t|1"
            })
    void columnsOfStatisticsHaveTheOrderOfTheTable(String one, String other, int differences) {
        assertThat(CatalogComparison.of(Map.of("statistics public.s", one), Map.of("statistics public.s", other))
                        .differences())
                .hasSize(differences);
    }
}
