package dev.fermata.execution.rehearsal;

import java.sql.Connection;
import java.util.List;

/** No rows. */
class Statistics implements DumpClones.Rows {
    @Override
    public String kind() {
        return "schema";
    }

    @Override
    public CloneProvider.Extent extent() {
        return CloneProvider.Extent.NONE;
    }

    @Override
    public String describe() {
        return "a database beside the target with its schema and no rows";
    }

    @Override
    public List<String> copy(Connection source, Connection clone) {
        return List.of();
    }

    @Override
    public List<String> finish(Connection source, Connection clone) {
        return List.of("the clone has no rows: what the change does to rows is not tried");
    }
}
