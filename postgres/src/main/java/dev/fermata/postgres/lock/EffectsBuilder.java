package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.DEPENDS;
import static dev.fermata.postgres.lock.Likelihood.NO;
import static dev.fermata.postgres.lock.Likelihood.YES;
import static dev.fermata.postgres.lock.LockMode.ACCESS_EXCLUSIVE;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.SchemaModel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Gathers what one statement does to one schema; what happens twice to a relation adds up. */
final class EffectsBuilder {
    private final SchemaFacts facts;
    private final int version;
    private final Map<QualifiedName, RelationEffect> effects = new LinkedHashMap<>();
    private final Set<WaitsFor> waitsFor = EnumSet.noneOf(WaitsFor.class);
    private final Set<String> refusals = new LinkedHashSet<>();
    private final Set<String> notes = new LinkedHashSet<>();
    private Coverage coverage = Coverage.KNOWN;
    private boolean runsInTransaction = true;

    EffectsBuilder(SchemaModel schema, int version) {
        this.facts = new SchemaFacts(schema);
        this.version = version;
    }

    SchemaFacts facts() {
        return facts;
    }

    /** The major version of the server. */
    boolean since(int major) {
        return version >= major;
    }

    /** For what 15 does not do and 17 does; on 16 it was not measured. */
    Likelihood since17() {
        return version >= 17 ? YES : version == 16 ? DEPENDS : NO;
    }

    void lock(QualifiedName relation, LockMode mode) {
        add(relation, mode, YES, NO, NO);
    }

    void lock(Relation relation, LockMode mode) {
        lock(relation.name(), mode);
    }

    /** NO leaves it out. */
    void lock(QualifiedName relation, LockMode mode, Likelihood locked) {
        if (locked != NO) {
            add(relation, mode, locked, NO, NO);
        }
    }

    void lockAll(Collection<Relation> relations, LockMode mode) {
        relations.forEach(relation -> lock(relation, mode));
    }

    void lockIndexes(Relation relation, LockMode mode) {
        relation.indexes().forEach(index -> lock(index.name(), mode));
    }

    void lockIndexes(Relation relation, LockMode mode, Likelihood locked) {
        relation.indexes().forEach(index -> lock(index.name(), mode, locked));
    }

    /** Only what has rows of its own can be read. */
    void scan(Relation relation, LockMode mode, Likelihood scans) {
        add(relation.name(), mode, YES, NO, SchemaFacts.hasFile(relation) ? scans : NO);
    }

    /** The file of the table and all its indexes; nothing for what has none. */
    void rewrite(Relation relation, Likelihood rewrites) {
        if (rewrites == NO || !SchemaFacts.hasFile(relation)) {
            lock(relation, ACCESS_EXCLUSIVE);
            return;
        }
        add(relation.name(), ACCESS_EXCLUSIVE, YES, rewrites, rewrites);
        for (Index index : relation.indexes()) {
            add(index.name(), ACCESS_EXCLUSIVE, rewrites, rewrites, NO);
        }
    }

    void add(QualifiedName relation, LockMode mode, Likelihood locked, Likelihood rewrites, Likelihood scans) {
        effects.merge(relation, new RelationEffect(relation, mode, locked, rewrites, scans), RelationEffect::and);
    }

    /**
     * All that another statement does, in the same transaction.
     *
     * @param perhaps whether it may not be reached
     */
    void add(Effects other, boolean perhaps) {
        for (RelationEffect effect : other.relations()) {
            effects.merge(effect.relation(), perhaps ? effect.perhaps() : effect, RelationEffect::then);
        }
        waitsFor.addAll(other.waitsFor());
        coverage = coverage.and(other.coverage());
        other.notes().forEach(this::note);
        other.refusals().forEach(perhaps ? this::note : this::refuse);
    }

    /** The relation of that name. Where there is none the answer is incomplete, which is then said. */
    Optional<Relation> require(WrittenName name) {
        Optional<Relation> found = facts.relation(name);
        if (found.isEmpty()) {
            missing(name);
        }
        return found;
    }

    Optional<Index> requireIndex(WrittenName name) {
        Optional<Index> found = facts.index(name);
        if (found.isEmpty()) {
            missing(name);
        }
        return found;
    }

    /** System catalogs are no part of the model, and not of the answer either. */
    void missing(WrittenName name) {
        boolean system = name.schema().equals("pg_catalog")
                || name.schema().equals("information_schema")
                || (!name.hasSchema() && name.name().startsWith("pg_"));
        if (!system) {
            others(name + " is not in this schema: a statement before this one makes it, or the server refuses");
        }
    }

    void others(String note) {
        coverage = coverage.and(Coverage.PARTLY);
        note(note);
    }

    void unknown(String note) {
        coverage = Coverage.UNKNOWN;
        note(note);
    }

    void note(String note) {
        notes.add(note);
    }

    void waitsFor(WaitsFor what) {
        waitsFor.add(what);
    }

    void notInTransaction() {
        runsInTransaction = false;
    }

    void refuse(String why) {
        refusals.add(why);
    }

    /** What the statement alone tells, for kinds about which the schema has nothing to add. */
    void lift(StatementProfile profile) {
        coverage = coverage.and(profile.coverage());
        profile.notes().forEach(this::note);
        for (RelationLock lock : profile.locks()) {
            Optional<QualifiedName> name = facts.relation(lock.relation())
                    .map(Relation::name)
                    .or(() -> facts.index(lock.relation()).map(Index::name));
            name.ifPresentOrElse(
                    found -> add(found, lock.mode(), YES, lock.rewrites(), lock.scans()),
                    () -> missing(lock.relation()));
        }
    }

    Effects build(StatementProfile profile) {
        return new Effects(
                profile.description(),
                coverage,
                new ArrayList<>(effects.values()),
                runsInTransaction && profile.runsInTransaction(),
                waitsFor,
                List.copyOf(refusals),
                List.copyOf(notes));
    }
}
