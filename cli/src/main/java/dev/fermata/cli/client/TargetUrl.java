package dev.fermata.cli.client;

import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A database by its JDBC URL. Only host, port, database and user are taken from it: other properties of the driver can load
 * classes and write files (CVE-2022-21724), and a password on a command line is seen by everybody on the machine.
 */
record TargetUrl(String host, int port, String name, String user, String password) {
    private static final int USUAL_PORT = 5432;

    TargetDatabase database() {
        return new TargetDatabase(new TargetAddress("url", host, port, name, user, Password.of(password), ""));
    }

    /** @param environment for the user, where the URL names none, and for the password */
    static TargetUrl parse(String url, Map<String, String> environment) {
        URI uri = uri(url);
        String path = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
        if (uri.getHost() == null || path.isEmpty()) {
            throw wrong(url);
        }
        String user = environment.getOrDefault("PGUSER", System.getProperty("user.name", ""));
        String query = uri.getQuery() == null ? "" : uri.getQuery();
        for (String property : query.isEmpty() ? new String[0] : query.split("&")) {
            if (!property.startsWith("user=")) {
                throw new CliException(
                        ExitCode.USAGE,
                        "url-property",
                        "--url: property '" + property.replaceFirst("=.*", "") + "' (expected: only user)",
                        List.of("the password comes from PGPASSWORD, or from the file that PGPASSWORD_FILE names"),
                        null);
            }
            user = property.substring("user=".length());
        }
        int port = uri.getPort() < 0 ? USUAL_PORT : uri.getPort();
        return new TargetUrl(uri.getHost(), port, path, user, password(environment));
    }

    private static URI uri(String url) {
        if (!url.startsWith("jdbc:postgresql://") && !url.startsWith("postgresql://")) {
            throw wrong(url);
        }
        try {
            return new URI(url.replaceFirst("^jdbc:", ""));
        } catch (URISyntaxException e) {
            throw wrong(url);
        }
    }

    /** Without what stands after the question mark, which may be a secret. */
    private static CliException wrong(String url) {
        return new CliException(
                ExitCode.USAGE,
                "url",
                "--url: '" + url.replaceFirst("[?].*", "").replaceFirst("//.*@", "//...@")
                        + "' (expected: jdbc:postgresql://host:port/database?user=name)",
                List.of(),
                null);
    }

    private static String password(Map<String, String> environment) {
        String file = environment.get("PGPASSWORD_FILE");
        if (file == null) {
            return environment.getOrDefault("PGPASSWORD", "");
        }
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.ERROR, "password-file", "PGPASSWORD_FILE: '" + file + "' cannot be read", List.of(), null);
        }
    }
}
