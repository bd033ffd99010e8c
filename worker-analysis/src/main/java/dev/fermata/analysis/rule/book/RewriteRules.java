package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.REWRITE;

import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.lock.Functions;
import dev.fermata.postgres.lock.Likelihood;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.UserType;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.ColumnDefinition;
import dev.fermata.postgres.tree.ConstraintDefinition.Kind;
import dev.fermata.postgres.tree.Expressions;
import dev.fermata.postgres.tree.TypeName;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Statements that write every row of a table anew, or its indexes, while others wait. */
final class RewriteRules {
    private static final String NOTES = "sql-altertable.html#SQL-ALTERTABLE-NOTES";
    private static final String IN_BATCHES =
            "add a new column, fill it in batches, keep it in step with a trigger meanwhile, then swap the names.";

    private static final Rule TYPE_CHANGE_REWRITES = Rule.named("type-change-rewrites", REWRITE)
            .bySize()
            .what("ALTER COLUMN TYPE copies the table unless the new type can hold the old bytes as they are.")
            .why("ACCESS EXCLUSIVE is held until all rows are copied and all indexes are built again: reads and writes"
                    + " wait, and the disk must hold the table twice.")
            .safer(IN_BATCHES)
            .fires("ALTER TABLE orders ALTER COLUMN quantity TYPE bigint")
            .fires("ALTER TABLE orders ALTER COLUMN note TYPE varchar(20)", Situations.REST)
            .passes("ALTER TABLE orders ALTER COLUMN note TYPE varchar(200)", Situations.REST)
            .passes("ALTER TABLE orders ALTER COLUMN note TYPE text", Situations.REST)
            .passes("CREATE TABLE fresh (a int); ALTER TABLE fresh ALTER COLUMN a TYPE bigint")
            .manual(NOTES)
            .when(subject -> typeChanges(subject, Likelihood.YES)
                    .map(change -> Hit.of("the change of " + change.command().name() + " to "
                                    + change.type().sql() + " copies every row of "
                                    + subject.name(change.table()))
                            .on(change.table())
                            .at(change.command().offset())));

    private static final Rule TYPE_CHANGE_MAY_REWRITE = Rule.named("type-change-may-rewrite", REWRITE)
            .severity(RiskLevel.MEDIUM)
            .what("ALTER COLUMN TYPE copies the table or not, depending on the type that the column has now.")
            .why("A longer varchar or text is free, a shorter one or another base type copies all rows under ACCESS"
                    + " EXCLUSIVE; timestamp to timestamptz copies unless the session's TimeZone is UTC.")
            .safer("look at it with --target, or write the change so that it does not matter: " + IN_BATCHES)
            .fires("ALTER TABLE orders ALTER COLUMN note TYPE text")
            .fires("ALTER TABLE orders ALTER COLUMN changed_at TYPE timestamptz", Situations.REST)
            .passes("ALTER TABLE orders ALTER COLUMN note TYPE text", Situations.REST)
            .passes("CREATE TABLE fresh (a varchar(10)); ALTER TABLE fresh ALTER COLUMN a TYPE text")
            .manual(NOTES)
            .when(subject -> typeChanges(subject, Likelihood.DEPENDS).map(change -> Hit.of(
                            "whether the change of " + change.command().name() + " to "
                                    + change.type().sql() + " copies every row of "
                                    + subject.name(change.table()) + " depends on "
                                    + (change.type().is("timestamptz") ? "the type and TimeZone" : "its type"))
                    .on(change.table())
                    .at(change.command().offset())));

    private static final Rule VOLATILE_DEFAULT_REWRITES = columns("volatile-default-rewrites")
            .what("ADD COLUMN with a default that differs from row to row writes every row.")
            .why("A constant or now() is kept once in the catalog; a volatile function has to be called for each row,"
                    + " under ACCESS EXCLUSIVE.")
            .safer("add the column without a default, SET DEFAULT for new rows, fill the old ones in batches.")
            .fires("ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid()")
            .passes("ALTER TABLE orders ADD COLUMN seen timestamptz DEFAULT now()")
            .passes("ALTER TABLE orders ADD COLUMN token uuid;"
                    + " ALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid()")
            .manual(NOTES)
            .when(newColumns(
                    column -> column.defaultExpression()
                            .filter(value -> Functions.rewriteAsDefault(Expressions.functions(value)) == Likelihood.YES)
                            .isPresent(),
                    column -> "the default of " + column.name() + " is computed and written for every row of "));

    private static final Rule SERIAL_COLUMN_REWRITES = columns("serial-column-rewrites")
            .what("ADD COLUMN of a serial type writes every row.")
            .why("Each row gets its own number from the sequence, under ACCESS EXCLUSIVE.")
            .safer("add a plain bigint column and a sequence, SET DEFAULT nextval for new rows, fill the old ones in"
                    + " batches.")
            .fires("ALTER TABLE orders ADD COLUMN number bigserial")
            .passes("ALTER TABLE orders ADD COLUMN number bigint")
            .manual("datatype-numeric.html#DATATYPE-SERIAL")
            .when(newColumns(column -> column.type().isSerial(), column -> column.name() + " numbers every row of "));

    private static final Rule IDENTITY_COLUMN_REWRITES = columns("identity-column-rewrites")
            .what("ADD COLUMN with GENERATED AS IDENTITY writes every row.")
            .why("Each row gets its own number from the sequence, under ACCESS EXCLUSIVE.")
            .safer("add a plain bigint column, fill it in batches, then ADD GENERATED AS IDENTITY and restart it behind"
                    + " the largest number.")
            .fires("ALTER TABLE orders ADD COLUMN number bigint GENERATED BY DEFAULT AS IDENTITY")
            .passes("CREATE TABLE fresh (number bigint GENERATED BY DEFAULT AS IDENTITY)")
            .manual(NOTES)
            .when(newColumns(column -> column.has(Kind.IDENTITY), column -> column.name() + " numbers every row of "));

    private static final Rule STORED_COLUMN_REWRITES = columns("stored-column-rewrites")
            .what("ADD COLUMN with GENERATED ALWAYS AS ... STORED computes and writes every row.")
            .why("The table is copied under ACCESS EXCLUSIVE.")
            .safer("a VIRTUAL column, since PostgreSQL 18; or a plain column, kept by a trigger and filled in batches.")
            .fires("ALTER TABLE orders ADD COLUMN gross numeric GENERATED ALWAYS AS (total * 1.2) STORED")
            .passes("ALTER TABLE orders ADD COLUMN gross numeric GENERATED ALWAYS AS (total * 1.2) VIRTUAL")
            .manual("ddl-generated-columns.html")
            .when(newColumns(
                    column -> column.clauses(Kind.GENERATED).anyMatch(clause -> !clause.virtual()),
                    column -> column.name() + " is computed and written for every row of "));

    private static final Rule DOMAIN_COLUMN_REWRITES = Rule.named("domain-column-rewrites", REWRITE)
            .bySize()
            .what("ADD COLUMN of a domain with a constraint writes every row.")
            .why("The server checks the domain's constraint row by row and copies the table, under ACCESS"
                    + " EXCLUSIVE, even where all values are NULL.")
            .safer("add the column with the domain's base type, and the constraint as a CHECK ... NOT VALID.")
            .fires("ALTER TABLE orders ADD COLUMN contact postcode", Situations.REST)
            .passes("ALTER TABLE orders ADD COLUMN contact email", Situations.REST)
            .manual(NOTES)
            .when(subject -> ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands("AT_AddColumn")
                    .filter(command -> command.column()
                            .filter(column -> isConstrainedDomain(subject, column.type()))
                            .isPresent())
                    .map(command -> Hit.of("the constraint of the domain is checked in every row of "
                                    + subject.name(alter.table()) + ", which is copied for it")
                            .on(alter.table())
                            .at(command.offset()))));

    private static final Rule INDEXES_REBUILT_BY_TYPE_CHANGE = Rule.named("type-change-rebuilds-index", REWRITE)
            .bySize()
            .what("A type change that keeps the rows builds the column's indexes again when its collation changes.")
            .why("Text is ordered by its collation, so every index on the column is built anew under ACCESS EXCLUSIVE.")
            .safer("a new index on (column COLLATE ...) built CONCURRENTLY, and a query that names the collation; or"
                    + " strategy: online.")
            .fires("ALTER TABLE orders ALTER COLUMN note TYPE varchar(100) COLLATE \"C\"")
            .passes("ALTER TABLE orders ADD COLUMN other text COLLATE \"C\"")
            .manual(NOTES)
            .when(subject -> ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands("AT_AlterColumnType")
                    .filter(command -> command.definition().path("ColumnDef").has("collClause"))
                    .map(command -> Hit.of("all indexes on " + command.name() + " of " + subject.name(alter.table())
                                    + " are built again in the new collation")
                            .on(alter.table())
                            .at(command.offset()))));

    static final List<Rule> ALL = List.of(
            TYPE_CHANGE_REWRITES,
            TYPE_CHANGE_MAY_REWRITE,
            VOLATILE_DEFAULT_REWRITES,
            SERIAL_COLUMN_REWRITES,
            IDENTITY_COLUMN_REWRITES,
            STORED_COLUMN_REWRITES,
            DOMAIN_COLUMN_REWRITES,
            INDEXES_REBUILT_BY_TYPE_CHANGE);

    private record TypeChange(WrittenName table, AlterCommand command, TypeName type) {}

    private RewriteRules() {}

    private static Rule.Draft columns(String id) {
        return Rule.named(id, REWRITE).bySize();
    }

    private static Function<Subject, Stream<Hit>> newColumns(
            Predicate<ColumnDefinition> which, Function<ColumnDefinition, String> message) {
        return subject -> ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands("AT_AddColumn")
                .flatMap(command -> command.column().filter(which).stream()
                        .map(column -> Hit.of(message.apply(column) + subject.name(alter.table()))
                                .on(alter.table())
                                .at(command.offset()))));
    }

    private static Stream<TypeChange> typeChanges(Subject subject, Likelihood wanted) {
        return ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands("AT_AlterColumnType")
                .filter(command -> rewrites(subject, alter, command) == wanted)
                .map(command ->
                        new TypeChange(alter.table(), command, command.newType().orElseThrow())));
    }

    /** By the database where there is one; else from the new type alone. */
    private static Likelihood rewrites(Subject subject, AlterTable alter, AlterCommand command) {
        Optional<Column> known = subject.relation(alter.table()).flatMap(table -> table.column(command.name()));
        if (known.isPresent() && subject.effects().isPresent()) {
            return subject.relation(alter.table())
                    .flatMap(table -> subject.effects().orElseThrow().on(table.name()))
                    .map(effect -> effect.rewrites())
                    .orElse(Likelihood.DEPENDS);
        }
        TypeName type = command.newType().orElseThrow();
        boolean mayKeepBytes = type.is("text", "varchar", "numeric", "timestamptz", "timestamp", "interval", "inet");
        return mayKeepBytes && command.using().isMissingNode() ? Likelihood.DEPENDS : Likelihood.YES;
    }

    private static boolean isConstrainedDomain(Subject subject, TypeName type) {
        return subject.schema()
                .flatMap(schema -> schema.type(type.schema(), type.name()))
                .filter(one ->
                        one.kind() == UserType.Kind.DOMAIN && !one.constraints().isEmpty())
                .isPresent();
    }
}
