package dev.fermata.runtime.jobs;

/**
 * Does a job, on a virtual thread that is interrupted when the job is lost or the service stops. What it returns ends the
 * job. It may be called again for the same job after a crash, and must then continue rather than begin again.
 */
@FunctionalInterface
public interface JobHandler {
    /**
     * @throws JobLostException as {@link JobContext} threw it
     * @throws InterruptedException when asked to stop; the job stays open and somebody continues it
     */
    void run(Job job, JobContext context) throws InterruptedException;
}
