package dev.fermata.postgres.context;

import dev.fermata.postgres.catalog.QualifiedName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a database was like at one moment.
 *
 * @param at by the server's clock
 * @param countingSince since when the statistics of tables count; at the latest
 * @param pooled whether a pooler is between us and the server
 * @param transactions that are open in the database, the reader's own left out
 * @param baseBackup whether one is being taken of the server
 * @param frozenAges age of each table's oldest transaction id, where it is beyond half of {@code freezeMaxAge}
 * @param gaps what the role could not see
 */
public record TargetContext(
        Instant at,
        Instant countingSince,
        ServerSettings settings,
        boolean pooled,
        List<OpenTransaction> transactions,
        boolean baseBackup,
        List<Standby> standbys,
        List<Slot> slots,
        Map<QualifiedName, Long> frozenAges,
        List<Gap> gaps) {

    /** A server as it is installed, at rest. */
    public static final TargetContext AT_REST = new TargetContext(
            Instant.EPOCH,
            Instant.EPOCH,
            ServerSettings.DEFAULTS,
            false,
            List.of(),
            false,
            List.of(),
            List.of(),
            Map.of(),
            List.of());

    public TargetContext {
        transactions = List.copyOf(transactions);
        standbys = List.copyOf(standbys);
        slots = List.copyOf(slots);
        frozenAges = Map.copyOf(frozenAges);
        gaps = List.copyOf(gaps);
    }

    public Stream<OpenTransaction> transactions(OpenTransaction.Purpose purpose) {
        return transactions.stream().filter(one -> one.purpose() == purpose);
    }

    public TargetContext with(OpenTransaction transaction) {
        return with(settings, pooled, plus(transactions, transaction), baseBackup, standbys, slots, frozenAges);
    }

    public TargetContext with(Standby standby) {
        return with(settings, pooled, transactions, baseBackup, plus(standbys, standby), slots, frozenAges);
    }

    public TargetContext with(Slot slot) {
        return with(settings, pooled, transactions, baseBackup, standbys, plus(slots, slot), frozenAges);
    }

    public TargetContext with(ServerSettings other) {
        return with(other, pooled, transactions, baseBackup, standbys, slots, frozenAges);
    }

    public TargetContext withBaseBackup() {
        return with(settings, pooled, transactions, true, standbys, slots, frozenAges);
    }

    public TargetContext behindPooler() {
        return with(settings, true, transactions, baseBackup, standbys, slots, frozenAges);
    }

    public TargetContext withFrozenAge(QualifiedName table, long age) {
        return with(settings, pooled, transactions, baseBackup, standbys, slots, Map.of(table, age));
    }

    private TargetContext with(
            ServerSettings settings,
            boolean pooled,
            List<OpenTransaction> transactions,
            boolean baseBackup,
            List<Standby> standbys,
            List<Slot> slots,
            Map<QualifiedName, Long> frozenAges) {
        return new TargetContext(
                at, countingSince, settings, pooled, transactions, baseBackup, standbys, slots, frozenAges, gaps);
    }

    private static <T> List<T> plus(List<T> list, T one) {
        return Stream.concat(list.stream(), Stream.of(one)).toList();
    }
}
