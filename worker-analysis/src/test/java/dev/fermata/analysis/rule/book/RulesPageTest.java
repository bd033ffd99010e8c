package dev.fermata.analysis.rule.book;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.analysis.rule.Example;
import dev.fermata.analysis.rule.ExampleSituation;
import dev.fermata.analysis.rule.Family;
import dev.fermata.analysis.rule.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docs/rules.md} is made from the rules; {@code -Dfermata.docs=write} writes it. */
class RulesPageTest {
    private static final Path PAGE = Path.of("../docs/rules.md");

    @Test
    void thePageSaysWhatTheRulesSay() throws IOException {
        String page = page();
        if ("write".equals(System.getProperty("fermata.docs"))) {
            Files.writeString(PAGE, page);
        }
        assertThat(PAGE)
                .as("run the tests of worker-analysis with -Dfermata.docs=write and review the diff")
                .hasContent(page);
    }

    private static String page() {
        List<Rule> rules = RuleBook.all().rules();
        StringBuilder page = new StringBuilder("""
            # Rules

            What `fermata lint` and the analysis worker look for: %d rules. Made from the rules themselves; do not edit:
            run the tests of `worker-analysis` with `-Dfermata.docs=write`. Every example here is run by a test on the
            example database [shop.sql](../worker-analysis/src/test/resources/dev/fermata/analysis/rule/shop.sql), and
            every fix that a rule proposes is run too, ends with the same schema and brings no new finding above low.

            **Severity.** Fixed, or *by size*: low up to 10,000 rows, medium up to 1,000,000, high beyond, critical beyond
            50,000,000 - and high where the size is not known, as unknown is never read as harmless. *By traffic*: low,
            and medium on a table with many writes.

            ## Allowing a finding

            ```sql
            -- fermata:allow index-blocks-writes until 2026-12-31 the table is empty until launch
            CREATE INDEX orders_note ON orders (note);
            ```

            The comment is for the statement that follows it, or that it stands in or behind; `fermata:allow-file` is for
            the whole file. Several rules are separated by commas, a reason is required, `until` is not. A comment that
            gives no reason, has ended, names no rule (`suppression-unusable`, medium) or allows nothing
            (`suppression-unused`, low) is a finding itself.
            """.formatted(rules.size()));
        for (Family family : Family.values()) {
            List<Rule> members =
                    rules.stream().filter(rule -> rule.family() == family).toList();
            if (!members.isEmpty()) {
                page.append("\n# ").append(family.title()).append('\n');
                members.forEach(rule -> add(page, rule));
            }
        }
        return page.toString();
    }

    private static void add(StringBuilder page, Rule rule) {
        page.append("\n## ").append(rule.id()).append("\n\n");
        page.append("Severity: ")
                .append(rule.grade().describe())
                .append(rule.optional() ? ". Off unless a [policy](policy.md) asks for it. " : ". ")
                .append(rule.what())
                .append('\n');
        page.append("\n- Why: ").append(rule.why()).append('\n');
        page.append("- Safer: ").append(rule.safer()).append('\n');
        rule.links().forEach(link -> page.append("- See: ").append(link).append('\n'));
        page.append("\n```sql\n");
        rule.fires().forEach(example -> add(page, example, "found"));
        rule.passes().forEach(example -> add(page, example, "not found"));
        page.append("```\n");
    }

    private static void add(StringBuilder page, Example example, String verdict) {
        page.append("-- ")
                .append(verdict)
                .append(example.situation()
                        .map(ExampleSituation::words)
                        .map(words -> " " + words)
                        .orElse(""))
                .append('\n')
                .append(shown(example.sql()))
                .append(";\n");
    }

    /** A statement a line; of very many only the ends. */
    private static String shown(String sql) {
        List<String> statements = List.of(sql.split("; "));
        return statements.size() <= 10
                ? String.join(";\n", statements)
                : statements.getFirst() + ";\n" + statements.get(1) + ";\n-- and so on\n" + statements.getLast();
    }
}
