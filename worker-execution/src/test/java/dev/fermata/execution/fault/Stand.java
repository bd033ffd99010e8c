package dev.fermata.execution.fault;

import dev.fermata.testsupport.RealPostgres;
import java.io.IOException;

/** A server of its own, a line to it, and a worker and the one after it. For one test at a time. */
final class Stand implements AutoCloseable {
    private final RealPostgres server;
    private final Line line;
    private Worker worker;
    private Worker spare;

    private Stand(RealPostgres server, Line line, Worker worker, Worker spare) {
        this.server = server;
        this.line = line;
        this.worker = worker;
        this.spare = spare;
    }

    static Stand create() throws IOException {
        RealPostgres server = RealPostgres.startOwn();
        return new Stand(server, new Line(server.host(), server.port()), Worker.start(), Worker.start());
    }

    RealPostgres server() {
        return server;
    }

    Line line() {
        return line;
    }

    Worker worker() {
        return worker;
    }

    /** The worker is gone for good. */
    void replaceWorker() throws IOException, InterruptedException {
        worker.close();
        worker = spare;
        spare = Worker.start();
    }

    /** The worker is put aside, and the spare one is it now. Gives the one that was. */
    Worker swapWorkers() {
        Worker was = worker;
        worker = spare;
        spare = was;
        return was;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        worker.close();
        spare.close();
        line.close();
        server.close();
    }
}
