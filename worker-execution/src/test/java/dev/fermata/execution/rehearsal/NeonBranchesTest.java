package dev.fermata.execution.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fermata.contracts.json.Json;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server that answers as Neon's documentation says it does. */
class NeonBranchesTest {
    private static final String TOKEN = "napi_secret";

    /** A branch is not made on the target, so nothing is asked of it. */
    private static final Connection NO_CONNECTION = (Connection) Proxy.newProxyInstance(
            NeonBranchesTest.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                throw new UnsupportedOperationException(method.getName());
            });

    private Neon neon;
    private NeonBranches branches;

    @BeforeEach
    void start() throws IOException {
        neon = new Neon();
        branches = service(TOKEN, Duration.ofSeconds(20));
    }

    @AfterEach
    void stop() {
        neon.close();
    }

    private NeonBranches service(String token, Duration patience) {
        return new NeonBranches(neon.api(), "shiny-wind-1", () -> token, patience, Duration.ofMillis(5));
    }

    @Test
    void aBranchIsMadeAndWaitedForUntilOneCanConnect() throws Exception {
        BranchService.Address address = branches.create("fermata_clone_a");
        assertThat(address).isEqualTo(new BranchService.Address("ep-br-1.example.neon.tech", 5432));
        assertThat(neon.asked("br-1")).as("asked again until it was ready").isGreaterThanOrEqualTo(Neon.READY_AFTER);
        assertThat(neon.lastBody.path("branch").path("name").asText()).isEqualTo("fermata_clone_a");
        assertThat(neon.lastBody.path("endpoints").path(0).path("type").asText())
                .isEqualTo("read_write");
    }

    @Test
    void whatACrashLeftUnderTheNameIsReplaced() throws Exception {
        branches.create("fermata_clone_a");
        branches.create("fermata_clone_b");
        assertThat(branches.create("fermata_clone_a").host()).startsWith("ep-br-3");
        assertThat(branches.names("fermata_clone_")).containsExactlyInAnyOrder("fermata_clone_a", "fermata_clone_b");
        branches.delete("fermata_clone_a");
        branches.delete("fermata_clone_a");
        assertThat(branches.names("fermata_")).containsExactly("fermata_clone_b");
    }

    @Test
    void aRefusalSaysWhatToDoAndKeepsTheSecret() {
        assertThatThrownBy(() -> service("wrong-token", Duration.ofSeconds(5)).create("x"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("status 401")
                .hasMessageContaining("check the token")
                .hasMessageNotContaining("wrong-token");
    }

    @Test
    void aBranchThatIsNeverReadyIsGivenUp() {
        neon.readyAfter = Integer.MAX_VALUE;
        assertThatThrownBy(() -> service(TOKEN, Duration.ofMillis(50)).create("x"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not ready");
    }

    @Test
    void aCloneByBranchIsTheTargetAtAnotherAddress() throws Exception {
        TargetDatabase target = new TargetDatabase(
                new TargetAddress("shop", "ep-main.neon.tech", 5432, "shop", "app", Password.of("pw"), "test"));
        CloneProvider provider = new BranchClones(branches);
        CloneProvider.Made made =
                provider.make(new CloneProvider.Request(target, NO_CONNECTION, "fermata_clone_c", Stage.RUN));
        assertThat(made.database().address().host()).isEqualTo("ep-br-1.example.neon.tech");
        assertThat(made.database().address().database()).isEqualTo("shop");
        assertThat(made.maintenance().address().database()).isEqualTo("postgres");
        assertThat(provider.extent()).isEqualTo(CloneProvider.Extent.ALL);
        assertThat(provider.existing(NO_CONNECTION, "fermata_clone_")).containsExactly("fermata_clone_c");
        provider.remove(NO_CONNECTION, "fermata_clone_c");
        assertThat(branches.names("fermata_clone_")).isEmpty();
    }

    /** Plays the API. */
    private static final class Neon implements AutoCloseable {
        static final int READY_AFTER = 3;
        private final HttpServer server;
        private final Map<String, String> names = new LinkedHashMap<>();
        private final Map<String, Integer> asked = new LinkedHashMap<>();
        private int readyAfter = READY_AFTER;
        private int made;
        private JsonNode lastBody = Json.mapper().createObjectNode();

        Neon() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/api/v2/projects/shiny-wind-1/branches", this::handle);
            server.start();
        }

        URI api() {
            return URI.create("http://" + server.getAddress().getHostString() + ":"
                    + server.getAddress().getPort() + "/api/v2");
        }

        synchronized int asked(String id) {
            return asked.getOrDefault(id, 0);
        }

        private synchronized void handle(HttpExchange exchange) throws IOException {
            if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                answer(exchange, 401, Json.mapper().createObjectNode());
                return;
            }
            List<String> path = List.of(exchange.getRequestURI().getPath().split("/"));
            String id = path.size() > 6 ? path.get(6) : "";
            ObjectNode body = Json.mapper().createObjectNode();
            switch (exchange.getRequestMethod()) {
                case "POST" -> {
                    lastBody = Json.mapper().readTree(exchange.getRequestBody());
                    String fresh = "br-" + ++made;
                    names.put(fresh, lastBody.path("branch").path("name").asText());
                    branch(body.putObject("branch"), fresh, "init");
                    answer(exchange, 201, body);
                }
                case "DELETE" -> {
                    int status = names.remove(id) == null ? 404 : 200;
                    answer(exchange, status, body);
                }
                default -> get(exchange, path, id, body);
            }
        }

        private void get(HttpExchange exchange, List<String> path, String id, ObjectNode body) throws IOException {
            if (id.isEmpty()) {
                ArrayNode list = body.putArray("branches");
                names.forEach((each, name) -> branch(list.addObject(), each, "ready"));
            } else if (!names.containsKey(id)) {
                answer(exchange, 404, body);
                return;
            } else if (path.size() > 7) {
                body.putArray("endpoints")
                        .addObject()
                        .put("type", "read_write")
                        .put("host", "ep-" + id + ".example.neon.tech")
                        .put("current_state", asked(id) > READY_AFTER ? "active" : "init");
            } else {
                int times = asked.merge(id, 1, Integer::sum);
                branch(body.putObject("branch"), id, times >= readyAfter ? "ready" : "init");
            }
            answer(exchange, 200, body);
        }

        private void branch(ObjectNode node, String id, String state) {
            node.put("id", id).put("name", names.get(id)).put("current_state", state);
        }

        private static void answer(HttpExchange exchange, int status, JsonNode body) throws IOException {
            byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, bytes.length);
            try (exchange) {
                exchange.getResponseBody().write(bytes);
            }
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
