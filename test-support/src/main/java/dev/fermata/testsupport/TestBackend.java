package dev.fermata.testsupport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Where the servers of this JVM's tests run. Decided once, in well under a second, and said on standard output. */
enum TestBackend {
    EMBEDDED,
    DOCKER;

    private static final String PROPERTY = "fermata.test.backend";
    private static final String VARIABLE = "FERMATA_TEST_BACKEND";
    private static final long PATIENCE_MILLIS = 300;

    private static final class Chosen {
        private static final TestBackend BACKEND = choose();
    }

    static TestBackend current() {
        return Chosen.BACKEND;
    }

    private static TestBackend choose() {
        Optional<String> wish = Optional.ofNullable(System.getProperty(PROPERTY))
                .or(() -> Optional.ofNullable(System.getenv(VARIABLE)))
                .filter(value -> !value.isBlank());
        TestBackend backend = wish.map(TestBackend::parse).orElseGet(() -> dockerAnswers() ? DOCKER : EMBEDDED);
        System.out.println("tests use "
                + (backend == DOCKER ? "PostgreSQL and Kafka in Docker" : "embedded PostgreSQL " + "and Kafka") + " ("
                + (wish.isPresent() ? "as told" : backend == DOCKER ? "it answers" : "Docker does " + "not answer")
                + "; -D" + PROPERTY + "=embedded|docker chooses)");
        return backend;
    }

    private static TestBackend parse(String value) {
        return switch (value) {
            case "embedded" -> EMBEDDED;
            case "docker" -> DOCKER;
            default ->
                throw new IllegalArgumentException(PROPERTY + ": '" + value + "' (expected: embedded or docker)");
        };
    }

    private static boolean dockerAnswers() {
        return dockerAddresses().stream().anyMatch(TestBackend::answers);
    }

    private static List<SocketAddress> dockerAddresses() {
        String host = System.getenv("DOCKER_HOST");
        if (host != null && host.startsWith("tcp://")) {
            URI address = URI.create(host);
            return List.of(new InetSocketAddress(address.getHost(), address.getPort()));
        }
        Stream<Path> sockets = host != null && host.startsWith("unix://")
                ? Stream.of(Path.of(host.substring("unix://".length())))
                : Stream.of(
                        Path.of("/var/run/docker.sock"),
                        Path.of(System.getProperty("user.home"), ".docker/run/docker.sock"));
        return sockets.filter(Files::exists)
                .<SocketAddress>map(UnixDomainSocketAddress::of)
                .toList();
    }

    /** Asks the engine's ping address; Testcontainers itself would take half a minute to give up. */
    private static boolean answers(SocketAddress address) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        Thread asking = Thread.ofVirtual().name("docker ping").start(() -> answer.complete(ping(address)));
        try {
            return answer.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            asking.interrupt();
        }
    }

    private static boolean ping(SocketAddress address) {
        try (SocketChannel channel = address instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open()) {
            channel.connect(address);
            channel.write(
                    ByteBuffer.wrap("GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer start = ByteBuffer.allocate(64);
            channel.read(start);
            return new String(start.array(), 0, start.position(), StandardCharsets.US_ASCII).contains(" 200 ");
        } catch (IOException e) {
            return false;
        }
    }
}
