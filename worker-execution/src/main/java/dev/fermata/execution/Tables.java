package dev.fermata.execution;

import dev.fermata.contracts.plan.Plan;
import dev.fermata.postgres.catalog.QualifiedName;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tables of a plan, which are written there as SQL. */
final class Tables {
    private static final String PART = "(\"(?:[^\"]|\"\")+\"|[^\".]+)";
    private static final Pattern NAME = Pattern.compile(PART + "\\." + PART);

    private Tables() {}

    static Set<QualifiedName> of(Plan plan) {
        Set<QualifiedName> names = new TreeSet<>();
        for (String sql : plan.tables()) {
            Matcher name = NAME.matcher(sql);
            if (!name.matches()) {
                throw new IllegalArgumentException("plan.tables: '" + sql + "' (expected: schema.table)");
            }
            names.add(new QualifiedName(plain(name.group(1)), plain(name.group(2))));
        }
        return names;
    }

    private static String plain(String part) {
        return part.startsWith("\"") ? part.substring(1, part.length() - 1).replace("\"\"", "\"") : part;
    }
}
