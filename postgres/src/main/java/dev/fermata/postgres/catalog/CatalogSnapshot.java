package dev.fermata.postgres.catalog;

import dev.fermata.postgres.catalog.CatalogObject.Aspect;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The schema of a database at one moment: every user object with a canonical definition, sorted by identity.
 *
 * <pre>
 * column public.orders.status      character varying(20) not null default 'new'::character varying
 * constraint public.orders.orders_pkey   PRIMARY KEY (id)
 * table public.orders              permanent; access method heap; columns (id, status)
 * </pre>
 *
 * <p>Two snapshots of servers of one major version are equal exactly when the schemas are. Physical accidents do not
 * count: OIDs, gaps left by dropped columns, positions of sequences. The order of columns does, and so does the
 * validity of an index. Across major versions most is equal, but the server prints some views differently.
 *
 * <p>Not in it: system schemas, objects that belong to extensions (the extension and its version are), the schemas
 * {@code fermata} and {@code fermata_attic}, roles, subscriptions, security labels, large objects. Immutable.
 */
public final class CatalogSnapshot {
    private final SortedMap<String, CatalogObject> objects;

    private CatalogSnapshot(SortedMap<String, CatalogObject> objects) {
        this.objects = Collections.unmodifiableSortedMap(objects);
    }

    static CatalogSnapshot of(Collection<CatalogObject> objects) {
        SortedMap<String, CatalogObject> sorted = new TreeMap<>();
        for (CatalogObject object : objects) {
            CatalogObject clash = sorted.put(object.identity(), object);
            if (clash != null) {
                throw new IllegalStateException("two objects are called '" + object.identity() + "'");
            }
        }
        return new CatalogSnapshot(sorted);
    }

    /**
     * Reads about twenty-five queries, whatever the size of the schema; well under ten seconds for 10,000 tables.
     *
     * <p>With autocommit on, all of it in one REPEATABLE READ READ ONLY transaction; otherwise inside the caller's
     * transaction, uncommitted changes included, whose settings are left as they were. Printing views takes ACCESS
     * SHARE locks on what they use until the transaction ends, so this waits for a concurrent ACCESS EXCLUSIVE lock up
     * to {@code lock_timeout}.
     *
     * @throws SQLException with a state of {@code XX000} or of an undefined object also where others drop something
     *     meanwhile; in a transaction of its own that is read anew first
     */
    public static CatalogSnapshot read(Connection connection) throws SQLException {
        return CanonicalOutput.readingCatalog(connection, () -> of(new CatalogReader(connection).read()));
    }

    /** Identity to definition. */
    public SortedMap<String, String> definitions() {
        SortedMap<String, String> definitions = new TreeMap<>();
        objects.forEach((identity, object) -> definitions.put(identity, object.definition()));
        return Collections.unmodifiableSortedMap(definitions);
    }

    public Optional<String> definition(String identity) {
        return Optional.ofNullable(objects.get(identity)).map(CatalogObject::definition);
    }

    /** Without owners, grants, default privileges and tablespaces: for comparing with a clone on another cluster. */
    public CatalogSnapshot withoutOwnership() {
        return filtered(object -> object.aspect() == Aspect.STRUCTURE);
    }

    /**
     * Only these tables and what hangs on them: columns, constraints (also foreign keys of others that point here),
     * indexes, triggers, rules, policies, statistics, comments, grants, owned sequences, partitions and inheriting
     * tables, and all views above them. Functions and types are not included.
     */
    public CatalogSnapshot restrictedTo(Set<QualifiedName> tables) {
        return filtered(object -> !Collections.disjoint(object.hangsOn(), tables));
    }

    /** As {@link #restrictedTo(Set)}, and these objects, whatever they hang on. */
    public CatalogSnapshot restrictedTo(Set<QualifiedName> tables, Set<String> identities) {
        return filtered(
                object -> identities.contains(object.identity()) || !Collections.disjoint(object.hangsOn(), tables));
    }

    /** Without these objects, their comments, and the tables of those that are publications. */
    public CatalogSnapshot without(Collection<String> identities) {
        Set<String> gone = new HashSet<>(identities);
        return filtered(object -> {
            String identity = object.identity();
            return !gone.contains(identity)
                    && gone.stream()
                            .noneMatch(
                                    one -> identity.equals("comment on " + one) || identity.startsWith(one + " of "));
        });
    }

    /** SHA-256 over identities and definitions, in 64 hexadecimal digits. */
    public String fingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (CatalogObject object : objects.values()) {
                // NUL can be in neither, so the parts cannot be confused.
                digest.update((object.identity() + '\0' + object.definition() + '\0').getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private CatalogSnapshot filtered(Predicate<CatalogObject> keep) {
        SortedMap<String, CatalogObject> kept = new TreeMap<>();
        objects.forEach((identity, object) -> {
            if (keep.test(object)) {
                kept.put(identity, object);
            }
        });
        return new CatalogSnapshot(kept);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CatalogSnapshot that && definitions().equals(that.definitions());
    }

    @Override
    public int hashCode() {
        return definitions().hashCode();
    }

    @Override
    public String toString() {
        return "catalog of " + objects.size() + " objects";
    }
}
