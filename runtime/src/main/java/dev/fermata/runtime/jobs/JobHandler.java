package dev.fermata.runtime.jobs;

/**
 * Does a job, on a virtual thread that is interrupted when the job is lost or the service stops. It ends the job with
 * {@link JobContext#finish}; a job that was not finished is called again when its lease ends, and so is one whose process
 * crashed: it must then continue rather than begin again.
 */
@FunctionalInterface
public interface JobHandler {
    /**
     * @throws JobLostException as {@link JobContext} threw it
     * @throws InterruptedException when asked to stop; the job stays open and somebody continues it
     */
    void run(Job job, JobContext context) throws InterruptedException;
}
