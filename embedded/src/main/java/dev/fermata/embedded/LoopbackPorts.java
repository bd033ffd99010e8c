package dev.fermata.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Free TCP ports of the loopback address.
 *
 * <p>A port that was free a moment ago may be taken when its server binds it. Whoever starts a server on such a port
 * uses {@link #bindOnFreePort}, which tries again with another one.
 */
public final class LoopbackPorts {
    /** The address that every embedded server listens on. */
    public static final String HOST = "127.0.0.1";

    private static final int ATTEMPTS = 8;

    private LoopbackPorts() {}

    /** A port that nobody listens on at this moment. */
    public static int free() {
        return free(1).getFirst();
    }

    /** Distinct ports that nobody listens on at this moment. */
    public static List<Integer> free(int count) {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0, 1, address()));
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port found on " + HOST, e);
        } finally {
            held.forEach(LoopbackPorts::close);
        }
    }

    /**
     * Starts something on a free port, and on another one when that port was taken meanwhile.
     *
     * @param start binds the given port or throws; a {@link BindException} among the causes means "port taken"
     */
    public static <T> T bindOnFreePort(IntFunction<T> start) {
        @Nullable RuntimeException last = null;
        for (int port : IntStream.generate(LoopbackPorts::free).limit(ATTEMPTS).toArray()) {
            try {
                return start.apply(port);
            } catch (RuntimeException e) {
                if (!isPortTaken(e)) {
                    throw e;
                }
                last = e;
            }
        }
        throw new EmbeddedException(
                "no server started on " + HOST + ": " + ATTEMPTS
                        + " free ports in turn were taken before it bound them",
                last);
    }

    /** Fails early and briefly when somebody listens on the port, before a server fails with a page of text. */
    static void requireFree(int port) {
        try {
            new ServerSocket(port, 1, address()).close();
        } catch (IOException e) {
            throw new EmbeddedException(HOST + ":" + port + ": the port is taken; choose another one", e);
        }
    }

    private static InetAddress address() throws UnknownHostException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }

    private static boolean isPortTaken(Throwable e) {
        for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                return true;
            }
        }
        return false;
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
