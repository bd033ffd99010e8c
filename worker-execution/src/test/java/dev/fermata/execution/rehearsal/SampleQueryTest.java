package dev.fermata.execution.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.execution.rehearsal.SampleQuery.Reference;
import dev.fermata.execution.rehearsal.SampleQuery.Table;
import dev.fermata.postgres.catalog.QualifiedName;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** That the queries give rows which find their parents is seen on a server, in {@link ProvidersTest}. */
class SampleQueryTest {
    private static final long UNKNOWN = 99;

    private static Table table(long oid, Long... parents) {
        List<Reference> references = Stream.of(parents)
                .map(parent -> new Reference(List.of("r" + parent), List.of(parent), List.of("id")))
                .toList();
        return new Table(oid, new QualifiedName("public", "t" + oid), List.of("id"), List.of("id"), references);
    }

    private static SampleQuery query(Table... tables) {
        return new SampleQuery(List.of(tables), 10);
    }

    @Test
    void givenReferencesWithoutACircle_thenNothingIsKeptOut() {
        SampleQuery query = query(table(1, 2L, 1L), table(2, 3L), table(3));
        assertThat(query.cut()).isEmpty();
        assertThat(query.cutOff()).isEmpty();
    }

    @Test
    void givenACircle_thenOneOfItsTablesIsNamed() {
        SampleQuery query = query(table(1, 2L), table(2, 1L), table(3, 1L));
        assertThat(query.cut()).hasSize(1).containsAnyOf("public.t1", "public.t2");
        assertThat(query.cutOff()).isEmpty();
    }

    @Test
    void givenAReferenceToATableThatIsNotCopied_thenItIsNotCalledACircleAndOnlyRowsWithoutItAreTaken() {
        Table refers = table(1, UNKNOWN);
        SampleQuery query = query(refers, table(2, 1L));
        assertThat(query.cut()).isEmpty();
        assertThat(query.cutOff()).containsExactly("public.t1");
        assertThat(query.of(refers)).contains("r99 IS NULL").doesNotContain("s99");
    }

    @Test
    void givenAPartitionedParentWithoutPartitions_thenNoRowCanReferToItAndNothingIsKeptOut() {
        Table refers = new Table(
                1,
                new QualifiedName("public", "t1"),
                List.of("id"),
                List.of("id"),
                List.of(new Reference(List.of("p"), List.of(), List.of("id"))));
        SampleQuery query = query(refers);
        assertThat(query.cut()).isEmpty();
        assertThat(query.cutOff()).isEmpty();
        assertThat(query.of(refers)).contains("p IS NULL");
    }
}
