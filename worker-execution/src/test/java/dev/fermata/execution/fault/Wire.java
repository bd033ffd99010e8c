package dev.fermata.execution.fault;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** One connection over a {@link Line}, message by message. Source: chapter 54 of PostgreSQL's manual. */
final class Wire {
    private static final int ASKS_FOR_ENCRYPTION = 1234 << 16;
    private static final int SYNC = 'S';
    private static final int QUERY = 'Q';
    private static final int READY = 'Z';

    private final Socket client;
    private final Socket server;
    private final Line line;
    private final Asked asked = new Asked();

    /** Answers of one byte that are to come: whether there is encryption. */
    private final AtomicInteger bytesToCome = new AtomicInteger();

    private volatile boolean writes;
    private volatile boolean answerIsLost;
    private volatile boolean cutsAtAnswer;
    private volatile boolean cut;

    Wire(Socket client, Socket server, Line line) {
        this.client = client;
        this.server = server;
        this.line = line;
    }

    void start() throws IOException {
        client.setTcpNoDelay(true); // a message goes out at once, as it does without us
        server.setTcpNoDelay(true);
        Thread.ofVirtual().start(this::toServer);
        Thread.ofVirtual().start(this::toClient);
    }

    private void toServer() {
        try {
            DataInputStream in = new DataInputStream(client.getInputStream());
            DataOutputStream out = new DataOutputStream(server.getOutputStream());
            begin(in, out);
            while (true) {
                int type = in.readUnsignedByte();
                byte[] body = new byte[in.readInt() - Integer.BYTES];
                in.readFully(body);
                asked.hear(type, body);
                boolean whole = type == SYNC || type == QUERY;
                Optional<Cut> now = whole && writes ? line.asked(asked.take()) : Optional.empty();
                answerIsLost |= now.isPresent(); // so that nobody goes on before the line is cut
                if (now.equals(Optional.of(Cut.BEFORE_IT_ARRIVES))) {
                    line.cut();
                    return;
                }
                cutsAtAnswer |= now.equals(Optional.of(Cut.BEFORE_THE_ANSWER));
                write(out, type, body);
                if (now.equals(Optional.of(Cut.WHILE_IT_RUNS))) {
                    line.cut();
                    return;
                }
            }
        } catch (IOException e) {
            if (!cut) {
                close(); // the client hung up
            }
        }
    }

    /** Messages before the first with a type. */
    private void begin(DataInputStream in, DataOutputStream out) throws IOException {
        while (true) {
            byte[] body = new byte[in.readInt() - Integer.BYTES];
            in.readFully(body);
            boolean asks = (ByteBuffer.wrap(body).getInt() & 0xffff0000) == ASKS_FOR_ENCRYPTION;
            if (asks) {
                bytesToCome.incrementAndGet();
            } else {
                writes = new String(body, StandardCharsets.UTF_8).contains("application_name\0fermata/");
            }
            out.writeInt(body.length + Integer.BYTES);
            out.write(body);
            out.flush();
            if (!asks) {
                return;
            }
        }
    }

    private void toClient() {
        try {
            DataInputStream in = new DataInputStream(server.getInputStream());
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            while (true) {
                int type = in.readUnsignedByte();
                if (bytesToCome.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                    out.writeByte(type);
                    out.flush();
                    continue;
                }
                byte[] body = new byte[in.readInt() - Integer.BYTES];
                in.readFully(body);
                if (cutsAtAnswer && type == READY && !cut) {
                    line.cut();
                }
                if (!cut && !answerIsLost) {
                    tell(out, type, body);
                }
            }
        } catch (IOException e) {
            close(); // the server hung up, or the client did
        }
    }

    private void tell(DataOutputStream out, int type, byte[] body) throws IOException {
        try {
            write(out, type, body);
        } catch (IOException e) {
            if (!cut) {
                throw e;
            }
        }
    }

    private static void write(DataOutputStream out, int type, byte[] body) throws IOException {
        byte[] message = ByteBuffer.allocate(1 + Integer.BYTES + body.length)
                .put((byte) type)
                .putInt(body.length + Integer.BYTES)
                .put(body)
                .array();
        out.write(message);
        out.flush();
    }

    /** The client finds out. Of the session that writes the server does not; it is read on until it ends. */
    void cut() {
        if (cut) {
            return;
        }
        cut = true;
        shut(client);
        if (!writes) {
            shut(server);
        }
    }

    void close() {
        shut(client);
        shut(server);
        line.forget(this);
    }

    private static void shut(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("a socket cannot be closed", e);
        }
    }
}
