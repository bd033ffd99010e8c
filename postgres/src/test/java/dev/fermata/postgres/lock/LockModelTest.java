package dev.fermata.postgres.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LockModelTest {
    private static final SqlParser PARSER = new SqlParser(1);

    @AfterAll
    static void closeParser() {
        PARSER.close();
    }

    static Stream<Arguments> descriptions() {
        return Stream.of(
                argumentSet(
                        "several",
                        "alter table t add a int, drop b, alter c set not null",
                        "ALTER TABLE ... ADD COLUMN, DROP COLUMN, ALTER COLUMN SET NOT NULL"),
                argumentSet(
                        "foreign key",
                        "alter table t add foreign key (a) references p not valid",
                        "ALTER TABLE ... ADD FOREIGN KEY NOT VALID"),
                argumentSet(
                        "using index",
                        "alter table t add primary key using index i",
                        "ALTER TABLE ... ADD PRIMARY KEY USING INDEX"),
                argumentSet("concurrent index", "create index concurrently on t (a)", "CREATE INDEX CONCURRENTLY"),
                argumentSet("matview", "alter materialized view m rename to n", "ALTER ... RENAME MATERIALIZED VIEW"),
                argumentSet("drop", "drop foreign table f", "DROP FOREIGN TABLE"),
                argumentSet("reindex", "reindex (concurrently) table t", "REINDEX TABLE CONCURRENTLY"),
                argumentSet("vacuum", "vacuum (full) t", "VACUUM FULL"),
                argumentSet("not full", "vacuum (full off) t", "VACUUM"),
                argumentSet(
                        "detach",
                        "alter table p detach partition c concurrently",
                        "ALTER TABLE ... DETACH PARTITION CONCURRENTLY"));
    }

    @ParameterizedTest
    @MethodSource("descriptions")
    void saysTheKindInSqlWords(String sql, String description) {
        assertThat(profile(sql).description()).isEqualTo(description);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "create index concurrently i2 on t (a)",
                "drop index concurrently i",
                "reindex index concurrently i",
                "reindex schema public",
                "vacuum t",
                "vacuum full t",
                "cluster",
                "alter table pt detach partition pt1 concurrently",
                "create database d",
                "drop database d",
                "alter system set work_mem = '4MB'",
                "create tablespace x location '/nowhere'",
                "discard all"
            })
    void whatTheServerRefusesInATransactionIsSaidToBeSo(String sql) throws SQLException {
        assertThat(profile(sql).runsInTransaction()).isFalse();
        try (TestDatabase database = RealPostgres.shared().newDatabase();
                Connection connection = database.connectAsSuperuser();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "create table t (a int); create index i on t (a); create table pt (a int) partition by list (a); "
                            + "create table pt1 partition of pt for values in (1)");
            connection.setAutoCommit(false);
            statement.execute("select 1");
            assertThatThrownBy(() -> statement.execute(sql))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25001"));
            connection.rollback();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "do $$ begin end $$",
                "call p()",
                "create extension x",
                "reassign owned by a to b",
                "drop owned by a",
                "create schema s create table t ()",
                "import foreign schema x from server s into y",
                "alter extension x update",
                "security label on table t is 'x'",
                "drop extension x",
                "execute x",
                "alter extension x add table t"
            })
    void whatIsNotInTheTableIsUnknown(String sql) {
        assertThat(profile(sql).coverage()).isEqualTo(Coverage.UNKNOWN);
        assertThat(profile(sql).notes()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select my_function()",
                "drop table t cascade",
                "truncate t cascade",
                "alter table t drop constraint c",
                "alter table t validate constraint c",
                "drop index i",
                "alter type ty add attribute a int",
                "vacuum",
                "update t set a = f(b)"
            })
    void whatOnlyTheCatalogKnowsIsSaidToBeOpen(String sql) {
        assertThat(profile(sql).coverage()).isEqualTo(Coverage.PARTLY);
        assertThat(profile(sql).notes()).isNotEmpty();
    }

    /** No statement of its own; the grammar only has them inside others, or the server makes them itself. */
    private static final Set<String> INNER_KINDS =
            Set.of("RawStmt", "ReturnStmt", "PLAssignStmt", "SetOperationStmt", "ReplicaIdentityStmt");

    /** What they run, drop or change nobody can tell from them. */
    private static final Set<String> UNKNOWN_KINDS = Set.of(
            "DoStmt",
            "CallStmt",
            "ExecuteStmt",
            "CreateExtensionStmt",
            "AlterExtensionStmt",
            "AlterExtensionContentsStmt",
            "DropOwnedStmt",
            "ReassignOwnedStmt",
            "ImportForeignSchemaStmt",
            "SecLabelStmt");

    /** The server gives them to itself while it works on others. */
    private static final Set<String> INNER_COMMANDS = Set.of(
            "AT_AddColumnToView",
            "AT_AddIndex",
            "AT_AddIndexConstraint",
            "AT_CookedColumnDefault",
            "AT_ReAddComment",
            "AT_ReAddConstraint",
            "AT_ReAddDomainConstraint",
            "AT_ReAddIndex",
            "AT_ReAddStatistics");

    @Test
    void everyKindOfTheGrammarIsInTheTableOrKnownToBeUnknown() throws IOException {
        Set<String> kinds = namesIn("\"([A-Z][A-Za-z]+Stmt)\":");

        assertThat(kinds).hasSizeGreaterThan(100).contains("SelectStmt", "AlterTableStmt");
        assertThat(kinds).allSatisfy(kind -> assertThat(LockModel.knows(kind))
                .as(kind)
                .isEqualTo(!INNER_KINDS.contains(kind) && !UNKNOWN_KINDS.contains(kind)));
    }

    @Test
    void everyCommandOfAlterTableIsInTheTable() throws IOException {
        Set<String> commands = namesIn("\\x00(AT_[A-Za-z]+)(?=\\x00)");

        assertThat(commands).hasSizeGreaterThan(60).contains("AT_AddColumn", "AT_SetExpression");
        assertThat(commands).allSatisfy(command -> assertThat(AlterTableLocks.knows(command))
                .as(command)
                .isEqualTo(!INNER_COMMANDS.contains(command)));
    }

    /** The parser itself is the list of what there is. */
    private static Set<String> namesIn(String pattern) throws IOException {
        Path wasm;
        try (Stream<Path> files = Files.list(Path.of("src/main/wasm"))) {
            wasm = files.filter(file -> file.toString().endsWith(".wasm"))
                    .findFirst()
                    .orElseThrow();
        }
        return Pattern.compile(pattern)
                .matcher(Files.readString(wasm, StandardCharsets.ISO_8859_1))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
    }

    @Test
    void aKindThatNobodyKnowsIsUnknownAndNotHarmless() {
        StatementProfile profile = LockModel.profile("HaltAndCatchFireStmt", JsonNodeFactory.instance.objectNode(), 18);

        assertThat(profile.coverage()).isEqualTo(Coverage.UNKNOWN);
        assertThat(profile.notes())
                .containsExactly("the lock table has no entry for HALT AND CATCH FIRE: what it locks is not known");
    }

    @Test
    void aCommandThatNobodyKnowsIsUnknownAndNotHarmless() throws IOException {
        StatementProfile profile = LockModel.profile("AlterTableStmt", new ObjectMapper().readTree("""
            {"relation": {"relname": "t", "inh": true}, "objtype": "OBJECT_TABLE",
             "cmds": [{"AlterTableCmd": {"subtype": "AT_Melt"}}]}\
            """), 18);

        assertThat(profile.coverage()).isEqualTo(Coverage.UNKNOWN);
        assertThat(profile.locks()).extracting(RelationLock::mode).containsExactly(LockMode.ACCESS_EXCLUSIVE);
    }

    @Test
    void grantLocksSince18() {
        assertThat(LockModel.profile(
                                PARSER.parseScript("grant select on t to public")
                                        .getFirst(),
                                17)
                        .locks())
                .isEmpty();
        assertThat(profile("grant select on t to public").locks())
                .extracting(RelationLock::mode)
                .containsExactly(LockMode.ACCESS_SHARE);
    }

    @Test
    void namesAreAsWritten() {
        assertThat(profile("alter table s.\"T t\" add foreign key (a) references p")
                        .locks())
                .extracting(lock -> lock.relation().toString())
                .containsExactly("s.\"T t\"", "p");
        assertThat(new WrittenName("", "t").in("public").sql()).isEqualTo("public.t");
    }

    @Test
    void locksOnOneRelationAddUpToTheStrongest() {
        assertThat(profile("alter table t alter a set statistics 5, add b int, validate constraint c")
                        .locks())
                .containsExactly(new RelationLock(
                        new WrittenName("", "t"), LockMode.ACCESS_EXCLUSIVE, Likelihood.NO, Likelihood.YES));
    }

    @Test
    void aDefaultThatCallsAnUnknownFunctionMayRewrite() {
        assertThat(profile("alter table t add c int default my_function()")
                        .locks()
                        .getFirst()
                        .rewrites())
                .isEqualTo(Likelihood.DEPENDS);
        assertThat(profile("alter table t add c my_domain").locks().getFirst().rewrites())
                .isEqualTo(Likelihood.DEPENDS);
    }

    @Test
    void withQueriesAreNoRelations() {
        assertThat(LockModel.locks(PARSER.parseScript("with w as (select * from a) select * from w, public.w")
                        .getFirst()))
                .extracting(lock -> lock.relation().toString())
                .containsExactlyInAnyOrder("a", "public.w");
    }

    @ParameterizedTest
    @EnumSource(LockMode.class)
    void conflictsAreThoseOfTheServer(LockMode mode) throws SQLException {
        try (TestDatabase database = RealPostgres.shared().newDatabase();
                Connection holder = database.connect();
                Connection other = database.connect();
                Statement first = holder.createStatement();
                Statement second = other.createStatement()) {
            first.execute("create table t ()");
            holder.setAutoCommit(false);
            other.setAutoCommit(false);
            first.execute("lock table t in " + mode.sql() + " mode");
            for (LockMode wanted : LockMode.values()) {
                boolean refused = false;
                try {
                    second.execute("lock table t in " + wanted.sql() + " mode nowait");
                } catch (SQLException e) {
                    refused = true;
                }
                other.rollback();
                assertThat(mode.conflictsWith(wanted))
                        .as("%s and %s", mode, wanted)
                        .isEqualTo(refused);
            }
            holder.rollback();
        }
        assertThat(mode.blocksReads()).isEqualTo(mode == LockMode.ACCESS_EXCLUSIVE);
    }

    private static StatementProfile profile(String sql) {
        return LockModel.profile(PARSER.parseScript(sql).getFirst());
    }
}
