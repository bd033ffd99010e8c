package dev.fermata.contracts.order;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.fermata.contracts.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One folder per case: {@code input.md}, {@code .yaml} or {@code .json}, and what must come of it in {@code expected.json} or
 * {@code expected-errors.txt}. {@code -Dfermata.corpus=write} writes what comes of it today, to be reviewed as a diff.
 */
class WorkOrderCorpusTest {
    private static final Path CASES = Path.of("src/test/resources/orders");
    private static final boolean WRITE = "write".equals(System.getProperty("fermata.corpus"));

    static List<Path> cases() throws IOException {
        try (Stream<Path> folders = Files.list(CASES)) {
            return folders.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void givesWhatIsExpected(Path folder) throws IOException {
        Path input = input(folder);
        Path expectedOrder = folder.resolve("expected.json");
        Path expectedErrors = folder.resolve("expected-errors.txt");
        String order = "";
        String errors = "";
        try {
            order = pretty(WorkOrderFile.parse(
                    Files.readString(input),
                    input.getFileName().toString(),
                    Sources.in(folder),
                    Authorship.document()));
        } catch (WorkOrderFileException e) {
            errors = lines(e).replace(folder.toString(), "<folder>");
        }
        if (WRITE) {
            write(expectedOrder, order);
            write(expectedErrors, errors);
        }
        assertThat(errors).isEqualTo(textOf(expectedErrors));
        assertThat(order).isEqualTo(textOf(expectedOrder));
    }

    static Path input(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("input."))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String lines(WorkOrderFileException e) {
        return e.problems().stream()
                .map(problem -> problem.code() + " " + (problem.pointer().isEmpty() ? "-" : problem.pointer())
                        + "\n    " + problem.message() + "\n")
                .collect(Collectors.joining());
    }

    private static String pretty(ParsedWorkOrder parsed) throws JsonProcessingException {
        return Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(parsed) + "\n";
    }

    private static String textOf(Path file) throws IOException {
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private static void write(Path file, String text) throws IOException {
        if (text.isEmpty()) {
            Files.deleteIfExists(file);
        } else {
            Files.writeString(file, text);
        }
    }
}
