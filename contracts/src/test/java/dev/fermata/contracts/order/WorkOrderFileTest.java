package dev.fermata.contracts.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.fermata.contracts.Gen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkOrderFileTest {
    private static final String MARKDOWN = """
        ---
        name: add-order-status
        author: ada@example.org
        targets: [shop]
        ---
        Why.

        ```sql change
        ALTER TABLE orders
          ADD COLUMN status text;
        ```
        """;

    @Test
    void whatIsWrittenAsMarkdownIsReadBackTheSame() {
        Gen.forAll(3000, WorkOrderGen.any(), order -> {
            String text = WorkOrderFile.toMarkdown(order);
            assertThat(parse(text).order()).as(text).isEqualTo(order);
        });
    }

    @Test
    void anyTextIsAnOrderOrAListOfProblems() {
        Gen<String> pieces = Gen.oneOf(
                        "---\n",
                        "name: a\n",
                        "author: b\n",
                        "targets: [shop]\n",
                        "change: select 1\n",
                        "```sql change\n",
                        "```\n",
                        "x\n",
                        "{",
                        "}",
                        "\"name\"",
                        ":",
                        ",",
                        "[",
                        "]",
                        "probes:\n",
                        "  - {name: a}\n",
                        "\t",
                        "lock: ",
                        "? ",
                        "|\n",
                        "  y\n",
                        "&a ",
                        "*a ",
                        "!!x ",
                        "'",
                        "\"",
                        "window: {cron: 1}\n",
                        "labels:\n",
                        " a: 1\n",
                        "#",
                        "\uFEFF",
                        "%YAML 1.1\n",
                        "@",
                        "`")
                .list(0, 14)
                .map(parts -> String.join("", parts));
        Gen.forAll(20_000, Gen.anyOf(pieces, Gen.nastyText()), text -> {
            try {
                parse(text);
            } catch (WorkOrderFileException e) {
                assertThat(e.problems()).isNotEmpty();
            }
        });
    }

    @Test
    void everyCutOfADocumentIsAnOrderOrAListOfProblems() {
        Random random = new Random(1);
        for (int end = 0; end < MARKDOWN.length(); end++) {
            String cut = MARKDOWN.substring(0, end) + (random.nextBoolean() ? "" : "\n");
            try {
                assertThat(parse(cut).order().change()).isNotBlank();
            } catch (WorkOrderFileException e) {
                assertThat(e.problems()).isNotEmpty();
            }
        }
    }

    @Test
    void windowsLineEndsAndAByteOrderMarkChangeNothing() {
        assertThat(parse("\uFEFF" + MARKDOWN.replace("\n", "\r\n"))).isEqualTo(parse(MARKDOWN));
    }

    @Test
    void anErrorInTheSqlIsPlacedInTheDocument() {
        SqlOrigin change = parse(MARKDOWN).change();

        SqlOrigin.Place column = change.at(2, 3);

        assertThat(column).isEqualTo(new SqlOrigin.Place("order.md", 10, 3));
        assertThat(MARKDOWN.split("\n")[column.line() - 1].substring(column.column() - 1))
                .startsWith("ADD COLUMN");
    }

    @Test
    void anErrorInSqlWithEscapesIsPlacedAtTheValue() {
        SqlOrigin change = parse("{\"name\":\"a\",\"author\":\"b\",\"targets\":[\"shop\"],\n\"change\":\"select\\n1\"}")
                .change();

        assertThat(change.at(2, 1)).isEqualTo(new SqlOrigin.Place("order.md", 2, 11));
    }

    @Test
    void theAuthenticatedCallerIsTheAuthorWhateverTheDocumentSays() {
        assertThat(author(MARKDOWN, Authorship.caller("eve"))).isEqualTo("eve");
        assertThat(author(MARKDOWN.replace("ada@example.org", "{a: b}"), Authorship.caller("eve")))
                .isEqualTo("eve");
    }

    @Test
    void aDefaultAuthorIsUsedWhereTheDocumentNamesNone() {
        String anonymous = MARKDOWN.replace("author: ada@example.org\n", "");

        assertThat(author(anonymous, Authorship.documentOr("ci"))).isEqualTo("ci");
        assertThat(author(MARKDOWN, Authorship.documentOr("ci"))).isEqualTo("ada@example.org");
        assertThat(codes(anonymous)).containsExactly("missing-author");
    }

    @Test
    void whatIsNoTextIsRefusedWithItsPlace() {
        Problem nul = problems(MARKDOWN.replace("Why.", "Wh\0y.")).get(0);
        assertThat(nul.code()).isEqualTo("not-text");
        assertThat(nul.message()).startsWith("line 6, column 3: a NUL");
        assertThat(codes("name: \uD800")).containsExactly("not-text");

        byte[] latin = "name: a\ntitle: Zo\u00eb".getBytes(StandardCharsets.ISO_8859_1);
        Problem bytes = catchThrowableOfType(
                        WorkOrderFileException.class, () -> WorkOrderFile.decode(latin, "order.yaml"))
                .problems()
                .get(0);
        assertThat(bytes.message()).startsWith("line 2, column 10: bytes that are no UTF-8");
        assertThat(WorkOrderFile.decode("Zo\u00eb".getBytes(StandardCharsets.UTF_8), "x"))
                .isEqualTo("Zo\u00eb");
    }

    @Test
    void nothingIsRefusedAsEmpty() {
        assertThat(codes("")).containsExactly("empty");
        assertThat(codes(" \n\t\n")).containsExactly("empty");
    }

    @Test
    void aDocumentThatIsTooLargeIsRefusedWithoutReadingIt() {
        assertThat(codes(MARKDOWN + "x".repeat(WorkOrderFile.MAX_DOCUMENT_BYTES)))
                .containsExactly("too-large");
        assertThat(codes("\u00e4".repeat(WorkOrderFile.MAX_DOCUMENT_BYTES / 2 + 1)))
                .containsExactly("too-large");
        assertThatThrownBy(() -> WorkOrderFile.decode(new byte[WorkOrderFile.MAX_DOCUMENT_BYTES + 1], "order.md"))
                .hasMessageContaining("at most 1048576");
    }

    @Test
    void sqlThatIsTooLargeIsRefused() {
        String large = "-- " + "x".repeat(WorkOrderFile.MAX_SQL_BYTES);
        Problem problem =
                problems(MARKDOWN.replace("ALTER TABLE orders", large)).get(0);

        assertThat(problem.code()).isEqualTo("too-large");
        assertThat(problem.pointer()).isEqualTo("/change");
        assertThat(problem.message()).contains("at most 524288");
    }

    @Test
    void anOrderThatIsPostedHasNoFilesBesideIt() {
        List<Problem> problems = catchThrowableOfType(
                        WorkOrderFileException.class,
                        () -> WorkOrderFile.parse(
                                "name: a\nauthor: b\ntargets: [shop]\nchange: V1.sql\n",
                                "body",
                                Sources.none(),
                                Authorship.document()))
                .problems();

        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo("source");
            assertThat(problem.message())
                    .startsWith("line 4, column 9: change: file 'V1.sql'")
                    .contains("put the SQL into the document");
        });
    }

    @Test
    void aFileIsOnlyReadFromTheFolderOfTheOrder(@TempDir Path root) throws IOException {
        Path folder = Files.createDirectory(root.resolve("orders"));
        Files.writeString(root.resolve("secret.sql"), "select 'secret'");
        Files.createSymbolicLink(folder.resolve("link.sql"), root.resolve("secret.sql"));
        Files.createDirectory(folder.resolve("folder.sql"));
        Files.write(folder.resolve("latin.sql"), "-- Zo\u00eb".getBytes(StandardCharsets.ISO_8859_1));
        Files.writeString(folder.resolve("large.sql"), "x".repeat(WorkOrderFile.MAX_SQL_BYTES + 1));

        assertThat(refusal(folder, "link.sql")).contains("leads out of the folder");
        assertThat(refusal(folder, "folder.sql")).contains("it is not a file");
        assertThat(refusal(folder, "latin.sql")).contains("not UTF-8");
        assertThat(refusal(folder, "large.sql")).contains("at most 524288");
        assertThat(refusal(folder, "none.sql")).contains("no such file").contains("none.sql");
        for (String out :
                List.of("../secret.sql", "a/../../secret.sql", "/secret.sql", "..\\secret.sql", "C:secret.sql")) {
            assertThat(refusal(folder, out)).contains("outside the folder");
        }
    }

    @Test
    void aFileWithWindowsLineEndsIsTheSameChange(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("V1.sql"), "\uFEFFselect\r\n1;\r\n");

        assertThat(parsed(folder, "V1.sql").order().change()).isEqualTo("select\n1;\n");
        assertThat(parsed(folder, "V1.sql").change().at(2, 1)).isEqualTo(new SqlOrigin.Place("V1.sql", 2, 1));
    }

    @Test
    void placeholdersAreReplacedOnce() {
        String text = WorkOrderFile.substitute("${a}-${b}-${a} $${c", "t", Map.of("a", "1$\\${b}", "b", "2"));

        assertThat(text).isEqualTo("1$\\${b}-2-1$\\${b} $${c");
        assertThat(WorkOrderFile.placeholders("${b} ${a} ${b} ${} ${1}")).containsExactly("b", "a");
    }

    @Test
    void aTemplateNamesEveryMissingAndEveryUnusedValue() {
        WorkOrderFileException refused = catchThrowableOfType(
                WorkOrderFileException.class,
                () -> WorkOrderFile.substitute(
                        "a\n  ${table} ${column}", "add-column", Map.of("tabel", "x", "other", "y")));

        assertThat(refused.getMessage()).isEqualTo("""
            add-column:
              the template has no placeholder 'other' (expected: one of table, column); leave it out
              the template has no placeholder 'tabel' (expected: one of table, column); did you mean 'table'?
              line 2, column 3: ${table} has no value; give table=VALUE
              line 2, column 12: ${column} has no value; give column=VALUE\
            """);
        assertThat(refused.problems())
                .extracting(Problem::code)
                .containsExactly("unused-parameter", "unused-parameter", "missing-parameter", "missing-parameter");
    }

    @Test
    void aDocumentMadeToBeSlowIsRefusedSoon() {
        String front = "---\nname: a\nauthor: b\ntargets: [shop]\n";
        int size = 900_000;
        List<String> slow = List.of(
                front + "---\n" + "```\n```\n".repeat(size / 8),
                front + "---\n```" + " ".repeat(size) + "`",
                front + "---\n" + "`".repeat(size) + "\n",
                front + "---\n" + "```sql x\n".repeat(size / 9),
                "a: 1\n".repeat(size / 5),
                "x".repeat(size) + ": 1\n",
                "? " + "x".repeat(size) + "\n: 1\n",
                "{\"" + "x".repeat(size) + "\": 1}",
                "{\"name\": " + "1".repeat(size) + "}",
                "name: " + "[".repeat(size),
                "name: " + "- ".repeat(size / 2),
                "{\"soak\": \"" + "1d".repeat(size / 2) + "\"}",
                "soak: P" + "1".repeat(size) + "D",
                "targets: [" + "shop, ".repeat(size / 6) + "]",
                "name: \"" + "\\n".repeat(size / 2) + "\"",
                "probes:\n" + "- {}\n".repeat(size / 5));
        for (String document : slow) {
            String start = document.substring(0, 60);
            assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
                WorkOrderFileException refused =
                        catchThrowableOfType(WorkOrderFileException.class, () -> parse(document));
                assertThat(refused).as(start).isNotNull();
                assertThat(refused.problems()).as(start).hasSizeBetween(1, 101);
                assertThat(refused.getMessage().length()).as(start).isLessThan(200_000);
            });
        }
    }

    @Test
    void codesAreUnique() {
        assertThat(ProblemCode.values()).extracting(ProblemCode::wire).doesNotHaveDuplicates();
    }

    private static String refusal(Path folder, String file) {
        return catchThrowableOfType(WorkOrderFileException.class, () -> parsed(folder, file))
                .getMessage();
    }

    private static ParsedWorkOrder parsed(Path folder, String file) {
        return WorkOrderFile.parse(
                "name: a\nauthor: b\ntargets: [shop]\nchange: '" + file + "'\n",
                "order.yaml",
                Sources.in(folder),
                Authorship.document());
    }

    private static String author(String text, Authorship authorship) {
        return WorkOrderFile.parse(text, "order.md", Sources.none(), authorship)
                .order()
                .author();
    }

    private static List<Problem> problems(String text) {
        return catchThrowableOfType(WorkOrderFileException.class, () -> parse(text))
                .problems();
    }

    private static List<String> codes(String text) {
        return problems(text).stream().map(Problem::code).toList();
    }

    private static ParsedWorkOrder parse(String text) {
        return WorkOrderFile.parse(text, "order.md", Sources.none(), Authorship.document());
    }
}
