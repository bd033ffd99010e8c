package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.CatalogSnapshot;
import java.util.List;
import java.util.Optional;

/**
 * The rights on an object before the change.
 *
 * @param then by its name of then
 * @param ofTarget whether the target has the object; else the change made it
 * @param catalog of the target, or of the empty copy
 */
record FormerRights(Rights then, String owner, boolean ofTarget, CatalogSnapshot catalog, int majorVersion) {
    /** Empty where they are not known, such as those on what an extension has made. */
    static Optional<FormerRights> of(Rights now, Scene scene) {
        Rights then = scene.isNew(now.name()) ? now : new Rights(now.kind(), scene.onTarget(now.name()));
        CatalogSnapshot target = scene.target();
        boolean there = !scene.isNew(now.name()) && then.owner(target).isPresent();
        Rights known = there ? then : now;
        CatalogSnapshot catalog = there ? target : scene.before().catalog();
        return known.owner(catalog).map(owner -> new FormerRights(known, owner, there, catalog, scene.majorVersion()));
    }

    /** Whether there was no such object before the piece, which made it: with it go the rights on it. */
    static boolean isMadeByIt(Rights now, Scene scene) {
        return now.owner(scene.before().catalog()).isEmpty()
                && now.owner(scene.after().catalog()).isPresent();
    }

    /** What nobody has changed is what is usual. */
    AccessList list() {
        return then.list(catalog).orElseGet(() -> AccessList.usual(then.kind(), owner, majorVersion));
    }

    /** Those with grants of their own, without quotes. */
    List<String> columns() {
        String prefix = "grant on column " + then.name() + ".";
        return catalog.definitions().keySet().stream()
                .filter(identity -> identity.startsWith(prefix))
                .map(identity -> Sql.unquoted(identity.substring(prefix.length())))
                .toList();
    }

    /** @param column without quotes */
    AccessList ofColumn(String column) {
        return catalog.definition("grant on column " + then.name() + "." + Sql.quote(column))
                .map(AccessList::parse)
                .orElse(AccessList.NOBODY);
    }
}
