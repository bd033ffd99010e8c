package dev.fermata.execution.plan;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a domain says about values that are not given. */
final class Domain {
    /** As the catalog prints one. */
    private static final Pattern DEFINITION =
            Pattern.compile("(?s)^(?<base>.*?)(?: collate .*?)?(?<set> not null)?(?<default> default .*)?$");

    private Domain() {}

    /** Whether a column of the type cannot be NULL, though it is not NOT NULL itself. */
    static boolean refusesNull(Stage stage, String type) {
        Optional<Matcher> domain = definition(stage, type);
        return domain.isPresent()
                && (domain.get().group("set") != null
                        || constraints(stage, type).anyMatch(check -> check.contains("IS NOT NULL"))
                        || refusesNull(stage, domain.get().group("base")));
    }

    /** Whether a column of the type is not added without a look at every row. */
    static boolean isConstrained(Stage stage, String type) {
        Optional<Matcher> domain = definition(stage, type);
        return domain.isPresent()
                && (domain.get().group("set") != null
                        || constraints(stage, type).findAny().isPresent()
                        || isConstrained(stage, domain.get().group("base")));
    }

    static boolean hasDefault(Stage stage, String type) {
        return definition(stage, type)
                .filter(domain -> domain.group("default") != null)
                .isPresent();
    }

    private static Optional<Matcher> definition(Stage stage, String type) {
        return stage.catalog()
                .definition("domain " + type)
                .map(DEFINITION::matcher)
                .filter(Matcher::matches);
    }

    private static Stream<String> constraints(Stage stage, String type) {
        String constraint = "constraint " + type + ".";
        return stage.catalog().definitions().entrySet().stream()
                .filter(object -> object.getKey().startsWith(constraint))
                .map(Map.Entry::getValue);
    }
}
