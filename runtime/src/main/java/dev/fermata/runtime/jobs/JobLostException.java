package dev.fermata.runtime.jobs;

/** The job belongs to somebody else now, or was replaced: whoever sees this stops without another word. */
public final class JobLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JobLostException(Job job) {
        super("job '" + job.key() + "' of epoch " + job.epoch() + ", attempt " + job.attempt()
                + ": owned by somebody else or replaced; the work is abandoned");
    }
}
