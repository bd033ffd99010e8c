package dev.fermata.postgres.parser;

import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * A statement in a body, as the server gets to see it.
 *
 * <p>{@link #statement} differs from a statement of the script in three ways. Its {@code index} counts the statements of
 * the body. Its {@code text} is what the server reads: quotes undone, an INTO clause blanked out, {@code PERFORM} and
 * bare expressions as {@code SELECT}, EXECUTE's constant put together. And {@code start}, {@code end}, {@code line} and
 * {@code column} are where that stands in the script, so {@code end - start} may be another length. Use {@link #line}
 * and {@link #column} to find an offset of the text in the script.
 *
 * <p>Immutable.
 */
public final class BodyStatement {
    private final Statement statement;
    private final Set<Flow> flow;
    private final boolean executed;
    private final SourceText source;
    private final Places places;

    BodyStatement(Statement statement, Set<Flow> flow, boolean executed, SourceText source, Places places) {
        this.statement = statement;
        this.flow = Set.copyOf(flow);
        this.executed = executed;
        this.source = source;
        this.places = places;
    }

    /** The same under another {@link Statement#index}. */
    public BodyStatement numbered(int index) {
        return new BodyStatement(statement.numbered(index), flow, executed, source, places);
    }

    public Statement statement() {
        return statement;
    }

    /** What may keep it from being reached, in no order; empty for what runs whenever the body does. */
    public Set<Flow> flow() {
        return flow.isEmpty() ? Set.of() : EnumSet.copyOf(flow);
    }

    /** Whether it may be passed over, or undone, in a body that ends well. */
    public boolean isConditional() {
        return !flow.isEmpty();
    }

    /** Whether it is the constant text of an EXECUTE. */
    public boolean isExecuted() {
        return executed;
    }

    /** Line in the script, from 1, of a character of the statement's text. */
    public int line(int offset) {
        return places.line(origin(offset));
    }

    /** Column in the script, from 1, in UTF-16 units. */
    public int column(int offset) {
        return places.column(origin(offset));
    }

    private int origin(int offset) {
        return source.origin(Objects.checkIndex(offset, source.length() + 1));
    }

    @Override
    public String toString() {
        return statement + (flow.isEmpty() ? "" : " " + flow());
    }
}
