package dev.fermata.cli.launcher;

import java.util.concurrent.CountDownLatch;

/**
 * Holds the end of the process, once it was asked for by a signal, until what was started has been closed. Opened before
 * anything is started and closed after everything, also when starting fails: an exit would else wait for itself.
 */
final class Termination implements AutoCloseable {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    private Termination() {}

    static Termination watched() {
        Termination termination = new Termination();
        Runtime.getRuntime().addShutdownHook(new Thread(termination::hold, "termination"));
        return termination;
    }

    private void hold() {
        asked.countDown();
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns when the process is asked to end. */
    void await() throws InterruptedException {
        asked.await();
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
