package dev.fermata.cli.client;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the conductor is and who asks. */
final class ClientOptions {
    @Mixin
    private SettingsFile settings = new SettingsFile();

    @Option(
            names = "--url",
            paramLabel = "URL",
            description =
                    "The conductor (default: FERMATA_URL, client.url of the settings file, a running 'fermata up' of"
                            + " this folder, else http://127.0.0.1:8080).")
    private @Nullable String url;

    @Option(
            names = "--as",
            paramLabel = "NAME",
            description = "Who asks, where no proxy authenticates (default: FERMATA_USER, else the account's name).")
    private @Nullable String as;

    Conductor conductor() {
        return new Conductor(ConductorUrl.find(url, settings), name());
    }

    SettingsFile settings() {
        return settings;
    }

    /** Who asks. */
    String name() {
        if (as != null && !as.isBlank()) {
            return as;
        }
        String variable = System.getenv("FERMATA_USER");
        return variable == null || variable.isBlank() ? System.getProperty("user.name", "unknown") : variable;
    }
}
