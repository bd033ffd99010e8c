package dev.fermata.execution.step;

import dev.fermata.contracts.plan.Plan;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Rows that a rollback could not put back and that rest in the attic therefore. */
public final class RowsLeft {
    private static final Pattern TABLE = Pattern.compile(Pattern.quote(Images.LEFT) + "\\w+");

    private RowsLeft() {}

    /** What there is of this plan, for people; empty where everything went back. */
    public static List<String> of(Connection connection, Plan plan) throws SQLException {
        List<String> tables = plan.steps().stream()
                .flatMap(step -> Optional.ofNullable(step.inverse()).stream())
                .flatMap(inverse -> inverse.sql().stream())
                .flatMap(sql -> TABLE.matcher(sql).results().map(MatchResult::group))
                .distinct()
                .toList();
        List<String> left = new ArrayList<>();
        for (String table : tables) {
            describe(connection, table).ifPresent(left::add);
        }
        return left;
    }

    private static Optional<String> describe(Connection connection, String table) throws SQLException {
        String what;
        try (PreparedStatement select =
                connection.prepareStatement("SELECT obj_description(to_regclass(?), 'pg_class')")) {
            select.setString(1, table);
            try (ResultSet row = select.executeQuery()) {
                what = row.next() ? row.getString(1) : null;
            }
        }
        if (what == null) {
            return Optional.empty();
        }
        try (Statement count = connection.createStatement();
                ResultSet row = count.executeQuery("SELECT count(*) FROM " + table)) {
            row.next();
            return Optional.of(what + ": " + row.getLong(1) + " in " + table);
        }
    }
}
