package dev.fermata.contracts.impact;

import dev.fermata.contracts.Fields;
import java.util.List;

/**
 * Something that depends on a relation the change touches.
 *
 * @param kind in SQL words, such as {@code view}
 * @param name as SQL, such as {@code public.order_totals}
 * @param relation that it depends on
 * @param columns of that relation which it uses; empty for the relation as a whole
 * @param certain false where only the text of a function mentions the name
 */
public record Dependant(String kind, String name, String relation, List<String> columns, boolean certain) {
    public Dependant {
        Fields.text(kind, "dependant.kind");
        Fields.text(name, "dependant.name");
        Fields.text(relation, "dependant.relation");
        columns = Fields.copy(columns);
    }
}
