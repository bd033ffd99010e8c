package dev.fermata.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
    private static final List<String> KEYS = List.of("name", "title", "targets", "rollback");

    @Test
    void findsTypingErrors() {
        assertThat(Nearest.of("titel", KEYS)).contains("title");
        assertThat(Nearest.of("target", KEYS)).contains("targets");
        assertThat(Nearest.of("rolback", KEYS)).contains("rollback");
        assertThat(Nearest.of("NAME", KEYS)).contains("name");
    }

    @Test
    void doesNotGuessWildly() {
        assertThat(Nearest.of("zebra", KEYS)).isEmpty();
        assertThat(Nearest.of("x", KEYS)).isEmpty();
        assertThat(Nearest.of("anything", List.of())).isEmpty();
    }
}
