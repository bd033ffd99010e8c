package dev.fermata.contracts.message;

import dev.fermata.contracts.Fields;
import org.jspecify.annotations.Nullable;

/** What pipelines post on {@code requests}. */
public sealed interface RequestMessage extends Message {

    /**
     * A new work order. The same key with the same document again is the same order; with another document it is refused.
     *
     * @param idempotencyKey chosen by the sender, at most 200 characters
     * @param document a work order file: Markdown with front matter, YAML or JSON
     * @param author used where the document names none
     */
    record WorkOrderRequested(
            String idempotencyKey,
            String document,
            @Nullable String author) implements RequestMessage {
        public WorkOrderRequested {
            Fields.text(idempotencyKey, "idempotencyKey");
            Fields.text(document, "document");
        }

        @Override
        public String key() {
            return idempotencyKey;
        }
    }
}
