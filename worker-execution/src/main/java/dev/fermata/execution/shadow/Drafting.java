package dev.fermata.execution.shadow;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.plan.KeptInStep;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.plan.RestingColumns;
import dev.fermata.execution.plan.Stages;
import dev.fermata.execution.rehearsal.RestingObjects;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.SchemaScript;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.catalog.Undisturbed;
import dev.fermata.postgres.schema.Publication;
import dev.fermata.postgres.schema.SchemaReader;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * From a work order and a target to a plan. The target is only read; beside it, an empty database with its schema is made
 * and removed again.
 */
public final class Drafting {
    private final Planner planner;
    private final Function<RunId, String> purpose;

    private Drafting(Planner planner, Function<RunId, String> purpose) {
        this.planner = planner;
        this.purpose = purpose;
    }

    /** For the worker of a run: what an attempt before this one left behind is replaced. */
    public Drafting(Planner planner) {
        this(planner, RunId::toString);
    }

    /** For people who only look, any number of them at once. */
    public static Drafting besideOthers(Planner planner) {
        return new Drafting(planner, run -> UUID.randomUUID().toString());
    }

    /** What was read in one snapshot of the target. */
    private record Seen(Planner.Target target, SchemaScript schema, List<Publication> publications) {}

    /**
     * @throws PlanRefusedException when the change cannot be planned as it is written
     * @throws TargetException when the target does not let us, for example without CREATEDB
     */
    public Planner.Planned draft(TargetDatabase target, RunId run, int revision, WorkOrder order)
            throws PlanRefusedException {
        Planner.Change change = planner.read(order);
        Seen seen = look(target, run);
        Stages stages;
        try (Shadow shadow =
                Shadow.make(target, run, purpose.apply(run), seen.schema(), RestingObjects.namedIn(order, target))) {
            stages = shadow.run(change.pieces(), seen.publications());
        }
        return planner.plan(run, revision, order, change, seen.target(), stages);
    }

    private static Seen look(TargetDatabase target, RunId run) {
        try (Connection connection = target.open(Session.reader("fermata-plan/" + run.order()))) {
            target.requireRole(connection);
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            return Undisturbed.read(() -> see(connection));
        } catch (SQLException e) {
            throw TargetException.of(
                    "reading the catalog of target '" + target.address().name() + "'", e);
        }
    }

    private static Seen see(Connection connection) throws SQLException {
        connection.rollback(); // for a new snapshot
        return new Seen(
                new Planner.Target(
                        identity(connection),
                        CatalogSnapshot.read(connection),
                        TableStats.all(connection),
                        KeptInStep.tables(connection),
                        RestingColumns.read(connection),
                        connection.getMetaData().getDatabaseMajorVersion()),
                SchemaScript.readDefinitions(connection),
                SchemaReader.publications(connection));
    }

    /** The server and database behind a connection. */
    public static Plan.DatabaseIdentity identity(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT system_identifier::text, current_database() FROM pg_control_system()");
                ResultSet row = select.executeQuery()) {
            row.next();
            return new Plan.DatabaseIdentity(row.getString(1), row.getString(2));
        }
    }
}
