package dev.fermata.execution.shadow;

import dev.fermata.execution.plan.Stage;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Relation;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Asks the server whether the columns that have got another type could get their old one again. */
final class CastsBack {
    private CastsBack() {}

    private record Types(String now, String before) {}

    static Stage ask(Connection connection, Stage before, Stage after) throws SQLException {
        Set<Types> changed = new LinkedHashSet<>();
        for (Relation relation : after.schema().relations()) {
            Optional<Relation> was = before.schema().relation(relation.name());
            for (Column column : relation.columns()) {
                was.flatMap(r -> r.column(column.name()))
                        .filter(old -> !old.type().equals(column.type()))
                        .ifPresent(old -> changed.add(new Types(column.type(), old.type())));
            }
        }
        Set<String> missing = new LinkedHashSet<>();
        for (Types types : changed) {
            if (!exists(connection, types)) {
                missing.add(Stage.noCast(types.now(), types.before()));
            }
        }
        return after.withNoCasts(missing);
    }

    /** No row is made: a domain may have no room for NULL. */
    private static boolean exists(Connection connection, Types types) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(
                    "SELECT x::" + types.before() + " FROM (SELECT NULL::" + types.now() + " AS x LIMIT 0) AS nothing");
            return true;
        } catch (SQLException e) {
            String state = e.getSQLState();
            if (state != null && state.startsWith("42")) { // no such cast, or no such type any more
                return false;
            }
            throw e;
        }
    }
}
