package dev.fermata.embedded;

/** Where a server listens and who may do everything there. */
public record PostgresAddress(String host, int port, String superuser, String password) {
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }

    @Override
    public String toString() {
        return superuser + "@" + host + ":" + port;
    }
}
