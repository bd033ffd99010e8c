package dev.fermata.postgres.parser;

import dev.fermata.postgres.parser.OpaquePlace.Reason;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What stands in the body of a DO block, a function or a procedure.
 *
 * <p>PL/pgSQL is read by PostgreSQL's own PL/pgSQL parser, without a catalog. Static are the SQL statements of the body;
 * expressions that read a table or call a function, as {@code SELECT}; and EXECUTE of a constant, of constants joined by
 * {@code ||}, and of {@code format()} with nothing but constants. Of a nested DO the statements of its body are listed in
 * its place. Everything else that may run SQL is opaque, and is listed as such: a body is only known as far as {@link
 * #opaque} is empty.
 *
 * <p>What called functions, triggers and default expressions do is no part of it.
 *
 * <pre>
 * DO $$ BEGIN                                      language     plpgsql
 *   IF now() &gt; '2030-01-01' THEN                  runsAtOnce   true
 *     ALTER TABLE t ADD a int;                     statements   SelectStmt at 2:6, AlterTableStmt at 3:5 [BRANCH]
 *   END IF;                                        opaque       5:11 DYNAMIC
 *   EXECUTE 'DROP TABLE ' || x;
 * END $$
 * </pre>
 *
 * @param language lower case; empty where the statement names none
 * @param runsAtOnce whether the body runs when the statement does: true for DO, false for what is only called later
 * @param statements in the order of the text
 * @param opaque in the order of the text
 * @param errors why the server will refuse the body, or an EXECUTE in it: the same places are opaque
 */
public record Body(
        String language,
        boolean runsAtOnce,
        List<BodyStatement> statements,
        List<OpaquePlace> opaque,
        List<BodyError> errors) {

    public Body {
        statements = List.copyOf(statements);
        opaque = List.copyOf(opaque);
        errors = List.copyOf(errors);
    }

    /**
     * The body of a DO, CREATE FUNCTION or CREATE PROCEDURE; empty for all other statements. A body that is wrong, too
     * large or too slow to be read is a value too: one with an opaque place.
     *
     * @throws SqlRefusedException only for {@link SqlRefusedException.Reason#BUSY} and {@link
     *     SqlRefusedException.Reason#INTERRUPTED}
     */
    public static Optional<Body> of(Statement statement, SqlParser parser) {
        boolean isDo = statement.kind().equals("DoStmt");
        if (!isDo && !statement.kind().equals("CreateFunctionStmt")) {
            return Optional.empty();
        }
        String language = BodyText.language(statement.kind(), statement.node());
        try {
            return Optional.of(parser.call(libPgQuery -> new BodyReader(libPgQuery, statement).read(language, isDo)));
        } catch (SqlRefusedException e) {
            if (e.reason() == SqlRefusedException.Reason.BUSY || e.reason() == SqlRefusedException.Reason.INTERRUPTED) {
                throw e;
            }
            return Optional.of(unread(statement, language, isDo, String.valueOf(e.getMessage())));
        } catch (ParserThreads.BrokenOffException e) {
            return Optional.of(unread(statement, language, isDo, "the parser broke off on this body"));
        }
    }

    /** Whether all that it may do is in {@link #statements}. */
    public boolean isKnown() {
        return opaque.isEmpty();
    }

    private static Body unread(Statement statement, String language, boolean isDo, String why) {
        OpaquePlace all = new OpaquePlace(Reason.LIMIT, 0, statement.line(), statement.column(), why, Set.of());
        return new Body(language, isDo, List.of(), List.of(all), List.of());
    }
}
