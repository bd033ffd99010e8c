package dev.fermata.postgres.catalog;

import java.util.Set;

/**
 * One thing in a catalog.
 *
 * @param identity kind and name, such as {@code column public.orders.status}; what a diff is keyed by
 * @param definition everything about it that can be changed, except its name
 * @param aspect whether it describes the schema or its surroundings
 * @param hangsOn the tables and views it belongs to, depends on or is a part of
 */
record CatalogObject(String identity, String definition, Aspect aspect, Set<QualifiedName> hangsOn) {

    enum Aspect {
        /** What the schema is. */
        STRUCTURE,
        /** Owners, grants and tablespaces: roles and disks of one cluster, which another need not have. */
        OWNERSHIP
    }

    CatalogObject {
        hangsOn = Set.copyOf(hangsOn);
    }
}
