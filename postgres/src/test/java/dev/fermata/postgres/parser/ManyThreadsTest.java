package dev.fermata.postgres.parser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fermata.postgres.parser.SqlRefusedException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ManyThreadsTest {

    @Test
    void eachOfManyThreadsGetsItsOwnAnswers() throws Exception {
        try (SqlParser parser = new SqlParser(2);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> results = new ArrayList<>();
            for (int caller = 0; caller < 16; caller++) {
                int number = caller;
                results.add(callers.submit(() -> parseMuch(parser, number)));
            }
            for (Future<Integer> result : results) {
                assertThat(result.get()).isEqualTo(100);
            }
        }
    }

    private static int parseMuch(SqlParser parser, int caller) {
        int right = 0;
        for (int i = 0; i < 100; i++) {
            String name = "t" + caller + "_" + i;
            List<Statement> statements = parser.parseScript("create table " + name + " (a int); select 'x;'");
            assertThatExceptionOfType(SqlSyntaxException.class)
                    .isThrownBy(() -> parser.parseScript("selec " + name))
                    .withMessage("syntax error at or near \"selec\"");
            if (statements.size() == 2
                    && statements
                            .getFirst()
                            .node()
                            .at("/relation/relname")
                            .asText()
                            .equals(name)) {
                right++;
            }
        }
        return right;
    }

    @Test
    void interruptedCallerKeepsItsFlag() {
        try (SqlParser parser = new SqlParser(1)) {
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(SqlRefusedException.class)
                    .isThrownBy(() -> parser.parseScript("select 1"))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.INTERRUPTED));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(parser.parseScript("select 1")).hasSize(1);
        }
    }
}
