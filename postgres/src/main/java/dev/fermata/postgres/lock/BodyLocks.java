package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.DEPENDS;
import static dev.fermata.postgres.lock.Likelihood.NO;

import dev.fermata.postgres.parser.Body;
import dev.fermata.postgres.parser.BodyStatement;
import dev.fermata.postgres.parser.OpaquePlace;
import dev.fermata.postgres.schema.SchemaModel;

/** What a body does that runs at once: all that its statements do, one after the other in one transaction. */
final class BodyLocks {
    private static final String DESCRIPTION = "DO";

    private BodyLocks() {}

    static StatementProfile profile(Body body, int majorVersion) {
        ProfileBuilder profile = new ProfileBuilder(DESCRIPTION);
        for (BodyStatement one : body.statements()) {
            StatementProfile inside = LockModel.profile(one.statement(), majorVersion);
            if (endsTransaction(one)) {
                profile.notInTransaction();
            } else if (!inside.runsInTransaction()) {
                profile.note(refusal(one, inside.description()));
            }
            profile.add(new StatementProfile(
                    inside.description(),
                    inside.coverage(),
                    one.isConditional()
                            ? inside.locks().stream().map(BodyLocks::perhaps).toList()
                            : inside.locks(),
                    true,
                    inside.notes()));
        }
        for (OpaquePlace place : body.opaque()) {
            profile.unknown(unknown(place));
        }
        return profile.build();
    }

    static Effects effects(Body body, int majorVersion, SchemaModel schema) {
        EffectsBuilder effects = new EffectsBuilder(schema, majorVersion);
        for (BodyStatement one : body.statements()) {
            Effects inside = EffectsModel.of(one.statement(), majorVersion, schema);
            effects.add(inside, one.isConditional());
            if (endsTransaction(one)) {
                effects.notInTransaction();
            } else if (!inside.runsInTransaction()) {
                String refusal = refusal(one, inside.description());
                if (one.isConditional()) {
                    effects.note(refusal);
                } else {
                    effects.refuse(refusal);
                }
            }
        }
        for (OpaquePlace place : body.opaque()) {
            effects.unknown(unknown(place));
        }
        return effects.build(new ProfileBuilder(DESCRIPTION).build());
    }

    /** COMMIT and ROLLBACK are not allowed where a transaction is open already. */
    private static boolean endsTransaction(BodyStatement one) {
        return one.statement().kind().equals("TransactionStmt");
    }

    private static String refusal(BodyStatement one, String description) {
        return description + " cannot run in a DO block (line "
                + one.statement().line() + ")";
    }

    private static String unknown(OpaquePlace place) {
        return "what happens on line " + place.line() + " is not known: " + place.why();
    }

    private static RelationLock perhaps(RelationLock lock) {
        return new RelationLock(lock.relation(), lock.mode(), perhaps(lock.rewrites()), perhaps(lock.scans()));
    }

    private static Likelihood perhaps(Likelihood likelihood) {
        return likelihood == NO ? NO : DEPENDS;
    }
}
