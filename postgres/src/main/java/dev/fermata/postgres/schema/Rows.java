package dev.fermata.postgres.schema;

import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads rows of catalog queries. */
final class Rows {
    private static final int FETCH_SIZE = 5_000;

    interface Mapping<T> {
        T of(ResultSet row) throws SQLException;
    }

    private Rows() {}

    static <T> List<T> list(Connection connection, String sql, Mapping<T> mapping) throws SQLException {
        List<T> list = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH_SIZE);
            try (ResultSet rows = statement.executeQuery(sql)) {
                while (rows.next()) {
                    list.add(mapping.of(rows));
                }
            }
        }
        return list;
    }

    /** By the OID in the column {@code of}, in the order of the query. */
    static <T> Map<Long, List<T>> byOid(Connection connection, String sql, Mapping<T> mapping) throws SQLException {
        Map<Long, List<T>> map = new HashMap<>();
        list(connection, sql, row -> map.computeIfAbsent(row.getLong("of"), none -> new ArrayList<>())
                .add(mapping.of(row)));
        return map;
    }

    /** An array of text; NULL is none. */
    static List<String> strings(ResultSet row, String column) throws SQLException {
        Array array = row.getArray(column);
        return array == null ? List.of() : List.of((String[]) array.getArray());
    }
}
