package dev.fermata.execution.rehearsal;

import java.io.IOException;
import java.util.List;

/** A service that keeps databases and makes branches of them: copies in no time, on servers of their own. Thread-safe. */
public interface BranchService {

    /** As people know it. */
    String name();

    /**
     * Makes a branch of the database as it is now, in the place of whatever has the name, and waits until one can connect
     * to it. Users, passwords and the name of the database are those of the origin.
     *
     * @throws IOException when the service cannot be reached or does not do it; the message says what to do, and holds no
     *     secret
     */
    Address create(String name) throws IOException, InterruptedException;

    /** Removes the branch, and waits until it is gone. Does nothing when there is none. */
    void delete(String name) throws IOException, InterruptedException;

    /** Names of the branches that begin like this. */
    List<String> names(String prefix) throws IOException, InterruptedException;

    /** Where a branch listens. */
    record Address(String host, int port) {}
}
