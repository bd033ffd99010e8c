package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.tree.TypeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Which objects GRANT, REVOKE and OWNER TO mean, by their names at this point of the change. */
final class WrittenObjects {
    private static final Map<String, Set<String>> ROUTINES = Map.of(
            "OBJECT_FUNCTION", Set.of("function", "aggregate"),
            "OBJECT_AGGREGATE", Set.of("aggregate"),
            "OBJECT_PROCEDURE", Set.of("procedure"),
            "OBJECT_ROUTINE", Set.of("function", "aggregate", "procedure"));
    private static final Set<String> RELATIONS = Set.of("table", "foreign table", "view", "materialized view");

    private final Scene scene;
    private final CatalogSnapshot catalog;

    WrittenObjects(Scene scene) {
        this.scene = scene;
        this.catalog = scene.before().catalog();
    }

    /** Empty where that is not known. */
    Optional<Rights> one(String type, JsonNode object) {
        return switch (type) {
            case "OBJECT_TABLE", "OBJECT_SEQUENCE" ->
                Optional.of(
                        relation(Sql.relation(object.path("RangeVar"), scene).sql()));
            case "OBJECT_TYPE", "OBJECT_DOMAIN" ->
                Optional.of(type(Sql.strings(object.path("List").path("items"))));
            case "OBJECT_SCHEMA" ->
                Optional.of(new Rights(
                        Securable.SCHEMA,
                        Sql.quote(object.path("String").path("sval").asText())));
            default ->
                ROUTINES.containsKey(type)
                        ? routine(ROUTINES.get(type), object.path("ObjectWithArgs"))
                        : Optional.empty();
        };
    }

    Rights relation(String name) {
        boolean sequence = catalog.definition("sequence " + name).isPresent();
        return new Rights(sequence ? Securable.SEQUENCE : Securable.TABLE, name);
    }

    private Rights type(List<String> names) {
        String schema = names.size() > 1 ? names.get(names.size() - 2) : "";
        return new Rights(
                Securable.TYPE, scene.namedType(schema, names.getLast()).sql());
    }

    private Optional<Rights> routine(Set<String> kinds, JsonNode written) {
        List<String> names = Sql.strings(written.path("objname"));
        List<String> schemas = names.size() > 1
                ? List.of(names.get(names.size() - 2))
                : scene.before().schema().searchPath();
        List<String> arguments = new ArrayList<>();
        written.path("objargs")
                .forEach(argument ->
                        arguments.add(TypeName.of(argument.path("TypeName")).sql()));
        for (String schema : schemas) {
            List<ObjectName> called = all(kinds, schema).stream()
                    .filter(name -> name.name().equals(names.getLast()))
                    .toList();
            List<ObjectName> meant = called.size() == 1
                    ? called
                    : called.stream()
                            .filter(name -> areSame(name.arguments(), arguments))
                            .toList();
            if (meant.size() == 1) {
                return Optional.of(
                        new Rights(Securable.ROUTINE, meant.getFirst().sql()));
            }
        }
        return Optional.empty();
    }

    /** The snapshot writes schemas where the statement need not. */
    private static boolean areSame(String arguments, List<String> written) {
        String inside = arguments.substring(1, arguments.length() - 1).replace("\"", "");
        List<String> types = inside.isEmpty() ? List.of() : List.of(inside.split(", "));
        boolean same = types.size() == written.size();
        for (int i = 0; same && i < types.size(); i++) {
            same = types.get(i).equals(written.get(i)) || types.get(i).endsWith("." + written.get(i));
        }
        return same;
    }

    /** All of a kind in a schema. */
    List<Rights> in(String schema, String type) {
        return switch (type) {
            case "OBJECT_TABLE" -> rights(Securable.TABLE, RELATIONS, schema);
            case "OBJECT_SEQUENCE" -> rights(Securable.SEQUENCE, Set.of("sequence"), schema);
            default -> rights(Securable.ROUTINE, ROUTINES.getOrDefault(type, Set.of()), schema);
        };
    }

    private List<Rights> rights(Securable kind, Set<String> kinds, String schema) {
        return all(kinds, schema).stream()
                .map(name -> new Rights(kind, name.sql()))
                .toList();
    }

    private List<ObjectName> all(Set<String> kinds, String schema) {
        return Stream.of(catalog, scene.after().catalog())
                .flatMap(each -> each.definitions().keySet().stream())
                .distinct()
                .map(ObjectName::of)
                .filter(name -> kinds.contains(name.kind())
                        && name.parts().size() == 2
                        && name.schema().equals(schema))
                .toList();
    }
}
