package dev.fermata.postgres.parser;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The bodies of all statements of a script that have one. Immutable. */
public final class Bodies {
    private static final Bodies NONE = new Bodies(Map.of());

    private final Map<Integer, Body> byStatement;

    private Bodies(Map<Integer, Body> byStatement) {
        this.byStatement = Map.copyOf(byStatement);
    }

    /**
     * Reads them, one after the other.
     *
     * @param statements of one script
     * @throws SqlRefusedException as {@link Body#of} does
     */
    public static Bodies of(List<Statement> statements, SqlParser parser) {
        Map<Integer, Body> bodies = new HashMap<>();
        for (Statement statement : statements) {
            Body.of(statement, parser).ifPresent(body -> bodies.put(statement.index(), body));
        }
        return bodies.isEmpty() ? NONE : new Bodies(bodies);
    }

    /** None has been looked into, so that every DO block stays unknown. */
    public static Bodies none() {
        return NONE;
    }

    /** The body of that statement of the script. */
    public Optional<Body> of(Statement statement) {
        return Optional.ofNullable(byStatement.get(statement.index()));
    }

    /** Of that statement the ones in its body that run when it runs: those of a DO block. */
    public List<BodyStatement> runBy(Statement statement) {
        return of(statement).filter(Body::runsAtOnce).map(Body::statements).orElse(List.of());
    }
}
