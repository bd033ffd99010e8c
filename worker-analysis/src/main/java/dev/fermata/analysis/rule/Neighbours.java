package dev.fermata.analysis.rule;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.List;
import java.util.Map;

/**
 * What is known of the files of a folder, which run in their order, from the place of one of them.
 *
 * @param madeLater relations that no file has created before, to the later file that does
 * @param lockedBy tables that existed before, to all files that lock them against writes, in order
 * @param self the file in the middle
 */
public record Neighbours(Map<QualifiedName, String> madeLater, Map<QualifiedName, List<String>> lockedBy, String self) {
    public Neighbours {
        madeLater = Map.copyOf(madeLater);
        lockedBy = Map.copyOf(lockedBy);
    }
}
