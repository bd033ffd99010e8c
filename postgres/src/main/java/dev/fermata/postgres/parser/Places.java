package dev.fermata.postgres.parser;

/** Lines and columns in the script of offsets into the text of one of its statements. Immutable. */
final class Places {
    private final Statement statement;
    private final Positions positions;

    Places(Statement statement) {
        this.statement = statement;
        this.positions = new Positions(statement.text());
    }

    Statement statement() {
        return statement;
    }

    int line(int offset) {
        return statement.line() + positions.line(offset) - 1;
    }

    int column(int offset) {
        return positions.column(offset) + (positions.line(offset) == 1 ? statement.column() - 1 : 0);
    }
}
