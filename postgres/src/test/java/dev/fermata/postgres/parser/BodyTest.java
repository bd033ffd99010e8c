package dev.fermata.postgres.parser;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is found in bodies, and where; what the server does with them is BodyOnServerTest's. */
class BodyTest {
    private static final SqlParser PARSER = new SqlParser(1);

    @AfterAll
    static void closeParser() {
        PARSER.close();
    }

    private static Body body(String sql) {
        List<Statement> statements = PARSER.parseScript(sql);
        return Body.of(statements.getLast(), PARSER).orElseThrow();
    }

    private static List<String> texts(Body body) {
        return body.statements().stream().map(one -> one.statement().text()).toList();
    }

    private static List<String> places(Body body) {
        return body.statements().stream()
                .map(one -> one.statement().line() + ":" + one.statement().column())
                .toList();
    }

    /** What stands in the script at the place of each statement, up to the end of the line. */
    private static List<String> pointedAt(String sql) {
        List<String> lines = sql.lines().toList();
        return body(sql).statements().stream()
                .map(one -> lines.get(one.statement().line() - 1)
                        .substring(one.statement().column() - 1))
                .toList();
    }

    @Test
    void aDoBlockGivesItsStatementsWithTheirPlacesInTheScript() {
        Body body = body("""
            SELECT 1;
              DO $do$
            DECLARE
              n int := (SELECT count(*) FROM t);
            BEGIN
              ALTER TABLE t ADD c int;
              IF n > 0 THEN
                CREATE INDEX i ON t (c);
              ELSIF EXISTS (SELECT FROM x) THEN  UPDATE t SET c = 1;
              ELSE
                DELETE FROM t;
              END IF;
              FOR r IN SELECT * FROM pg_class LOOP
                INSERT INTO u VALUES (f(1));
              END LOOP;
            END $do$\
            """.replace("FOR r IN", "FOR n IN"));

        assertThat(body.language()).isEqualTo("plpgsql");
        assertThat(body.runsAtOnce()).isTrue();
        assertThat(body.isKnown()).isTrue();
        assertThat(body.errors()).isEmpty();
        assertThat(body.statements())
                .extracting(Object::toString)
                .containsExactly(
                        "SelectStmt at 4:12",
                        "AlterTableStmt at 6:3",
                        "IndexStmt at 8:5 [BRANCH]",
                        "SelectStmt at 9:9 [BRANCH]",
                        "UpdateStmt at 9:38 [BRANCH]",
                        "DeleteStmt at 11:5 [BRANCH]",
                        "SelectStmt at 13:12",
                        "InsertStmt at 14:5 [LOOP]");
        assertThat(texts(body))
                .contains("ALTER TABLE t ADD c int", "SELECT EXISTS (SELECT FROM x)", "INSERT INTO u VALUES (f(1))");
        assertThat(body.statements())
                .extracting(one -> one.statement().index())
                .containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    }

    @Test
    void everyPlaceThatRunsSqlIsFound() {
        String sql = """
            create function f(a int) returns setof int language plpgsql as $$
            declare
              d int := q1();
              c cursor (k int) for select q2() where a = k;
              o refcursor;
              x int[];
            begin
              x[q3()] := q4();
              d = q5();
              perform q6() from t;
              call q7(a);
              open c(q8());
              open o for select q9();
              open o for execute 'select q10()' using q11();
              for r in c(k := q12()) loop null; end loop;
              for i in reverse q13()..q14() by q15() loop exit when q16(); end loop;
              foreach d slice 0 in array q17() loop continue when q18(); end loop;
              while q19() loop null; end loop;
              case q20() when q21() then null; when 1, q22() then null; else perform q23(); end case;
              case when q24() then null; end case;
              if q25() then null; elsif q26() then null; else perform q27(); end if;
              raise notice '% %', q28(), q29() using detail = q30();
              assert q31(), q32();
              return next q33();
              return query select q34();
              return query execute 'select q35()' using q36();
              execute 'select q37()' into d using q38(), q39();
              for d in execute 'select q40()' using q41() loop perform q42(); end loop;
              for d in select q43() loop null; end loop;
              select q44() into strict d from t;
              insert into t select q45() returning a into d;
              fetch o into d;
              move forward q46() from o;
              begin
                declare e int := q47(); begin null; end;
                perform q48();
              exception when others then perform q49(); when division_by_zero then perform q50();
              end;
              get diagnostics d = row_count;
              do $x$ begin perform q51(); end $x$;
              close o;
              raise exception using message = q52();
            end $$\
            """.replace("for r in c(k", "for rec in c(k");

        Body body = body(sql);

        assertThat(body.errors()).isEmpty();
        assertThat(body.opaque()).isEmpty();
        String all = String.join("\n", texts(body));
        for (int i = 1; i <= 52; i++) {
            assertThat(all).contains("q" + i + "()".substring(i == 7 ? 1 : 0).replace(")", i == 7 ? "" : ")"));
        }
        assertThat(body.runsAtOnce()).isFalse();
    }

    @Test
    void controlFlowThatMayKeepAStatementFromRunningIsToldWithIt() {
        Body body = body("""
            do $$ declare c cursor for select 1 from t0; begin
              truncate t1;
              begin truncate t2; exception when others then truncate t3; end;
              loop truncate t4; exit; truncate t5; end loop;
              truncate t6;
              if random() > 0.5 then return; end if;
              truncate t7;
            end $$\
            """);

        assertThat(body.statements().stream()
                        .filter(one -> !one.statement().text().contains("random"))
                        .map(BodyStatement::flow))
                .containsExactly(
                        Set.of(Flow.DECLARED),
                        Set.of(),
                        Set.of(Flow.CAUGHT),
                        Set.of(Flow.HANDLER),
                        Set.of(Flow.LOOP),
                        Set.of(Flow.LOOP, Flow.AFTER_EXIT),
                        Set.of(),
                        Set.of(Flow.AFTER_EXIT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'alter table t add a int'",
                "'alter table ' || 't add a' || ' int'",
                "format('alter table %I add %s %s', 't', 'a', 'int')",
                "pg_catalog.format('alter table %2$I add %1$s int', 'a', 't')",
                "'alter table t '::text || format('%s', 'add a int')",
                "E'alter table t add\\x20a \\151nt'",
                "$x$alter table t add a int$x$"
            })
    void executeOfConstantsIsStatic(String constant) {
        Body body = body("do $$ begin execute " + constant + "; end $$");

        assertThat(body.isKnown()).isTrue();
        assertThat(texts(body)).containsExactly("alter table t add a int");
        assertThat(body.statements().getFirst().isExecuted()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "'drop table ' || x",
                "format('drop table %I', x)",
                "format('drop table %I')",
                "format('drop table %I', null)",
                "format('drop %*s', 3, 'x')",
                "format('drop %q', 'x')",
                "format(variadic array['drop table %I', 't'])",
                "my.format('drop table %I', 't')",
                "replace('drop table t', 't', 'u')",
                "null",
                "'a' || null",
                "(select 'drop table t')",
                "'select 1' from t",
                "'select 1' where x",
            })
    void executeOfAnythingElseIsOpaque(String expression) {
        String sql = "do $$ declare x text; begin\n  execute " + expression + "; truncate t; end $$";
        Body body = body(sql);

        assertThat(texts(body)).containsExactly("truncate t");
        assertThat(body.isKnown()).isFalse();
        assertThat(body.opaque())
                .containsExactly(new OpaquePlace(
                        OpaquePlace.Reason.DYNAMIC,
                        sql.indexOf("execute ") + 8,
                        2,
                        11,
                        "EXECUTE runs text that is put together when it runs",
                        Set.of()));
    }

    @Test
    void quotedBodiesAreReadThroughTheirQuotes() {
        String sql = """
            do 'begin
              truncate a where ''x'';
            end'\
            """;
        assertThat(body(sql).errors()).hasSize(1);

        String good = """
            DO E'begin\\n perform ''é'' || f();
              execute ''insert into t values (''''x'''')''; drop table u;
            end';\
            """;
        assertThat(texts(body(good)))
                .containsExactly("SELECT 'é' || f()", "insert into t values ('x')", "drop table u");
        assertThat(pointedAt(good))
                .containsExactly(
                        "perform ''é'' || f();", "insert into t values (''''x'''')''; drop table u;", "drop table u;");
    }

    @Test
    void everyCharacterOfAStatementHasItsPlace() {
        Body body = body("do $$ begin execute format('alter table %I\n  alter b type int', 't'); end $$");
        BodyStatement statement = body.statements().getFirst();
        int column = statement.statement().text().indexOf("b type");

        assertThat(statement.line(column)).isEqualTo(2);
        assertThat(statement.column(column)).isEqualTo(9);
        assertThat(statement.line(statement.statement().text().length())).isEqualTo(2);
    }

    @Test
    void anIntoClauseIsNoPartOfTheStatementAndMovesNothing() {
        Body body = body("do $$ declare n int; begin\n select a into n from t; end $$");

        assertThat(texts(body)).containsExactly("select a        from t");
        assertThat(places(body)).containsExactly("2:2");
    }

    @Test
    void sqlFunctionsAreReadFromStringsAndFromAtomicBodies() {
        assertThat(texts(body("create function f() returns int language sql as $$ truncate t; select 1 $$")))
                .containsExactly("truncate t", "select 1");
        assertThat(texts(body(
                        "create procedure p() language sql begin atomic insert into t select case when a then 1 end "
                                + "from u; delete from t; end")))
                .containsExactly("insert into t select case when a then 1 end from u", "delete from t");
        assertThat(texts(body("create function f(a int default g((1))) returns int return (select max(b) from t)")))
                .containsExactly("SELECT (select max(b) from t)");
        assertThat(body("create function f() returns int begin atomic end").statements())
                .isEmpty();
    }

    @Test
    void otherLanguagesAreOpaque() {
        Body body = body("do language plpython3u\n  $$ plpy.execute('x') $$");

        assertThat(body.language()).isEqualTo("plpython3u");
        assertThat(body.opaque())
                .containsExactly(new OpaquePlace(
                        OpaquePlace.Reason.LANGUAGE,
                        25,
                        2,
                        3,
                        "what a body in the language plpython3u does cannot be seen",
                        Set.of()));
        assertThat(body("create function f() returns int as 'x', 'y' language c")
                        .isKnown())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "do $$ begin @alter table t ad column; end $$|syntax error at or near \"ad\"|14",
                "do $$ begin truncate t; @tuncate t; end $$|syntax error at or near \"tuncate\"|0",
                "do $$ begin @alter table t add; select 1; end $$|syntax error at end of input|17",
                "do $$ begin truncate t; @x := 1; end $$|\"x\" is not a known variable|0",
                "do $$ begin if true then null; @end; end $$|syntax error at or near \";\"|3",
                "do $$ begin @return 1; end $$|RETURN cannot have a parameter in function returning void|0"
            })
    void anErrorInTheBodyIsAValueWithItsPlace(String marked, String message, int after) {
        int column = marked.indexOf('@') + 1 + after;

        Body body = body("select 1;\n" + marked.replace("@", ""));

        assertThat(body.errors()).extracting(BodyError::message).containsExactly(message);
        assertThat(body.errors())
                .extracting(BodyError::describe)
                .containsExactly("line 2, column %d: %s".formatted(column, message));
        assertThat(body.opaque()).extracting(OpaquePlace::reason).containsExactly(OpaquePlace.Reason.SYNTAX);
        assertThat(body.statements()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "do $$ declare a int; b a%type[]; begin truncate t; end $$",
                "create function f() returns pairs[] language plpgsql as $$ begin return null; end $$"
            })
    void whatOnlyNeedsACatalogIsOpaqueAndNoError(String sql) {
        Body body = body(sql);

        assertThat(body.errors()).isEmpty();
        assertThat(body.opaque()).extracting(OpaquePlace::reason).containsExactly(OpaquePlace.Reason.LIMIT);
    }

    @Test
    void anErrorInAConstantThatIsExecutedLeavesTheRestKnown() {
        Body body = body("do $$ begin truncate t; execute 'alter tabel t'; end $$");

        assertThat(texts(body)).containsExactly("truncate t");
        assertThat(body.errors())
                .extracting(BodyError::describe)
                .containsExactly("line 1, column 40: syntax error at or near \"tabel\"");
        assertThat(body.isKnown()).isFalse();
    }

    @Test
    void blocksInBlocksAreOpened() {
        Body body = body("do $$ begin execute 'do $x$ begin execute ''drop table t''; end $x$'; end $$");

        assertThat(texts(body)).containsExactly("drop table t");
        assertThat(places(body)).containsExactly("1:45");
    }

    @Test
    void transactionControlIsAStatementOfTheBody() {
        assertThat(texts(body("do $$ begin commit; rollback and chain; end $$")))
                .containsExactly("commit", "rollback and chain");
    }

    @Test
    void otherStatementsHaveNoBody() {
        assertThat(Body.of(PARSER.parseScript("create table t (a int)").getFirst(), PARSER))
                .isEmpty();
    }
}
