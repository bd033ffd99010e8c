package dev.fermata.runtime.config;

import java.time.Duration;

/**
 * The control database.
 *
 * @param host name or address
 * @param poolSize connections of each service
 * @param startupWait how long a starting service waits for the database to answer
 */
public record ControlConfig(
        String host, int port, String database, String user, Secret password, int poolSize, Duration startupWait) {

    static ControlConfig read(ConfigReader in) {
        return new ControlConfig(
                in.text("control.host", "127.0.0.1"),
                in.integer("control.port", 5432, 1, 65_535),
                in.text("control.database", "fermata"),
                in.text("control.user", "fermata"),
                in.secret("control.password"),
                in.integer("control.pool-size", 8, 2, 100),
                in.duration("control.startup-wait", Duration.ofSeconds(60)));
    }

    /** Without credentials. */
    public String jdbcUrl() {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }
}
