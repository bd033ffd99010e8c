package dev.fermata.contracts.order;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The documents that work orders are written in. Three forms with the same keys:
 * <ul>
 *   <li>Markdown, which begins with a line {@code ---}: front matter in YAML, then blocks {@code ```sql change} and
 *       {@code ```sql rollback}; everything else is the description.
 *   <li>JSON, which begins with an opening brace.
 *   <li>YAML, which is everything else.
 * </ul>
 * The value of {@code change} and {@code rollback} is the name of a file beside the document where it is one line that ends
 * in {@code .sql}, and SQL otherwise. A byte order mark and Windows line ends are accepted; SQL comes out with {@code \n}.
 *
 * <p>Reading is safe for documents of strangers: bounded in size and depth, nothing expanded, nothing constructed.
 */
public final class WorkOrderFile {
    /** In UTF-8, the document without the files it names. */
    public static final int MAX_DOCUMENT_BYTES = 1024 * 1024;

    /** In UTF-8, the change and the rollback each. */
    public static final int MAX_SQL_BYTES = 512 * 1024;

    private WorkOrderFile() {}

    /**
     * Reads a document.
     *
     * @param displayName how people call it, such as its path; appears in errors and in {@link SqlOrigin}
     * @throws WorkOrderFileException with everything that is wrong
     */
    public static ParsedWorkOrder parse(String text, String displayName, Sources sources, Authorship authorship) {
        Problems problems = new Problems(displayName);
        String clean = DocumentText.checked(text, problems);
        if (isMarkdown(clean)) {
            MarkdownDocument.Parts parts = MarkdownDocument.split(clean, problems);
            MarkdownDocument body = MarkdownDocument.body(parts.body(), parts.bodyLine(), problems);
            Node root = YamlNodes.read(parts.frontMatter(), 1, problems);
            return read(root, body, displayName, sources, authorship, problems);
        }
        Node root = clean.stripLeading().startsWith("{")
                ? JsonNodes.read(clean, problems)
                : YamlNodes.read(clean, 0, problems);
        return read(root, null, displayName, sources, authorship, problems);
    }

    /**
     * The bytes of a document as text.
     *
     * @throws WorkOrderFileException when they are too many or no UTF-8
     */
    public static String decode(byte[] bytes, String displayName) {
        return DocumentText.decoded(bytes, new Problems(displayName));
    }

    /**
     * The order as a Markdown document, every setting written out. {@link #parse} of it, with the author taken from the
     * document, is the same order, as long as the order holds what a document can (no NUL, no repeating window).
     */
    public static String toMarkdown(WorkOrder order) {
        return WorkOrderMarkdown.write(order);
    }

    /**
     * A template with its placeholders {@code ${name}} replaced; values are not looked into.
     *
     * @throws WorkOrderFileException naming every placeholder without a value and every value without a placeholder
     */
    public static String substitute(String template, String displayName, Map<String, String> values) {
        return Template.substitute(template, displayName, values);
    }

    /** The placeholders of a template, in the order of their first appearance. */
    public static Set<String> placeholders(String template) {
        return Template.placeholders(template);
    }

    private static ParsedWorkOrder read(
            Node root,
            @Nullable MarkdownDocument body,
            String displayName,
            Sources sources,
            Authorship authorship,
            Problems problems) {
        if (!(root instanceof Node.Mapping mapping)) {
            problems.add(
                    ProblemCode.WRONG_TYPE,
                    root.mark(),
                    root.kindName()
                            + " (expected: keys such as name: add-order-status; Markdown begins with a line ---)");
            throw problems.exception();
        }
        Keys keys = new Keys(mapping, "", WorkOrderReader.KEYS, problems);
        SqlReader sql = new SqlReader(keys, body, displayName, sources, problems);
        return new WorkOrderReader(keys, sql, authorship, problems).read(body == null ? "" : body.description());
    }

    private static boolean isMarkdown(String text) {
        List<String> first = text.lines().limit(1).toList();
        return !first.isEmpty() && first.get(0).stripTrailing().equals("---");
    }
}
