package dev.fermata.execution.fault;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What lies between workers and the server, and can be cut. The server does not notice that its end of the session that
 * writes is loose, as when the network between is gone; whoever comes next has to end that session.
 */
final class Line implements AutoCloseable {
    private static final int BACKLOG = 10;
    private static final Scissors NONE = asked -> Optional.empty();

    private final String host;
    private final int port;
    private final ServerSocket listening;
    private final List<Wire> wires = new CopyOnWriteArrayList<>();
    private final AtomicBoolean cut = new AtomicBoolean();
    private final AtomicBoolean late = new AtomicBoolean();
    private volatile Scissors scissors = NONE;
    private volatile String place = "";

    /** Says of everything that the session that writes asks whether the line is cut at it. Called from several threads. */
    @FunctionalInterface
    interface Scissors {
        Optional<Cut> at(String asked);
    }

    Line(String host, int port) throws IOException {
        this.host = host;
        this.port = port;
        this.listening = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    String host() {
        return listening.getInetAddress().getHostAddress();
    }

    int port() {
        return listening.getLocalPort();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                try {
                    Wire wire = new Wire(client, new Socket(host, port), this);
                    wires.add(wire);
                    wire.start();
                } catch (IOException e) {
                    client.close(); // the server is not there
                }
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    void give(Scissors given) {
        scissors = given;
    }

    /** From now on it is not cut any more. */
    void giveBack() {
        scissors = NONE;
    }

    /** Cuts it once, at what is asked next. */
    void cutAtNext(Cut how) {
        AtomicBoolean open = new AtomicBoolean(true);
        scissors = asked -> open.compareAndSet(true, false) ? Optional.of(how) : Optional.empty();
    }

    /** From now on things are asked at this place. */
    void isAt(String now) {
        place = now;
    }

    Optional<Cut> asked(String what) {
        Optional<Cut> now = scissors.at(place + " | " + what);
        if (now.equals(Optional.of(Cut.WHILE_IT_RUNS)) && what.contains("pg_terminate_backend")) {
            late.set(true);
        }
        return now;
    }

    /**
     * Whether a session was cut off while it ended those before it. It may come to that late, and end the one after it; asked
     * once for each.
     */
    boolean mayHaveEndedTheNext() {
        return late.getAndSet(false);
    }

    /** Cuts all that are there. */
    void cut() {
        cut.set(true);
        wires.forEach(Wire::cut);
    }

    /** Whether it was cut since this was asked last. */
    boolean wasCut() {
        return cut.getAndSet(false);
    }

    void forget(Wire wire) {
        wires.remove(wire);
    }

    @Override
    public void close() throws IOException {
        listening.close();
        wires.forEach(Wire::close);
    }
}
