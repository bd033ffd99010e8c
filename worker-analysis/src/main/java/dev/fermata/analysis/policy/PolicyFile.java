package dev.fermata.analysis.policy;

import dev.fermata.analysis.rule.RuleSet;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Finds and reads policy files. */
public final class PolicyFile {
    /** What it is called where nobody says otherwise. */
    public static final String NAME = "fermata-policy.yaml";

    private PolicyFile() {}

    /** The nearest one in the folder or above, up to the root of its Git repository; outside of one in the folder alone. */
    public static Optional<Path> nearest(Path folder) {
        Path start = folder.toAbsolutePath().normalize();
        Path root = start;
        while (root != null && !Files.exists(root.resolve(".git"))) {
            root = root.getParent();
        }
        Path last = root == null ? start : root;
        for (Path at = start; at != null && at.startsWith(last); at = at.getParent()) {
            Path file = at.resolve(NAME);
            if (Files.isRegularFile(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    /**
     * @param rules all that there are, optional ones too
     * @throws PolicyException with everything that is wrong with the file
     */
    public static Policy read(Path file, RuleSet rules) {
        PolicyProblems problems = new PolicyProblems(file.toString());
        Path absolute = file.toAbsolutePath().normalize();
        Path folder = absolute.getParent() == null ? absolute : absolute.getParent();
        return Policy.of(rules, folder, PolicyReader.read(text(file, problems), rules, problems));
    }

    private static String text(Path file, PolicyProblems problems) {
        String what;
        try {
            String text = Files.readString(file);
            return (text.startsWith("\uFEFF") ? text.substring(1) : text).replace("\r\n", "\n");
        } catch (NoSuchFileException e) {
            what = "there is no such file (expected: a policy file)";
        } catch (CharacterCodingException e) {
            what = "it is not UTF-8 text (expected: a policy file, saved as UTF-8)";
        } catch (IOException e) {
            what = "it cannot be read (expected: a policy file)";
        }
        problems.add("source", PolicyNode.Place.NOWHERE, "", what);
        throw problems.exception();
    }
}
