package dev.fermata.cli.client;

import dev.fermata.contracts.Nearest;
import dev.fermata.contracts.order.Authorship;
import dev.fermata.contracts.order.Migration;
import dev.fermata.contracts.order.MigrationDirectory;
import dev.fermata.contracts.order.Sources;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.order.WorkOrderFile;
import dev.fermata.runtime.config.ConfigReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Work orders as they lie on this machine: files, migration directories and templates. */
final class OrderFiles {
    private static final List<String> ENDINGS = List.of("", ".md", ".yaml", ".yml", ".json");
    private static final List<String> SHIPPED = List.of("database-migration");

    private final SettingsFile settings;
    private final String author;

    /** @param author counts where a document names none */
    OrderFiles(SettingsFile settings, String author) {
        this.settings = settings;
        this.author = author;
    }

    /**
     * The order in a file, or of a template with its placeholders filled in. SQL files that it names are read, so that it can
     * be posted as one document.
     *
     * @param what path of a file, or name of a template
     */
    WorkOrder read(String what, Map<String, String> values) {
        Path path = Path.of(what);
        if (Files.isRegularFile(path)) {
            String text = WorkOrderFile.decode(bytes(path), what);
            String filled = values.isEmpty() ? text : WorkOrderFile.substitute(text, what, values);
            Path folder = Optional.ofNullable(path.toAbsolutePath().getParent()).orElse(Path.of("."));
            return parse(filled, what, folder);
        }
        Template template = template(what);
        return parse(WorkOrderFile.substitute(template.text(), template.name(), values), template.name(), Path.of("."));
    }

    private WorkOrder parse(String text, String name, Path folder) {
        return WorkOrderFile.parse(text, name, Sources.in(folder), Authorship.documentOr(author))
                .order();
    }

    /** The migrations of a directory in version order, an order each. */
    List<WorkOrder> directory(Path folder, String target) {
        List<WorkOrder> orders = new ArrayList<>();
        try {
            for (Migration migration : MigrationDirectory.list(folder)) {
                WorkOrder order = WorkOrder.of(
                        migration.name(), author, List.of(target), migration.change(), migration.rollback());
                orders.add(withTitle(order, migration.title()));
            }
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.ERROR,
                    "unreadable",
                    "'" + folder + "' cannot be read: " + e.getMessage(),
                    List.of(),
                    null);
        }
        if (orders.isEmpty()) {
            throw new CliException(
                    ExitCode.NOT_FOUND,
                    "no-migrations",
                    "'" + folder + "' holds no migration (expected: V1__name.sql or 1_name.up.sql)",
                    List.of(),
                    null);
        }
        return orders;
    }

    private static WorkOrder withTitle(WorkOrder order, String title) {
        return new WorkOrder(
                order.name(),
                title.isBlank() ? order.name() : title,
                order.category(),
                order.author(),
                order.targets(),
                order.strategy(),
                order.renames(),
                order.change(),
                order.rollback(),
                order.rehearsal(),
                order.backup(),
                order.approval(),
                order.window(),
                order.lock(),
                order.probes(),
                order.soak(),
                order.labels(),
                order.description());
    }

    private record Template(String name, String text) {}

    /** In the folder {@code client.templates}, in {@code templates} beside us, or one that comes with Fermata. */
    private Template template(String name) {
        for (Path folder : folders()) {
            for (String ending : ENDINGS) {
                Path file = folder.resolve(name + ending);
                if (Files.isRegularFile(file)) {
                    return new Template(file.toString(), WorkOrderFile.decode(bytes(file), file.toString()));
                }
            }
        }
        if (SHIPPED.contains(name)) {
            return new Template(name, shipped(name));
        }
        TreeSet<String> known = new TreeSet<>(SHIPPED);
        folders().forEach(folder -> known.addAll(names(folder)));
        throw new CliException(
                ExitCode.NOT_FOUND,
                "no-such-file",
                "'" + name + "' is neither a file, nor a directory, nor a template",
                List.of(Nearest.of(name, known)
                        .map(near -> "did you mean the template '" + near + "'?")
                        .orElse("templates: " + String.join(", ", known))),
                null);
    }

    private List<Path> folders() {
        String configured = new ConfigReader(settings.source()).text("client.templates", "");
        return configured.isBlank()
                ? List.of(Path.of("templates"), Path.of(".fermata", "templates"))
                : List.of(Path.of(configured));
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()).replaceFirst("\\.(md|ya?ml|json)$", ""))
                    .toList();
        } catch (IOException e) {
            return List.of(); // there is no such folder
        }
    }

    private static String shipped(String name) {
        try (InputStream in = OrderFiles.class.getResourceAsStream("templates/" + name + ".md")) {
            if (in == null) {
                throw new IllegalStateException("template '" + name + "' is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.ERROR, "unreadable", "'" + file + "' cannot be read: " + e.getMessage(), List.of(), null);
        }
    }
}
