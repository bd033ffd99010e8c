package dev.fermata.postgres.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.schema.SchemaModel;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs every statement of effects.txt on the real server and compares, relation by relation, with the model. */
class EffectsMeasuredTest {
    private static final SqlParser PARSER = new SqlParser(1);

    private static TestDatabase database;
    private static SchemaModel schema;

    @BeforeAll
    static void makeFixture() throws SQLException {
        database = RealPostgres.shared().newDatabase();
        Fixture.make(database);
        schema = Fixture.schema(database);
    }

    @AfterAll
    static void dropFixture() {
        database.close();
        PARSER.close();
    }

    static Stream<Fixture.Case> cases() throws SQLException {
        return Fixture.casesOf(Fixture.serverVersion()).stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theModelSaysWhatTheServerDoes(Fixture.Case statement) throws SQLException {
        Effects effects = effects(statement.sql(), Fixture.serverVersion());

        assertThat(effects.coverage()).isNotEqualTo(Coverage.UNKNOWN);
        assertThat(effects.runsInTransaction()).isTrue();
        if (statement.answer() == Fixture.Answer.REFUSED) {
            assertThat(effects.refusals()).isNotEmpty();
            assertThatThrownBy(() -> Observed.on(database, statement.sql())).isInstanceOf(SQLException.class);
            return;
        }
        assertThat(effects.refusals()).isEmpty();
        boolean open = statement.answer() == Fixture.Answer.OPEN;
        List<String> differences = differences(effects, Observed.on(database, statement.sql()));
        assertThat(differences)
                .as("PostgreSQL %d, relation: said, measured", Fixture.serverVersion())
                .isEmpty();
        assertThat(isOpen(effects)).as("open answers, marked by '~'").isEqualTo(open);
    }

    /** The one answer that a setting of the session decides, so both sides of it are measured. */
    @ParameterizedTest
    @CsvSource({"UTC, false", "Europe/Paris, true"})
    void theTimeZoneDecidesWhetherTimestampsAreRewritten(String timeZone, boolean rewritten) throws SQLException {
        String sql = "alter table t alter ts type timestamptz";

        assertThat(effectOn("t", sql, Fixture.serverVersion()).rewrites()).isEqualTo(Likelihood.DEPENDS);
        Observed observed = Observed.on(database, "set local timezone = '" + timeZone + "'; " + sql);
        assertThat(observed.rewritten().contains("t")).isEqualTo(rewritten);
        assertThat(observed.scanned().contains("t")).isEqualTo(rewritten);
    }

    @Test
    void whatChangedBetween15And17IsOpenOn16() {
        String sql = "alter table t add c int references p";

        assertThat(effectOn("p_pkey", sql, 16).locked()).isEqualTo(Likelihood.DEPENDS);
        assertThat(effectOn("p_pkey", sql, 17).locked()).isEqualTo(Likelihood.YES);
        assertThat(effects(sql, 15).on(new QualifiedName("public", "p_pkey"))).isEmpty();
    }

    @Test
    void aRelationThatIsNotThereLeavesTheAnswerOpen() {
        Effects effects = effects("alter table not_there add c int", 18);

        assertThat(effects.coverage()).isEqualTo(Coverage.PARTLY);
        assertThat(effects.notes())
                .containsExactly("not_there is not in this schema: a statement before this one makes it, or the server "
                        + "refuses");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "call p()",
                "drop extension plpgsql",
                "execute q",
                "do $$ begin execute x; end $$",
                "do $$ begin execute 'drop table ' || current_user; end $$",
                "do $$ begin call p(); end $$",
                "do $$ begin if false then execute 'call p()'; end if; end $$",
                "do $$ begin execute 'alter tabel t'; end $$",
                "do $$ begin alter tabel t; end $$",
                "do language plperl $$ 1 $$"
            })
    void whatNobodyKnowsIsUnknownOnAnySchema(String sql) {
        assertThat(effects(sql, 18).coverage()).isEqualTo(Coverage.UNKNOWN);
        assertThat(effects(sql, 18).notes()).isNotEmpty();
    }

    @Test
    void withoutItsBodyABlockIsUnknown() {
        Effects effects =
                EffectsModel.of(PARSER.parseScript("do $$ begin end $$").getFirst(), 18, schema);

        assertThat(effects.coverage()).isEqualTo(Coverage.UNKNOWN);
    }

    @Test
    void whatIsKnownOfAnUnknownBlockIsToldAllTheSame() {
        Effects effects = effects("do $$ begin alter table t add c int;\n execute x; end $$", 18);

        assertThat(effects.coverage()).isEqualTo(Coverage.UNKNOWN);
        assertThat(effects.on(new QualifiedName("public", "t")).orElseThrow().mode())
                .isEqualTo(LockMode.ACCESS_EXCLUSIVE);
        assertThat(effects.notes())
                .containsExactly(
                        "what happens on line 2 is not known: EXECUTE runs text that is put together when it runs");
    }

    @Test
    void aBlockThatCommitsRunsOutsideTransactionsOnly() throws SQLException {
        String sql = "do $$ begin commit; end $$";

        assertThat(effects(sql, 18).runsInTransaction()).isFalse();
        assertThatThrownBy(() -> Observed.on(database, sql)).hasMessageContaining("invalid transaction termination");
    }

    @Test
    void theBodyOfAFunctionDoesNotRunWhenItIsMade() {
        Effects effects =
                effects("create function f() returns void language plpgsql as $$ begin drop table t; end $$", 18);

        assertThat(effects.coverage()).isEqualTo(Coverage.KNOWN);
        assertThat(effects.relations()).isEmpty();
    }

    @Test
    void systemCatalogsAreNoPartOfTheAnswer() {
        Effects effects = effects("select count(*) from pg_class join pg_catalog.pg_namespace on true", 18);

        assertThat(effects.coverage()).isEqualTo(Coverage.KNOWN);
        assertThat(effects.relations()).isEmpty();
    }

    private static RelationEffect effectOn(String relation, String sql, int version) {
        return effects(sql, version).on(new QualifiedName("public", relation)).orElseThrow();
    }

    private static Effects effects(String sql, int version) {
        return Fixture.effects(PARSER, sql, version, schema);
    }

    private static List<String> differences(Effects effects, Observed observed) {
        Map<String, RelationEffect> said = new TreeMap<>();
        effects.relations().forEach(effect -> said.put(effect.relation().name(), effect));
        Set<String> all = new TreeSet<>(said.keySet());
        all.addAll(observed.locks().keySet());
        List<String> differences = new ArrayList<>();
        for (String relation : all) {
            RelationEffect effect = said.get(relation);
            LockMode mode = observed.locks().get(relation);
            if (effect == null) {
                if (effects.coverage() == Coverage.KNOWN) {
                    differences.add("%s: nothing, %s".formatted(relation, mode));
                }
            } else {
                compare(effect, mode, observed, effects.description(), differences);
            }
        }
        return differences;
    }

    private static void compare(
            RelationEffect said, LockMode mode, Observed observed, String description, List<String> differences) {
        boolean inBlock = description.equals("DO");
        boolean empties = description.startsWith("TRUNCATE");
        String name = said.relation().name();
        boolean perhaps = said.locked() == Likelihood.DEPENDS;
        boolean weaker = perhaps && inBlock && mode != null && mode.compareTo(said.mode()) < 0;
        if (!(perhaps && mode == null) && !weaker && said.mode() != mode) {
            differences.add("%s: %s, %s".formatted(name, said.mode(), mode));
        }
        compare(name + " rewritten", said.rewrites(), observed.rewritten().contains(name), differences);
        // TRUNCATE builds the indexes over the new, empty file; the server counts that as a scan.
        if (!empties) {
            compare(name + " scanned", said.scans(), observed.scanned().contains(name), differences);
        }
    }

    private static void compare(String what, Likelihood said, boolean measured, List<String> differences) {
        if (said != Likelihood.DEPENDS && measured != (said == Likelihood.YES)) {
            differences.add("%s: %s, %s".formatted(what, said, measured));
        }
    }

    private static boolean isOpen(Effects effects) {
        return effects.coverage() == Coverage.PARTLY
                || effects.relations().stream()
                        .anyMatch(one -> one.locked() == Likelihood.DEPENDS
                                || one.rewrites() == Likelihood.DEPENDS
                                || one.scans() == Likelihood.DEPENDS);
    }
}
