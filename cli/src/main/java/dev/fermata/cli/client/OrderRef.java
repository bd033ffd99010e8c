package dev.fermata.cli.client;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;

/**
 * An order, or one of its runs, as people write them: {@code wo_01J...} or {@code wo_01J.../shop}.
 *
 * @param target null for all runs
 */
record OrderRef(String id, @Nullable String target) {

    static OrderRef parse(String text) {
        int slash = text.indexOf('/');
        return slash < 0 ? new OrderRef(text, null) : new OrderRef(text.substring(0, slash), text.substring(slash + 1));
    }

    /** Takes what stands on the command line. */
    static final class Converter implements ITypeConverter<OrderRef> {
        @Override
        public OrderRef convert(String text) {
            return parse(text.strip());
        }
    }
}
