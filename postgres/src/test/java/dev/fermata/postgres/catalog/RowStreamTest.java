package dev.fermata.postgres.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RowStreamTest {
    private static final String TABLES = "CREATE TABLE kept (id integer); CREATE TABLE brief (id integer, name text)";

    private static final QualifiedName KEPT = new QualifiedName("public", "kept");
    private static final QualifiedName BRIEF = new QualifiedName("public", "brief");

    private Sql source;
    private Sql clone;
    private Connection snapshot;

    @BeforeEach
    void open() throws SQLException {
        source = Sql.empty().run(TABLES).run("INSERT INTO kept VALUES (1), (2); INSERT INTO brief VALUES (1, 'a')");
        clone = Sql.empty().run(TABLES);
        snapshot = source.database().connectAsSuperuser();
        snapshot.setAutoCommit(false);
        snapshot.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        snapshot.createStatement().execute("SELECT 1");
    }

    @AfterEach
    void close() throws SQLException {
        snapshot.close();
        source.close();
        clone.close();
    }

    @Test
    void theRowsOfASnapshotAreCopiedWhateverIsWrittenMeanwhile() throws SQLException {
        source.run("INSERT INTO kept VALUES (3)");
        assertThat(RowStream.copy(snapshot, KEPT, "kept", clone.connection(), "kept"))
                .hasValue(2);
        assertThat(clone.ask("SELECT count(*) FROM kept")).isEqualTo("2");
    }

    @Test
    void whatIsDroppedSinceIsPassedOverAndTheRestIsCopied() throws SQLException {
        source.run("DROP TABLE brief");
        assertThat(TableCopy.copyAll(snapshot, clone.connection()))
                .containsExactly(new TableCopy.Copied(BRIEF, TableCopy.Copied.GONE), new TableCopy.Copied(KEPT, 2));
        assertThat(RowStream.copy(snapshot, BRIEF, "(SELECT id FROM brief)", clone.connection(), "brief (id)"))
                .isEmpty();
        assertThat(clone.ask("SELECT count(*) FROM brief")).isEqualTo("0");
    }

    /** It has rows, which a clone should not do without; the next attempt sees the table as it is. */
    @Test
    void aTableThatHasChangedSinceIsAnErrorAndTheTransactionGoesOn() throws SQLException {
        source.run("ALTER TABLE brief DROP COLUMN name");
        assertThatThrownBy(() ->
                        RowStream.copy(snapshot, BRIEF, "brief (id, name)", clone.connection(), "brief (id, name)"))
                .isInstanceOf(SQLException.class);
        assertThat(RowStream.copy(snapshot, KEPT, "kept", clone.connection(), "kept"))
                .hasValue(2);
    }

    @Test
    void aTableThatTheCloneHasNotGotIsAnError() throws SQLException {
        clone.run("DROP TABLE kept");
        assertThatThrownBy(() -> RowStream.copy(snapshot, KEPT, "kept", clone.connection(), "kept"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("kept");
    }
}
