package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.BLOCKING;

import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.ColumnDefinition;
import dev.fermata.postgres.tree.ConstraintDefinition;
import dev.fermata.postgres.tree.ConstraintDefinition.Kind;
import dev.fermata.postgres.tree.Expressions;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Constraints whose proof reads the table, or builds an index, while others wait. */
final class ConstraintRules {
    private static final String ALTER_TABLE = "sql-altertable.html";

    private static final Rule UNIQUE_BUILDS_INDEX = Rule.named("unique-builds-index", BLOCKING)
            .bySize()
            .what("ADD UNIQUE builds its index while nobody can read or write the table.")
            .why("ACCESS EXCLUSIVE is held for the whole build.")
            .safer("CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... UNIQUE USING INDEX.")
            .fires("ALTER TABLE orders ADD CONSTRAINT orders_note_key UNIQUE (note)")
            .passes("CREATE UNIQUE INDEX CONCURRENTLY orders_note_key ON orders (note);"
                    + " ALTER TABLE orders ADD CONSTRAINT orders_note_key UNIQUE USING INDEX orders_note_key")
            .manual(ALTER_TABLE)
            .when(subject -> builds(subject, Kind.UNIQUE).map(added -> Hit.of("ADD UNIQUE builds an index on "
                            + subject.name(added.table()) + " while reads and writes wait")
                    .on(added.table())
                    .at(added.command().offset())
                    .fix(usingIndex(added, "UNIQUE", "key"))));

    private static final Rule PRIMARY_KEY_BUILDS_INDEX = Rule.named("primary-key-builds-index", BLOCKING)
            .bySize()
            .what("ADD PRIMARY KEY builds its index, and looks for NULLs, while nobody can read or write the table.")
            .why("ACCESS EXCLUSIVE is held for the whole build.")
            .safer("make the columns NOT NULL without a scan, CREATE UNIQUE INDEX CONCURRENTLY, then ADD PRIMARY KEY"
                    + " USING INDEX.")
            .fires("ALTER TABLE notes ADD PRIMARY KEY (id)")
            .passes("CREATE UNIQUE INDEX CONCURRENTLY notes_pkey ON notes (id);"
                    + " ALTER TABLE notes ADD CONSTRAINT notes_pkey PRIMARY KEY USING INDEX notes_pkey")
            .manual(ALTER_TABLE)
            .when(subject -> builds(subject, Kind.PRIMARY_KEY).map(added -> Hit.of("ADD PRIMARY KEY builds an index on "
                            + subject.name(added.table()) + " while reads and writes wait")
                    .on(added.table())
                    .at(added.command().offset())
                    .fix(usingIndex(added, "PRIMARY KEY", "pkey"))));

    private static final Rule EXCLUSION_BUILDS_INDEX = Rule.named("exclusion-builds-index", BLOCKING)
            .bySize()
            .what("ADD EXCLUDE builds its index while nobody can read or write the table.")
            .why("ACCESS EXCLUSIVE is held for the whole build, and there is no form that avoids it.")
            .safer("a new table with the constraint, filled beside the old one; or a quiet hour and a short lock"
                    + " budget.")
            .fires("ALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&)")
            .passes("CREATE TABLE fresh (during tstzrange, EXCLUDE USING gist (during WITH &&))")
            .manual("sql-createtable.html#SQL-CREATETABLE-EXCLUDE")
            .when(subject -> builds(subject, Kind.EXCLUSION).map(added -> Hit.of("ADD EXCLUDE builds an index on "
                            + subject.name(added.table()) + " while reads and writes wait")
                    .on(added.table())
                    .at(added.command().offset())));

    private static final Rule CHECK_SCANS = Rule.named("check-scans", BLOCKING)
            .bySize()
            .what("ADD CHECK reads every row while nobody else can read or write the table.")
            .why("ACCESS EXCLUSIVE is held for the scan.")
            .safer("ADD CONSTRAINT ... CHECK ... NOT VALID, then VALIDATE CONSTRAINT in a transaction of its own.")
            .fires("ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0)")
            .passes("ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID;"
                    + " ALTER TABLE orders VALIDATE CONSTRAINT positive")
            .manual(ALTER_TABLE)
            .when(subject -> added(subject, Kind.CHECK)
                    .filter(added ->
                            !added.constraint().notValid() && added.constraint().enforced())
                    .map(added -> Hit.of("ADD CHECK reads all of " + subject.name(added.table())
                                    + " while reads and writes wait")
                            .on(added.table())
                            .at(added.command().offset())
                            .fix(notValid(subject, added, "check"))));

    private static final Rule FOREIGN_KEY_SCANS = Rule.named("foreign-key-scans", BLOCKING)
            .bySize()
            .what("ADD FOREIGN KEY compares every row while writes to both tables wait.")
            .why("SHARE ROW EXCLUSIVE is held on the table and on the one it points to for the whole comparison.")
            .safer("ADD FOREIGN KEY ... NOT VALID, then VALIDATE CONSTRAINT in a transaction of its own.")
            .fires("ALTER TABLE notes ADD CONSTRAINT notes_order FOREIGN KEY (order_id) REFERENCES orders")
            .passes("ALTER TABLE notes ADD CONSTRAINT notes_order FOREIGN KEY (order_id) REFERENCES orders NOT VALID;"
                    + " ALTER TABLE notes VALIDATE CONSTRAINT notes_order")
            .manual(ALTER_TABLE)
            .when(subject -> added(subject, Kind.FOREIGN_KEY)
                    .filter(added ->
                            !added.constraint().notValid() && added.constraint().enforced())
                    .map(added -> Hit.of("ADD FOREIGN KEY compares all of " + subject.name(added.table()) + " with "
                                    + added.constraint().references() + " while writes to both wait")
                            .on(added.table())
                            .at(added.command().offset())
                            .fix(notValid(subject, added, "fkey"))));

    private static final Rule NOT_NULL_SCANS = Rule.named("not-null-scans", BLOCKING)
            .bySize()
            .what("SET NOT NULL reads every row while nobody else can read or write the table.")
            .why("ACCESS EXCLUSIVE is held for the scan, unless a valid CHECK (column IS NOT NULL) proves it already.")
            .safer("add CHECK (column IS NOT NULL) NOT VALID, VALIDATE it, SET NOT NULL, then drop the CHECK, each on"
                    + " its own; since PostgreSQL 18 also ADD CONSTRAINT ... NOT NULL column NOT VALID, then"
                    + " VALIDATE.")
            .fires("ALTER TABLE orders ALTER COLUMN note SET NOT NULL")
            .passes("ALTER TABLE orders ADD CONSTRAINT note_there CHECK (note IS NOT NULL) NOT VALID;"
                    + " ALTER TABLE orders VALIDATE CONSTRAINT note_there;"
                    + " ALTER TABLE orders ALTER COLUMN note SET NOT NULL")
            .manual(ALTER_TABLE)
            .when(subject -> alterOld(subject).flatMap(alter -> alter.commands("AT_SetNotNull")
                    .filter(command -> !before(subject, alter.table(), command.name()))
                    .map(command -> Hit.of("SET NOT NULL reads all of " + subject.name(alter.table())
                                    + " while reads and writes wait")
                            .on(alter.table())
                            .at(command.offset())
                            .fix(provenNotNull(subject, alter, command)))));

    private static final Rule NOT_NULL_DROPS_ITS_PROOF = Rule.named("not-null-drops-its-proof", BLOCKING)
            .bySize()
            .what("SET NOT NULL in one ALTER TABLE with the DROP of the CHECK that proves it scans all the same.")
            .why("The server drops first: when it looks for a proof the constraint is gone.")
            .safer("drop the CHECK in a statement of its own, afterwards.")
            .fires("ALTER TABLE orders ADD CONSTRAINT note_there CHECK (note IS NOT NULL) NOT VALID;"
                    + " ALTER TABLE orders VALIDATE CONSTRAINT note_there;"
                    + " ALTER TABLE orders ALTER COLUMN note SET NOT NULL, DROP CONSTRAINT note_there")
            .passes("ALTER TABLE orders ADD CONSTRAINT note_there CHECK (note IS NOT NULL) NOT VALID;"
                    + " ALTER TABLE orders VALIDATE CONSTRAINT note_there;"
                    + " ALTER TABLE orders ALTER COLUMN note SET NOT NULL;"
                    + " ALTER TABLE orders DROP CONSTRAINT note_there")
            .manual(ALTER_TABLE)
            .when(subject -> alterOld(subject).flatMap(alter -> alter.commands("AT_SetNotNull")
                    .filter(command -> before(subject, alter.table(), command.name())
                            && alter.commands("AT_DropConstraint")
                                    .anyMatch(drop -> proves(subject, alter.table(), drop.name(), command.name())))
                    .map(command -> Hit.of("the CHECK that spares SET NOT NULL the scan of "
                                    + subject.name(alter.table()) + " is dropped by the same statement")
                            .on(alter.table())
                            .at(command.offset())
                            .fix(Texts.onePerStatement(subject, alter)))));

    private static final Rule COLUMN_CONSTRAINT_SCANS = Rule.named("column-constraint-scans", BLOCKING)
            .bySize()
            .what("ADD COLUMN with a CHECK, UNIQUE or a foreign key with a default reads or indexes the whole table.")
            .why("The constraint is proven at once, under ACCESS EXCLUSIVE.")
            .safer("add the column alone, then the constraint as NOT VALID and VALIDATE, or with USING INDEX.")
            .fires("ALTER TABLE orders ADD COLUMN rank int CHECK (rank > 0)")
            .fires("ALTER TABLE orders ADD COLUMN code text UNIQUE")
            .fires("ALTER TABLE orders ADD COLUMN region bigint DEFAULT 1 REFERENCES customers")
            .passes("ALTER TABLE orders ADD COLUMN region bigint REFERENCES customers")
            .passes("ALTER TABLE orders ADD COLUMN rank int;"
                    + " ALTER TABLE orders ADD CONSTRAINT rank_positive CHECK (rank > 0) NOT VALID")
            .manual(ALTER_TABLE)
            .when(subject -> alterOld(subject).flatMap(alter -> alter.commands().stream()
                    .flatMap(command -> command.column().stream().flatMap(column -> scanningClauses(column)
                            .map(clause -> Hit.of("the " + word(clause.kind()) + " of the new column "
                                            + column.name() + " takes a scan of "
                                            + subject.name(alter.table())
                                            + " while reads and writes wait")
                                    .on(alter.table())
                                    .at(clause.offset()))))));

    private static final Rule DOMAIN_CONSTRAINT_SCANS = Rule.named("domain-constraint-scans", BLOCKING)
            .severity(RiskLevel.MEDIUM)
            .what("A new constraint of a domain is checked in every table that uses the domain.")
            .why("Each of these tables is locked SHARE and read: writes to all of them wait.")
            .safer("ALTER DOMAIN ... ADD CONSTRAINT ... NOT VALID, then VALIDATE CONSTRAINT in a transaction of its"
                    + " own.")
            .fires("ALTER DOMAIN email ADD CONSTRAINT no_blank CHECK (VALUE <> '')")
            .fires("ALTER DOMAIN email SET NOT NULL")
            .passes("ALTER DOMAIN email ADD CONSTRAINT no_blank CHECK (VALUE <> '') NOT VALID")
            .manual("sql-alterdomain.html")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("AlterDomainStmt"))
                    .filter(one -> switch (one.statement()
                            .node()
                            .path("subtype")
                            .asText()) {
                        case "C" ->
                            !ConstraintDefinition.of(
                                            one.statement().node().path("def").path("Constraint"))
                                    .notValid();
                        case "O" -> true;
                        default -> false;
                    })
                    .map(one -> Hit.of("every table with a column of the domain is read while writes to it wait")));

    private static final Rule VALIDATED_WITH_LOCK_HELD = Rule.named("validate-in-same-transaction", BLOCKING)
            .bySize()
            .what("VALIDATE CONSTRAINT in the transaction that added the constraint NOT VALID gains nothing.")
            .why("The lock of ADD CONSTRAINT is held until the transaction ends, so it is held for the scan after all.")
            .safer("commit between the two.")
            .fires("BEGIN; ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID;"
                    + " ALTER TABLE orders VALIDATE CONSTRAINT positive; COMMIT")
            .passes("ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID;"
                    + " ALTER TABLE orders VALIDATE CONSTRAINT positive")
            .manual(ALTER_TABLE)
            .when(subject -> alterOld(subject)
                    .filter(alter -> subject.inTransaction())
                    .flatMap(alter -> alter.commands("AT_ValidateConstraint")
                            .filter(command -> subject.before()
                                    .heldLocks()
                                    .containsKey(alter.table().in("public")))
                            .filter(command -> subject.before()
                                    .constraint(alter.table(), command.name())
                                    .isPresent())
                            .map(command -> Hit.of("the lock of ADD CONSTRAINT on " + subject.name(alter.table())
                                            + " is still held while all of it is read")
                                    .on(alter.table())
                                    .at(command.offset()))));

    static final List<Rule> ALL = List.of(
            UNIQUE_BUILDS_INDEX,
            PRIMARY_KEY_BUILDS_INDEX,
            EXCLUSION_BUILDS_INDEX,
            CHECK_SCANS,
            FOREIGN_KEY_SCANS,
            NOT_NULL_SCANS,
            NOT_NULL_DROPS_ITS_PROOF,
            COLUMN_CONSTRAINT_SCANS,
            DOMAIN_CONSTRAINT_SCANS,
            VALIDATED_WITH_LOCK_HELD);

    /** A constraint that an ALTER TABLE adds to a table that was there before. */
    private record Added(AlterTable alter, WrittenName table, AlterCommand command, ConstraintDefinition constraint) {}

    private ConstraintRules() {}

    static Stream<AlterTable> alterOld(Subject subject) {
        return subject.alterTable().stream().filter(alter -> subject.isOld(alter.table()));
    }

    private static Stream<Added> added(Subject subject, Kind kind) {
        return alterOld(subject)
                .flatMap(alter -> alter.commands().stream().flatMap(command -> command.constraint().stream()
                        .filter(constraint -> constraint.kind() == kind)
                        .map(constraint -> new Added(alter, alter.table(), command, constraint))));
    }

    private static Stream<Added> builds(Subject subject, Kind kind) {
        return added(subject, kind).filter(added -> added.constraint().buildsIndex());
    }

    private static Stream<ConstraintDefinition> scanningClauses(ColumnDefinition column) {
        return column.clauses().stream().filter(clause -> switch (clause.kind()) {
            case CHECK -> clause.enforced();
            case UNIQUE, PRIMARY_KEY -> true;
            case FOREIGN_KEY -> column.fillsItself();
            default -> false;
        });
    }

    private static String word(Kind kind) {
        return switch (kind) {
            case FOREIGN_KEY -> "foreign key";
            case PRIMARY_KEY -> "primary key";
            default -> kind.name().toUpperCase(Locale.ROOT);
        };
    }

    /** Whether a constraint, of this change or of the database, shows that the column holds no NULL. */
    private static boolean before(Subject subject, WrittenName table, String column) {
        return subject.before().provenNotNull(table, column)
                || subject.relation(table).stream()
                        .flatMap(relation -> relation.constraints().stream())
                        .anyMatch(constraint -> constraint.validated() && proves(constraint, column))
                || subject.relation(table)
                        .flatMap(relation -> relation.column(column))
                        .filter(one -> one.notNull())
                        .isPresent();
    }

    private static boolean proves(Subject subject, WrittenName table, String constraint, String column) {
        return subject.before()
                        .constraint(table, constraint)
                        .filter(added -> added.definition().provesNotNull().contains(column))
                        .isPresent()
                || subject.relation(table)
                        .flatMap(relation -> relation.constraint(constraint))
                        .filter(known -> proves(known, column))
                        .isPresent();
    }

    private static boolean proves(Constraint constraint, String column) {
        return constraint.kind() == Constraint.Kind.CHECK
                && constraint.definition().contains("(" + QualifiedName.quote(column) + " IS NOT NULL)")
                && !constraint.definition().contains(" OR ");
    }

    private static String usingIndex(Added added, String words, String suffix) {
        String index = added.constraint().name().isEmpty()
                ? Names.made(
                        added.table(),
                        Stream.concat(
                                        words.equals("UNIQUE")
                                                ? added.constraint().columns().stream()
                                                : Stream.<String>empty(),
                                        Stream.of(suffix))
                                .toArray(String[]::new))
                : QualifiedName.quote(added.constraint().name());
        if (added.alter().commands().size() > 1
                || added.constraint().columns().isEmpty()
                || added.constraint().node().has("deferrable")
                || added.constraint().node().has("including")
                || added.constraint().node().has("nulls_not_distinct")
                || added.constraint().node().has("without_overlaps")) {
            return "";
        }
        return "CREATE UNIQUE INDEX CONCURRENTLY " + index + " ON " + added.table() + " ("
                + Names.columns(added.constraint().columns()) + ");\nALTER TABLE " + added.table() + " ADD CONSTRAINT "
                + index + " " + words + " USING INDEX " + index + ";";
    }

    /** The statement with NOT VALID, and the validation after it. */
    private static String notValid(Subject subject, Added added, String suffix) {
        if (added.alter().commands().size() > 1) {
            return "";
        }
        String text = subject.statement().text();
        String name = added.constraint().name();
        if (name.isEmpty()) {
            String made = Names.made(
                    added.table(),
                    Stream.concat(columnsOf(added.constraint()).limit(1), Stream.of(suffix))
                            .toArray(String[]::new));
            text = text.substring(0, added.constraint().offset()) + "CONSTRAINT " + made + " "
                    + text.substring(added.constraint().offset());
            name = made;
        } else {
            name = QualifiedName.quote(name);
        }
        return text + " NOT VALID;\nALTER TABLE " + added.table() + " VALIDATE CONSTRAINT " + name + ";";
    }

    private static Stream<String> columnsOf(ConstraintDefinition constraint) {
        return constraint.kind() == Kind.CHECK
                ? Expressions.columns(constraint.expression()).stream()
                : constraint.columns().stream();
    }

    private static String provenNotNull(Subject subject, AlterTable alter, AlterCommand command) {
        if (alter.commands().size() > 1) {
            return "";
        }
        String table = "ALTER TABLE " + alter.table();
        String check = Names.made(alter.table(), command.name(), "there");
        return table + " ADD CONSTRAINT " + check + " CHECK (" + QualifiedName.quote(command.name())
                + " IS NOT NULL) NOT VALID;\n" + table + " VALIDATE CONSTRAINT " + check + ";\n"
                + subject.statement().text() + ";\n" + table + " DROP CONSTRAINT " + check + ";";
    }
}
