package dev.fermata.runtime.config;

/**
 * Where a service answers HTTP.
 *
 * @param port 0 for any free one
 */
public record HttpConfig(String host, int port) {

    static HttpConfig read(ConfigReader in, int defaultPort) {
        return new HttpConfig(in.text("http.host", "127.0.0.1"), in.integer("http.port", defaultPort, 0, 65_535));
    }
}
