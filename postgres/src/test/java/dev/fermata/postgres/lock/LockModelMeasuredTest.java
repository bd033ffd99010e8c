package dev.fermata.postgres.lock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.Body;
import dev.fermata.postgres.parser.BodyStatement;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs every statement of effects.txt and compares what it did with what is said of it without the schema. */
class LockModelMeasuredTest {
    private static final SqlParser PARSER = new SqlParser(1);

    /** Only the schema shows that there is nothing left to do, or that a rule takes the rows away. */
    private static final Set<String> NOTHING_TO_DO = Set.of(
            "alter table t validate constraint t_b_check",
            "alter table t validate constraint t_p_fk",
            "alter table t add constraint c not null b",
            "alter table t set tablespace pg_default",
            "alter index t_a_idx set tablespace pg_default",
            "alter index mt_only_idx set tablespace pg_default",
            "alter table t set access method heap",
            "alter table chd set logged",
            "delete from ruled");

    private static TestDatabase database;
    private static SchemaFacts facts;

    @BeforeAll
    static void makeFixture() throws SQLException {
        database = RealPostgres.shared().newDatabase();
        Fixture.make(database);
        facts = new SchemaFacts(Fixture.schema(database));
    }

    @AfterAll
    static void dropFixture() {
        database.close();
        PARSER.close();
    }

    static Stream<Fixture.Case> cases() throws SQLException {
        return Fixture.casesOf(Fixture.serverVersion()).stream()
                .filter(one -> one.answer() != Fixture.Answer.REFUSED)
                // Whether the thing exists is what only the schema knows.
                .filter(one -> !one.sql().contains(" if exists ") && !one.sql().contains(" if not exists "));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatTheStatementAloneTellsIsTrue(Fixture.Case one) throws SQLException {
        Statement statement = PARSER.parseScript(one.sql()).getFirst();
        Optional<Body> body = Body.of(statement, PARSER).filter(Body::runsAtOnce);
        StatementProfile profile = LockModel.profile(statement, body, Fixture.serverVersion());
        Observed observed = Observed.on(database, one.sql());

        assertThat(profile.coverage()).isNotEqualTo(Coverage.UNKNOWN);
        assertThat(profile.runsInTransaction()).isTrue();
        List<BodyStatement> inside = body.map(Body::statements).orElse(List.of());
        // What may not be reached may not be locked.
        boolean certain = inside.stream().noneMatch(BodyStatement::isConditional);
        for (RelationLock lock : certain ? profile.locks() : List.<RelationLock>of()) {
            if (facts.relation(lock.relation()).isPresent()
                    || facts.index(lock.relation()).isPresent()) {
                compare(lock, profile, observed, NOTHING_TO_DO.contains(one.sql()));
            }
        }
        if (profile.coverage() == Coverage.KNOWN) {
            Set<String> foreseen = new HashSet<>();
            boolean changesRows = !RowChange.in(Fixture.tree(statement)).isEmpty()
                    || inside.stream().map(BodyStatement::statement).anyMatch(part -> !RowChange.in(Fixture.tree(part))
                            .isEmpty());
            profile.locks()
                    .forEach(lock -> foreseen.addAll(withIts(lock.relation().name(), changesRows)));
            assertThat(observed.locks().keySet()).as("locked, and not foreseen").isSubsetOf(foreseen);
        }
    }

    private static void compare(RelationLock lock, StatementProfile profile, Observed observed, boolean nothingToDo) {
        String name = lock.relation().name();
        assertThat(observed.locks()).as("lock on %s", name).containsEntry(name, lock.mode());
        // What else is locked is said to be open, so partitions may be such others.
        Set<String> its = profile.coverage() == Coverage.KNOWN
                        || lock.rewrites() == Likelihood.YES
                        || lock.scans() == Likelihood.YES
                ? withIts(name, false)
                : new HashSet<>(Set.of(name));
        // The file of a sequence is one row, whatever happens to it.
        its.removeIf(one -> !one.equals(name)
                && tree(one).stream().anyMatch(relation -> relation.kind() == Relation.Kind.SEQUENCE));
        if (!nothingToDo) {
            compare("rewrites " + name, lock.rewrites(), its, observed.rewritten());
            if (!profile.description().startsWith("TRUNCATE")) {
                // TRUNCATE builds the indexes over the new, empty file; the server counts that as a scan.
                compare("scans " + name, lock.scans(), its, observed.scanned());
            }
        }
    }

    private static void compare(String what, Likelihood said, Set<String> relations, Set<String> measured) {
        if (said != Likelihood.DEPENDS) {
            assertThat(relations.stream().anyMatch(measured::contains)).as(what).isEqualTo(said == Likelihood.YES);
        }
    }

    /** All that {@link Coverage#KNOWN} leaves out, as it comes with what is said. */
    private static Set<String> withIts(String name, boolean changesRows) {
        Set<String> names = new HashSet<>(Set.of(name));
        for (Relation relation : tree(name)) {
            names.add(relation.name().name());
            relation.indexes().forEach(index -> names.add(index.name().name()));
            facts.ownedSequences(relation, Set.of())
                    .forEach(sequence -> names.add(sequence.name().name()));
            facts.under(relation)
                    .forEach(under -> names.addAll(withIts(under.name().name(), changesRows)));
            if (changesRows) {
                SchemaFacts.foreignKeys(relation).stream()
                        .map(Constraint::references)
                        .flatMap(Stream::ofNullable)
                        .forEach(to -> names.addAll(withIts(to.name(), false)));
                facts.foreignKeysTo(relation)
                        .forEach(from -> names.addAll(withIts(from.table().name(), false)));
            }
        }
        return names;
    }

    private static List<Relation> tree(String name) {
        return facts.schema()
                .relation(new QualifiedName("public", name))
                .map(facts::tree)
                .orElse(List.of());
    }
}
