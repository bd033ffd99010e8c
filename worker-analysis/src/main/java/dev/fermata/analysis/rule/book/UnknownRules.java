package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.OPERATION;

import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.lock.Coverage;
import dev.fermata.postgres.parser.Body;
import dev.fermata.postgres.parser.OpaquePlace;
import java.util.List;
import java.util.stream.Stream;

/** What cannot be judged, and is said to be so. */
final class UnknownRules {
    private static final Rule UNKNOWN_LOCK = Rule.named("unknown-lock", OPERATION)
            .severity(RiskLevel.HIGH)
            .what("It is not known which locks the statement takes.")
            .why("Unknown is never safe: it may block reads and writes for any time.")
            .safer("write what it does as plain statements, which can be looked at.")
            .fires("CREATE PROCEDURE tidy() LANGUAGE sql AS 'DELETE FROM notes'; CALL tidy()")
            .passes("CREATE TABLE fresh (id int)")
            .passes("DO $$ BEGIN EXECUTE 'ALTER TABLE orders ADD COLUMN a int'; END $$")
            .manual("explicit-locking.html")
            .when(subject -> Stream.of(subject)
                    // Of a block the opaque places are told, and what is unknown of each statement in it.
                    .filter(one -> one.body().isEmpty())
                    .filter(one -> one.profile().coverage() == Coverage.UNKNOWN && !DestructiveRules.isForbidden(one))
                    .map(one -> Hit.of(
                            "it is not known which locks " + one.profile().description() + " takes")));

    private static final Rule OPAQUE_BODY = Rule.named("opaque-body", OPERATION)
            .severity(RiskLevel.HIGH)
            .what("A DO block runs what cannot be seen before it runs: text that is put together on the way, or a"
                    + " language other than SQL and PL/pgSQL.")
            .why("No rule has looked at it, and unknown is never safe: it may lock, rewrite or drop anything.")
            .safer("write the statements out, one by one; or EXECUTE constants, and format() with constants only.")
            .fires("DO $$ DECLARE t text := 'orders'; BEGIN EXECUTE format('ALTER TABLE %I ADD COLUMN a int', t); END"
                    + " $$")
            .fires("DO $$ DECLARE t text; BEGIN FOR t IN SELECT relname FROM pg_class WHERE relname = 'orders'"
                    + " LOOP EXECUTE 'ANALYZE ' || t; END LOOP; END $$")
            .passes("DO $$ BEGIN EXECUTE format('ALTER TABLE %I ADD COLUMN a int', 'orders'); END $$")
            .passes("CREATE FUNCTION later(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'ANALYZE ' || t;"
                    + " END $$")
            .manual("plpgsql-statements.html#PLPGSQL-STATEMENTS-EXECUTING-DYN")
            .when(subject -> subject.body().filter(Body::runsAtOnce).stream()
                    .flatMap(body -> body.opaque().stream())
                    .filter(place -> place.reason() != OpaquePlace.Reason.SYNTAX)
                    .map(place -> Hit.of("it is not known what this does: " + place.why())
                            .at(place.offset())));

    private static final Rule BROKEN_BODY = Rule.named("broken-body", OPERATION)
            .severity(RiskLevel.HIGH)
            .what("The body of a DO block or a function is no valid PL/pgSQL or SQL.")
            .why("The server refuses the statement; of an EXECUTE only when it comes to it, perhaps half-way through"
                    + " the change.")
            .safer("mend it, and run the change on a copy first.")
            .fires("DO $$ BEGIN ALTER TABEL orders ADD COLUMN a int; END $$")
            .fires("DO $$ BEGIN EXECUTE 'ALTER TABEL orders ADD COLUMN a int'; END $$")
            .fires("CREATE FUNCTION later() RETURNS void LANGUAGE plpgsql AS $$ BEGIN IF true THEN; END $$")
            .fires("CREATE FUNCTION later() RETURNS void LANGUAGE sql AS 'SELEC 1'")
            .passes("DO $$ BEGIN ALTER TABLE orders ADD COLUMN a int; END $$")
            .passes("CREATE FUNCTION later() RETURNS int LANGUAGE sql AS 'SELECT 1'")
            .manual("plpgsql-structure.html")
            .refused()
            .when(subject -> subject.body().stream()
                    .flatMap(body -> body.errors().stream())
                    .map(error -> Hit.of("the server will refuse it: " + error.message())
                            .at(error.offset())));

    static final List<Rule> ALL = List.of(UNKNOWN_LOCK, OPAQUE_BODY, BROKEN_BODY);

    private UnknownRules() {}
}
