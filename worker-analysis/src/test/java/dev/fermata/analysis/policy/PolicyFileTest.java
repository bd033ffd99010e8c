package dev.fermata.analysis.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.fermata.analysis.rule.book.RuleBook;
import dev.fermata.contracts.order.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong with a policy file is said with its place, its key and what is expected. */
class PolicyFileTest {
    private static final String OWN = """
        ownRules:
          - id: no-truncate
            severity: high
            what: TRUNCATE is not for us.
            why: It is not logged row by row.
            safer: DELETE in batches.
            when: statement.kind == "TRUNCATE"
        """;

    @TempDir
    private Path folder;

    private Policy read(String text) throws IOException {
        return PolicyFile.read(Files.writeString(folder.resolve("fermata-policy.yaml"), text), RuleBook.all());
    }

    private List<Problem> problems(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("fermata-policy.yaml"), text);
        return catchThrowableOfType(PolicyException.class, () -> PolicyFile.read(file, RuleBook.all()))
                .problems();
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                argumentSet("a list for a file", "- a", "1:1: a list (expected: a mapping with failOn, rules,"),
                argumentSet(
                        "an unknown key",
                        "failon: high",
                        "1:1: /failon: unknown key (expected: one of failOn, rules, severity, suppress, ownRules); did"
                                + " you mean 'failOn'?"),
                argumentSet(
                        "a key twice",
                        "failOn: high\nfailOn: low",
                        "2:1: /failOn: the same key as in line 1 (expected: each once)"),
                argumentSet(
                        "a level that is none",
                        "failOn: hihg",
                        "1:9: /failOn: 'hihg' (expected: low, medium, high or critical)"),
                argumentSet("no value", "failOn:", "1:8: /failOn: no value (expected: low, medium, high or critical)"),
                argumentSet(
                        "no rule of that name",
                        "rules: {index-block-writes: off}",
                        "1:9: /rules/index-block-writes: there is no rule 'index-block-writes' (expected: an id of"
                                + " docs/rules.md or of ownRules); did you mean 'index-blocks-writes'?"),
                argumentSet(
                        "no family of that name",
                        "rules: {'family:hygeine': off}",
                        "1:9: /rules/family:hygeine: there is no such family (expected: one of family:blocking,"),
                argumentSet(
                        "a switch that is neither",
                        "rules: {drop-table: maybe}",
                        "1:21: /rules/drop-table: 'maybe' (expected: on or off)"),
                argumentSet(
                        "a rule switched twice",
                        "rules:\n  drop-table: on\n  drop-table: off",
                        "3:3: /rules/drop-table: the same key as in line 2 (expected: each once)"),
                argumentSet(
                        "rules as a list",
                        "rules: [drop-table]",
                        "1:8: /rules: a list (expected: rule ids with on or off)"),
                argumentSet(
                        "a severity that is none",
                        "severity: {drop-table: worst}",
                        "1:24: /severity/drop-table: 'worst' (expected: low, medium, high or critical)"),
                argumentSet(
                        "a severity that is a mapping",
                        "severity: {drop-table: {is: high}}",
                        "1:24: /severity/drop-table: a mapping (expected: low, medium, high or critical, or a list of"
                                + " {when: condition, is: level})"),
                argumentSet(
                        "a case without level",
                        "severity: {drop-table: [{when: 'true'}]}",
                        "1:25: /severity/drop-table/0/is: missing (expected: low, medium, high or critical)"),
                argumentSet(
                        "a case for all else that is not the last",
                        "severity: {drop-table: [{is: low}, {is: high}]}",
                        "1:25: /severity/drop-table/0/when: missing (expected: a condition; only the last may have"
                                + " none"),
                argumentSet(
                        "a suppression without reason",
                        "suppress:\n  - rule: drop-table",
                        "2:5: /suppress/0/reason: missing (expected: why these findings may pass)"),
                argumentSet(
                        "a suppression of everything",
                        "suppress: [{reason: x}]",
                        "1:12: /suppress/0/rule: missing (expected: at least one of rule, path and table)"),
                argumentSet(
                        "a suppression of an unknown rule",
                        "suppress:\n  - rule: drop-tabel\n    reason: x",
                        "2:11: /suppress/0/rule: there is no rule 'drop-tabel'"),
                argumentSet(
                        "a day that is none",
                        "suppress:\n  - rule: drop-table\n    reason: x\n    until: May",
                        "4:12: /suppress/0/until: 'May' (expected: a date such as 2026-12-31)"),
                argumentSet(
                        "a list of nothing",
                        "suppress: [{path: [], reason: x}]",
                        "1:19: /suppress/0/path: an empty list (expected: a path with stars"),
                argumentSet(
                        "own rules that are no list",
                        "ownRules: {id: x}",
                        "1:11: /ownRules: a mapping (expected: a list of rules)"),
                argumentSet(
                        "an own rule without anything",
                        "ownRules: [{id: a}]",
                        "1:12: /ownRules/0/severity: missing (expected: low, medium, high, critical, by size or by"
                                + " traffic)"),
                argumentSet(
                        "an id that is none",
                        OWN.replace("no-truncate", "No_Truncate"),
                        "2:9: /ownRules/0/id: 'No_Truncate' (expected: lower case words with dashes"),
                argumentSet(
                        "an id of Fermata",
                        OWN.replace("no-truncate", "drop-table"),
                        "2:9: /ownRules/0/id: 'drop-table' is a rule of Fermata (expected: a name of your own"),
                argumentSet(
                        "an own id twice",
                        OWN + OWN.replace("ownRules:\n", ""),
                        "8:9: /ownRules/1/id: 'no-truncate' is another own rule (expected: each id once)"),
                argumentSet(
                        "an own severity that is none",
                        OWN.replace("high", "by colour"),
                        "3:15: /ownRules/0/severity: 'by colour' (expected: low, medium, high, critical, by size or"
                                + " by"),
                argumentSet(
                        "a field that is none",
                        OWN.replace("statement.kind", "statement.knd"),
                        "7:20: /ownRules/0/when: undefined field 'knd'; did you mean 'kind'?, at 1:10 of the text"),
                argumentSet(
                        "a variable that is none",
                        OWN.replace("statement.kind", "statment.kind"),
                        "7:11: /ownRules/0/when: undeclared reference to 'statment' (in container ''); did you mean"
                                + " 'statement'?, at 1:1 of the text (expected: a condition over the variables of"
                                + " docs/policy.md)"),
                argumentSet(
                        "a condition that is no question",
                        OWN.replace("statement.kind == \"TRUNCATE\"", "statement.kind"),
                        "7:20: /ownRules/0/when: expected type 'bool' but found 'string'"),
                argumentSet(
                        "types that do not go together",
                        OWN.replace("\"TRUNCATE\"", "3"),
                        "7:26: /ownRules/0/when: found no matching overload for '_==_'"),
                argumentSet(
                        "a mistake in the second line of a block",
                        OWN.replace("statement.kind == \"TRUNCATE\"", "|\n      true &&\n        tablse.size() > 0"),
                        "9:9: /ownRules/0/when: undeclared reference to 'tablse'"),
                argumentSet(
                        "an expression too deep",
                        OWN.replace("statement.kind == \"TRUNCATE\"", "(".repeat(300) + "true" + ")".repeat(300)),
                        "/ownRules/0/when: Expression recursion limit exceeded"),
                argumentSet(
                        "an expression too long",
                        OWN.replace("TRUNCATE", "x".repeat(6000)),
                        "/ownRules/0/when: expression code point size exceeds limit"),
                argumentSet(
                        "a template without end",
                        OWN + "    message: it is ${table.name",
                        "8:20: /ownRules/0/message: no } ends this (expected: ${ expression }"),
                argumentSet(
                        "a mistake in a template",
                        OWN + "    message: it is ${table.nam}",
                        "8:27: /ownRules/0/message: undefined field 'nam'; did you mean 'name'?, at 1:14 of the text"),
                argumentSet(
                        "a template that gives a record",
                        OWN + "    message: it is ${table}",
                        "/ownRules/0/message: it gives Table (expected: text, a number or a list of them)"),
                argumentSet(
                        "an example without SQL",
                        OWN + "    fires: [{rows: {orders: 1}}]",
                        "8:13: /ownRules/0/fires/0/sql: missing (expected: SQL)"),
                argumentSet(
                        "rows that are no number",
                        OWN + "    fires: [{sql: SELECT 1, rows: {orders: many}}]",
                        "/ownRules/0/fires/0/rows/orders: 'many' (expected: a whole number)"),
                argumentSet(
                        "an example with an unknown key",
                        OWN + "    fires: [{sql: SELECT 1, row: 1}]",
                        "/ownRules/0/fires/0/row: unknown key (expected: one of sql, fileName, environment,"
                                + " serverVersion,"),
                argumentSet("no YAML", "rules: {a: b", "not YAML: "),
                argumentSet(
                        "an anchor",
                        "rules: &a {}",
                        "1:8: an anchor or alias (expected: the value itself, written out)"),
                argumentSet("a tag", "failOn: !level high", "1:9: the tag !level (expected: a value without a tag)"),
                argumentSet("a tag of Java", "failOn: !!java.net.URL x", "1:9: not YAML: Global tag is not allowed"),
                argumentSet("a merge key", "rules: {<<: {}}", "1:9: a key that is no name"),
                argumentSet("two documents", "failOn: low\n---\nfailOn: low", "not YAML: "),
                argumentSet("nesting without end", "[".repeat(500), "not YAML"));
    }

    @ParameterizedTest
    @MethodSource
    void wrong(String text, String message) throws IOException {
        assertThat(problems(text)).extracting(Problem::message).anySatisfy(said -> assertThat(said)
                .contains("fermata-policy.yaml:")
                .contains(message));
    }

    @Test
    void everythingThatIsWrongIsToldTogetherInTheOrderOfTheFile() throws IOException {
        assertThat(problems("failOn: x\nrules: {nothing: off}\nsuppress: [{path: a}]"))
                .extracting(Problem::line)
                .containsExactly(1, 2, 3);
    }

    @Test
    void aFileThatIsNotThereOrIsNoTextIsSaidToBeSo() throws IOException {
        Path missing = folder.resolve("none.yaml");
        assertThat(catchThrowableOfType(PolicyException.class, () -> PolicyFile.read(missing, RuleBook.all())))
                .hasMessageContaining("there is no such file (expected: a policy file)");
        Path binary = Files.write(folder.resolve("b.yaml"), new byte[] {(byte) 0xC3, 0x28});
        assertThat(catchThrowableOfType(PolicyException.class, () -> PolicyFile.read(binary, RuleBook.all())))
                .hasMessageContaining("not UTF-8 text");
    }

    @Test
    void anEmptyFileWishesNothing() {
        assertThatCode(() -> read("# nothing yet\n")).doesNotThrowAnyException();
        assertThatCode(() -> read("\uFEFFfailOn: low\r\n")).doesNotThrowAnyException();
    }

    @Test
    void theNearestFileUpToTheRootOfTheRepositoryIsFound() throws IOException {
        Path repository = Files.createDirectories(folder.resolve("repo/.git")).getParent();
        Path deep = Files.createDirectories(repository.resolve("a/b"));
        Files.writeString(folder.resolve(PolicyFile.NAME), "failOn: low");

        assertThat(PolicyFile.nearest(deep)).as("beyond the repository").isEmpty();
        Path root = Files.writeString(repository.resolve(PolicyFile.NAME), "failOn: low");
        assertThat(PolicyFile.nearest(deep)).contains(root);
        Path nearer = Files.writeString(deep.resolve(PolicyFile.NAME), "failOn: low");
        assertThat(PolicyFile.nearest(deep)).contains(nearer);
    }

    @Test
    void outsideOfARepositoryOnlyTheFolderItselfIsLookedAt() throws IOException {
        Path below = Files.createDirectories(folder.resolve("x"));
        Path file = Files.writeString(folder.resolve(PolicyFile.NAME), "failOn: low");

        assertThat(PolicyFile.nearest(below)).isEmpty();
        assertThat(PolicyFile.nearest(folder)).contains(file);
    }
}
