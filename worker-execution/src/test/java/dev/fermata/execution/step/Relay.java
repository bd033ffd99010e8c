package dev.fermata.execution.step;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Between a client and a server, and looks to the client as a pooler does: it announces a process number of its own. */
final class Relay implements AutoCloseable {
    private static final int NO_ENCRYPTION = 'N';
    private static final int BACKEND_KEY = 'K';
    private static final int OWN_NUMBER = 7;

    private final ServerSocket listening;

    Relay(String host, int port) throws IOException {
        listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            while (!listening.isClosed()) {
                try {
                    Socket client = listening.accept();
                    Socket server = new Socket(host, port);
                    Thread.ofVirtual().start(() -> toServer(client, server));
                    Thread.ofVirtual().start(() -> toClient(server, client));
                } catch (IOException e) {
                    return; // closed
                }
            }
        });
    }

    int port() {
        return listening.getLocalPort();
    }

    private static void toServer(Socket client, Socket server) {
        try (client;
                server;
                InputStream in = client.getInputStream();
                OutputStream out = server.getOutputStream()) {
            in.transferTo(out);
        } catch (IOException e) {
            Thread.currentThread().interrupt(); // one of the two hung up
        }
    }

    private static void toClient(Socket server, Socket client) {
        try (server;
                client;
                DataInputStream in = new DataInputStream(server.getInputStream());
                DataOutputStream out = new DataOutputStream(client.getOutputStream())) {
            int type = in.readUnsignedByte();
            if (type == NO_ENCRYPTION) { // the answer to the question for it, a single byte
                out.writeByte(type);
                out.flush();
                type = in.readUnsignedByte();
            }
            while (true) {
                byte[] body = new byte[in.readInt() - Integer.BYTES];
                in.readFully(body);
                if (type == BACKEND_KEY) {
                    body[0] = 0;
                    body[1] = 0;
                    body[2] = 0;
                    body[3] = OWN_NUMBER;
                }
                out.writeByte(type);
                out.writeInt(body.length + Integer.BYTES);
                out.write(body);
                out.flush();
                type = in.readUnsignedByte();
            }
        } catch (IOException e) {
            Thread.currentThread().interrupt(); // one of the two hung up
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
