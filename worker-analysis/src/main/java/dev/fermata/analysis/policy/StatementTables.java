package dev.fermata.analysis.policy;

import dev.fermata.postgres.lock.RelationLock;
import dev.fermata.postgres.lock.StatementProfile;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.tree.CreateTable;
import java.util.List;
import java.util.stream.Stream;

/** Which relations a statement is about. */
final class StatementTables {
    private StatementTables() {}

    /** What it makes, then what it locks, each once and in the order of the text. */
    static List<WrittenName> of(Statement statement, StatementProfile profile) {
        return Stream.concat(
                        CreateTable.of(statement).map(CreateTable::table).stream(),
                        profile.locks().stream().map(RelationLock::relation))
                .filter(name -> !name.name().isEmpty())
                .distinct()
                .toList();
    }
}
