package dev.fermata.analysis.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.analysis.rule.RuleSet;
import dev.fermata.analysis.rule.book.RuleBook;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lint is over quickly, so the many classes of the expression language are for policies that have an expression. */
class PolicyWithoutExpressionsTest {
    @TempDir
    private Path folder;

    /** Has the classes of this package as its own, and none of the expression language. */
    private static final class NoExpressions extends ClassLoader {
        NoExpressions() {
            super(PolicyFile.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("dev.cel.") || name.startsWith("com.google.")) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith("dev.fermata.analysis.policy.")) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : own(name);
        }

        private Class<?> own(String name) throws ClassNotFoundException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    private RuleSet rules(String text) throws IOException, ReflectiveOperationException {
        Path file = Files.writeString(folder.resolve("fermata-policy.yaml"), text);
        ClassLoader loader = new NoExpressions();
        Object policy = loader.loadClass(PolicyFile.class.getName())
                .getMethod("read", Path.class, RuleSet.class)
                .invoke(null, file, RuleBook.all());
        Class<?> origin = loader.loadClass(ChangeOrigin.class.getName());
        return (RuleSet) policy.getClass()
                .getMethod("rules", origin)
                .invoke(
                        policy,
                        origin.getConstructor(String.class, String.class).newInstance("a.sql", ""));
    }

    @Test
    void aPolicyWithoutAnExpressionNeedsNoneOfThem() throws IOException, ReflectiveOperationException {
        RuleSet rules = rules("""
            failOn: low
            rules: {serial-type: off, lock-timeout-missing: on}
            severity: {drop-table: low, json-type: [{is: high}]}
            suppress: [{path: a/**, table: b, rule: drop-table, reason: x}]
            """);
        assertThat(rules.rule("serial-type")).isEmpty();
        assertThat(rules.rule("lock-timeout-missing")).isPresent();
    }

    @Test
    void oneWithAnExpressionDoes() {
        assertThatThrownBy(() -> rules("severity: {drop-table: [{when: 'true', is: high}]}"))
                .isInstanceOf(InvocationTargetException.class)
                .hasCauseInstanceOf(NoClassDefFoundError.class);
    }
}
