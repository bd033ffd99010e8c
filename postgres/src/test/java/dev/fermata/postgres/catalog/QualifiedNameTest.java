package dev.fermata.postgres.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class QualifiedNameTest {

    @Test
    void quotesAsTheServerQuotes() throws SQLException {
        String names = """
            SELECT name, quote_ident(name) FROM (
              SELECT word AS name FROM pg_get_keywords()
              UNION ALL VALUES ('plain'), ('Upper'), ('with space'), ('quo"te'), ('1st'), ('_x9'), ('dollar$'),
                ('ümlaut'), ('a.b'), ('-- x'))
            """;
        try (Sql sql = Sql.empty();
                Statement statement = sql.connection().createStatement();
                ResultSet rows = statement.executeQuery(names)) {
            while (rows.next()) {
                assertThat(QualifiedName.quote(rows.getString(1))).isEqualTo(rows.getString(2));
            }
        }
    }

    @Test
    void sortsBySchemaThenName() {
        assertThat(new QualifiedName("a", "z")).isLessThan(new QualifiedName("b", "a"));
        assertThat(new QualifiedName("a", "Order Lines")).hasToString("a.\"Order Lines\"");
    }

    @Test
    void isNeverEmpty() {
        assertThatThrownBy(() -> new QualifiedName("", "x")).hasMessage("schema: '' (expected: a name)");
        assertThatThrownBy(() -> new QualifiedName("x", "a\0")).isInstanceOf(IllegalArgumentException.class);
    }
}
