package dev.fermata.runtime.jobs;

import dev.fermata.contracts.message.Message;
import java.util.List;

/** How a job speaks. Every word is said only while the job is still owned. Usable from the job's own threads. */
public interface JobContext {
    /**
     * Says something now. Once this returns it will be published, whatever happens next.
     *
     * @throws JobLostException when the job is no longer owned; nothing was said
     */
    void publish(Message message);

    /**
     * Says the last things and ends the job, in one transaction.
     *
     * @throws JobLostException when the job is no longer owned; nothing was said
     */
    void finish(List<? extends Message> lastWords);

    /**
     * Says something that may be lost, such as a heartbeat. Never blocks for long and never throws because of the broker.
     */
    void mention(Message message);

    /** Throws {@link JobLostException} when the lease is known to be lost. Cheap: call it before everything that matters. */
    void checkOwned();

    /** Which process this is, for messages. */
    String worker();
}
