package dev.fermata.contracts.message;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.ImpactReport;
import java.time.Instant;

/** What the analysis worker says on {@code impact}. */
public sealed interface ImpactMessage extends Message {

    RunId runId();

    /** From 1; a message about an older revision than the current one no longer matters. */
    int revision();

    @Override
    default String key() {
        return runId().toString();
    }

    /** The worker has begun. */
    record AnalysisStarted(RunId runId, int revision, String worker, Instant at) implements ImpactMessage {
        public AnalysisStarted {
            Fields.required(runId, "runId");
            Fields.text(worker, "worker");
            Fields.required(at, "at");
        }
    }

    /** The worker knows what the change does. */
    record ImpactReported(RunId runId, int revision, ImpactReport report) implements ImpactMessage {
        public ImpactReported {
            Fields.required(runId, "runId");
            Fields.required(report, "report");
        }
    }

    /** The worker cannot say: the SQL does not parse, or the target does not answer. */
    record AnalysisFailed(RunId runId, int revision, Failure failure) implements ImpactMessage {
        public AnalysisFailed {
            Fields.required(runId, "runId");
            Fields.required(failure, "failure");
        }
    }
}
