package dev.fermata.cli.client;

import dev.fermata.runtime.config.ConfigReader;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the conductor is, and who says so: the flag, FERMATA_URL, {@code client.url} of the settings file, what
 * {@code fermata up} left in its folder, or this machine.
 *
 * @param origin for people, such as {@code --url}
 */
record ConductorUrl(URI uri, String origin) {
    private static final String DEFAULT = "http://127.0.0.1:8080";

    static ConductorUrl find(@Nullable String flag, SettingsFile settings) {
        if (flag != null) {
            return parse(flag, "--url");
        }
        String variable = System.getenv("FERMATA_URL");
        if (variable != null && !variable.isBlank()) {
            return parse(variable, "FERMATA_URL");
        }
        String configured = new ConfigReader(settings.source()).text("client.url", "");
        if (!configured.isBlank()) {
            return parse(configured, "client.url of the settings");
        }
        return UpFile.url()
                .map(url -> parse(url, UpFile.PATH.toString()))
                .orElseGet(() -> parse(DEFAULT, "the default"));
    }

    private static ConductorUrl parse(String text, String origin) {
        try {
            URI uri = URI.create(text.strip().replaceAll("/+$", ""));
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return new ConductorUrl(uri, origin);
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new CliException(
                ExitCode.USAGE,
                "bad-url",
                "'" + text + "' from " + origin + " is no URL (expected: such as " + DEFAULT + ")",
                List.of(),
                null);
    }
}
