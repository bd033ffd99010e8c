package dev.fermata.analysis.policy;

import dev.fermata.analysis.policy.PolicyNode.Entry;
import dev.fermata.analysis.policy.PolicyNode.Place;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * YAML, and so JSON, as a tree of places. Nothing is constructed; anchors, aliases, merge keys and tags of one's own are
 * refused.
 */
final class PolicyYaml {
    private static final int MAX_CHARACTERS = 1_000_000;
    private static final int MAX_DEPTH = 10;

    private final String[] lines;
    private final PolicyProblems problems;

    private PolicyYaml(String text, PolicyProblems problems) {
        this.lines = text.split("\n", -1);
        this.problems = problems;
    }

    /** @throws PolicyException where it is no YAML, or more than a policy needs */
    static PolicyNode read(String text, PolicyProblems problems) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_CHARACTERS);
        options.setNestingDepthLimit(MAX_DEPTH + 1);
        PolicyYaml reader = new PolicyYaml(text, problems);
        try {
            Node root = new Yaml(options).compose(new StringReader(text));
            return root == null ? new PolicyNode.Keys(List.of(), Place.NOWHERE) : reader.node(root, 0);
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark();
            throw reader.refuse(
                    mark == null ? Place.NOWHERE : place(mark),
                    "not YAML: " + e.getProblem() + " (expected: keys and values; quote what is text)");
        } catch (YAMLException e) {
            throw reader.refuse(Place.NOWHERE, "not YAML that a policy needs: " + e.getMessage());
        }
    }

    private PolicyNode node(Node node, int depth) {
        Place place = place(node.getStartMark());
        if (node.getAnchor() != null) {
            throw refuse(place, "an anchor or alias (expected: the value itself, written out)");
        }
        if (!node.getTag().startsWith(Tag.PREFIX)) {
            throw refuse(place, "the tag " + node.getTag().getValue() + " (expected: a value without a tag)");
        }
        if (depth > MAX_DEPTH) {
            throw refuse(place, "more than " + MAX_DEPTH + " levels deep (expected: what docs/policy.md shows)");
        }
        return switch (node) {
            case ScalarNode scalar -> text(scalar, place);
            case SequenceNode list ->
                new PolicyNode.Items(
                        list.getValue().stream()
                                .map(item -> node(item, depth + 1))
                                .toList(),
                        place);
            case MappingNode mapping -> new PolicyNode.Keys(entries(mapping, depth), place);
            default -> throw refuse(place, "a " + node.getNodeId() + " (expected: a value, a list or a mapping)");
        };
    }

    private List<Entry> entries(MappingNode mapping, int depth) {
        List<Entry> entries = new ArrayList<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Place place = place(tuple.getKeyNode().getStartMark());
            if (!(tuple.getKeyNode() instanceof ScalarNode key) || Tag.MERGE.equals(key.getTag())) {
                throw refuse(place, "a key that is no name (expected: a name and a colon)");
            }
            entries.add(new Entry(key.getValue(), place, node(tuple.getValueNode(), depth + 1)));
        }
        return entries;
    }

    private PolicyNode.Text text(ScalarNode scalar, Place place) {
        String text = scalar.getTag().equals(Tag.NULL) ? "" : scalar.getValue();
        return scalar.getScalarStyle() == ScalarStyle.LITERAL
                ? block(text, place)
                : line(text, place, scalar.isPlain() ? 0 : 1);
    }

    /** On one line, after as many characters of quoting. */
    private PolicyNode.Text line(String text, Place place, int quotes) {
        String line = lines[place.line() - 1];
        int from = place.column() - 1 + quotes;
        boolean verbatim = !text.contains("\n") && line.startsWith(text, from);
        return new PolicyNode.Text(text, place, new Place(place.line(), from + 1), verbatim);
    }

    /** The lines below a {@code |}. What the source has more than the value is its indentation. */
    private PolicyNode.Text block(String text, Place place) {
        String first = text.lines().findFirst().orElse("");
        String source = place.line() < lines.length ? lines[place.line()] : "";
        boolean verbatim = !first.isBlank() && source.endsWith(first);
        return new PolicyNode.Text(
                text, place, new Place(place.line() + 1, source.length() - first.length() + 1), verbatim);
    }

    private static Place place(Mark mark) {
        return new Place(mark.getLine() + 1, mark.getColumn() + 1);
    }

    private PolicyException refuse(Place place, String what) {
        problems.add("syntax", place, "", what);
        return problems.exception();
    }
}
