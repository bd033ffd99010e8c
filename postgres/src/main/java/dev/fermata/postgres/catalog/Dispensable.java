package dev.fermata.postgres.catalog;

import dev.fermata.postgres.catalog.ScriptOrder.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a server may refuse to make for an ordinary role, such as an extension that is not trusted. Where nothing else
 * needs it, a copy does without it. Only trying tells: some providers let roles of theirs make what is for superusers.
 *
 * @param name as people call it, such as {@code extension pg_stat_statements}
 * @param statement of the script, which makes it
 * @param along statements of the script that are nothing without it, such as the one of its comment
 * @param identities of it and of what goes along, as {@link CatalogSnapshot} has them
 * @param neededBy what a copy cannot be without and cannot have without it, such as {@code table public.places}
 */
public record Dispensable(
        String name, String statement, List<String> along, List<String> identities, List<String> neededBy) {

    private static final String LEAKPROOF = "LEAKPROOF of ";

    public Dispensable {
        along = List.copyOf(along);
        identities = List.copyOf(identities);
        neededBy = List.copyOf(neededBy);
    }

    /** What is not to be compared where these are missing. */
    public static Set<String> identities(List<Dispensable> missing) {
        return missing.stream().flatMap(one -> one.identities().stream()).collect(Collectors.toSet());
    }

    static List<Dispensable> of(List<Step> steps) {
        Map<String, List<Step>> needing = new HashMap<>();
        steps.forEach(step -> step.needs().stream()
                .filter(address -> !address.isEmpty())
                .forEach(address -> needing.computeIfAbsent(address, none -> new ArrayList<>())
                        .add(step)));
        return steps.stream()
                .filter(step -> step.recipe().isForSuperusers())
                .map(step -> of(step, needing))
                .sorted(Comparator.comparing(Dispensable::name))
                .toList();
    }

    private static Dispensable of(Step made, Map<String, List<Step>> needing) {
        Set<String> along = new TreeSet<>();
        Set<String> identities = new TreeSet<>(Set.of(identity(made)));
        Set<String> neededBy = new TreeSet<>();
        Set<Step> seen = new HashSet<>(Set.of(made));
        Deque<Step> gone = new ArrayDeque<>(seen);
        while (!gone.isEmpty()) {
            for (Step step : needing.getOrDefault(gone.remove().address(), List.of())) {
                if (!seen.add(step)) {
                    continue;
                }
                if (goesAlong(step)) {
                    along.add(step.statement());
                    identities.add(identity(step));
                    gone.add(step);
                } else {
                    neededBy.add(described(step));
                }
            }
        }
        return new Dispensable(
                made.name(), made.statement(), List.copyOf(along), List.copyOf(identities), List.copyOf(neededBy));
    }

    /** A view that reads nothing of the user's is one of whoever looks after the server. */
    private static boolean goesAlong(Step step) {
        return switch (step.recipe()) {
            case COMMENT -> true;
            case VIEW ->
                step.needs().stream().noneMatch(one -> one.startsWith("pg_class ") && !one.equals(step.address()));
            default -> step.recipe().isForSuperusers();
        };
    }

    /** Some names say what they are names of. */
    private static String described(Step step) {
        String kind = step.recipe().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " ";
        return step.name().startsWith(kind) ? step.name() : kind + step.name();
    }

    private static String identity(Step step) {
        if (step.recipe() == Recipe.LEAKPROOF) {
            return step.name().substring(LEAKPROOF.length());
        }
        return step.recipe() == Recipe.VIEW ? described(step) : step.name();
    }
}
