package dev.fermata.supervisor.probe;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks a URL of the author's, but only on hosts that the operator allowed, so that an order is no way into the network
 * behind the supervisor. The name is resolved once and that address is connected to; redirects are not followed; the body
 * is not read.
 */
final class HttpProbe {
    private static final int CONNECT_TIMEOUT_MILLIS = 3000;

    private final HttpClient client;
    private final List<String> hosts;

    HttpProbe(Vertx vertx, List<String> hosts) {
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                .setKeepAlive(false));
        this.hosts = hosts.stream().map(HttpProbe::plain).toList();
    }

    Optional<String> ask(String url) throws InterruptedException {
        URI uri = uri(url);
        if (uri == null) {
            return Optional.of("has no http(s) URL");
        }
        String host = plain(uri.getHost());
        if (!hosts.contains(host)) {
            return Optional.of(
                    "asks host '" + host + "', which is not allowed (expected: one of supervisor.probe-hosts, "
                            + String.join(", ", hosts) + ")");
        }
        try {
            int status = status(uri, host, InetAddress.getByName(host));
            return status / 100 == 2 ? Optional.empty() : Optional.of("answered with status " + status);
        } catch (UnknownHostException e) {
            return Optional.of("asks host '" + host + "', which has no address");
        } catch (TimeoutException e) {
            return Optional.of("did not answer within " + Probes.LONGEST.toSeconds() + " s");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return Optional.of("did not answer (" + cause.getClass().getSimpleName() + ")");
        }
    }

    private int status(URI uri, String host, InetAddress address)
            throws InterruptedException, TimeoutException, ExecutionException {
        boolean tls = uri.getScheme().equalsIgnoreCase("https");
        int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80;
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setServer(SocketAddress.inetSocketAddress(port, address.getHostAddress()))
                .setHost(host)
                .setPort(port)
                .setSsl(tls)
                .setURI(uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()))
                .setTimeout(Probes.LONGEST.toMillis())
                .setFollowRedirects(false);
        Future<Integer> status = client.request(options)
                .compose(request -> request.send().map(response -> answered(request, response.statusCode())));
        return status.toCompletionStage().toCompletableFuture().get(Probes.LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static int answered(HttpClientRequest request, int status) {
        request.reset(); // the body is nobody's business
        return status;
    }

    private static @Nullable URI uri(String url) {
        try {
            URI uri = new URI(url);
            String scheme = uri.getScheme();
            boolean web = "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
            return web && uri.getHost() != null && uri.getRawUserInfo() == null ? uri : null;
        } catch (java.net.URISyntaxException e) {
            return null;
        }
    }

    /** {@code [::1]} is {@code ::1}, {@code LocalHost.} is {@code localhost}. */
    private static String plain(String host) {
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        String lower = bare.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
}
