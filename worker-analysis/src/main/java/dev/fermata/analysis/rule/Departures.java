package dev.fermata.analysis.rule;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.tree.Drop;
import dev.fermata.postgres.tree.Rename;
import java.util.HashSet;
import java.util.Set;

/** The names that statements free. */
public final class Departures {
    private Departures() {}

    /** Of relations that it drops or renames. */
    public static Set<QualifiedName> of(Statement statement) {
        Set<QualifiedName> names = new HashSet<>();
        Drop.of(statement).filter(drop -> drop.parts().isEmpty()).ifPresent(drop -> drop.names()
                .forEach(name -> names.add(name.in("public"))));
        Rename.of(statement)
                .filter(rename -> rename.oldName().isEmpty())
                .ifPresent(rename -> names.add(rename.of().in("public")));
        return names;
    }
}
