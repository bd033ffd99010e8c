package dev.fermata.execution.fault;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * What a client asks in one go, so that the same thing has the same text in another session: statements without numbers,
 * states of the ledger, and what was asked before.
 */
final class Asked {
    private static final Pattern STATE = Pattern.compile("[A-Z]{4,10}");
    private static final int LONGEST = 300;

    private final StringBuilder now = new StringBuilder();
    private String before = "";

    void hear(int type, byte[] body) {
        ByteBuffer rest = ByteBuffer.wrap(body);
        switch (type) {
            case 'P' -> {
                text(rest); // the name
                add(text(rest));
            }
            case 'Q' -> add(text(rest));
            case 'B' -> states(rest);
            default -> {}
        }
    }

    /** What it was in all, and the one before. */
    String take() {
        String what = now.toString();
        String both = before + " > " + what;
        before = what;
        now.setLength(0);
        return both;
    }

    private void add(String sql) {
        String same = sql.replaceAll("[0-9]+", "#").replaceAll("\\s+", " ");
        now.append(same, 0, Math.min(LONGEST, same.length())).append("; ");
    }

    private void states(ByteBuffer bind) {
        text(bind); // portal
        text(bind); // statement
        bind.position(bind.position() + Short.BYTES * (1 + bind.getShort(bind.position())));
        int parameters = bind.getShort();
        for (int i = 0; i < parameters; i++) {
            byte[] value = new byte[Math.max(0, bind.getInt())];
            bind.get(value);
            String text = new String(value, StandardCharsets.UTF_8);
            if (STATE.matcher(text).matches()) {
                now.append(text).append("; ");
            }
        }
    }

    private static String text(ByteBuffer from) {
        int end = from.position();
        while (from.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - from.position()];
        from.get(bytes);
        from.get();
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
