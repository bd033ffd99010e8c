package dev.fermata.cli.client;

/**
 * Whether a person watches, and colours for them. Colour never carries a meaning alone: it is put on words that say the same.
 * Decided once for the process, by {@link #decide}; without it there is none.
 */
public final class Terminal {
    private static volatile boolean coloured;

    private Terminal() {}

    /** @param noColor whether the command line says {@code --no-color} */
    public static void decide(boolean noColor) {
        // Newer JDKs hand out a console even where input or output is a file, unless told to be as they were.
        System.setProperty("jdk.console", "java.base");
        String never = System.getenv("NO_COLOR");
        String always = System.getenv("CLICOLOR_FORCE");
        boolean forced = always != null && !always.isEmpty() && !always.equals("0");
        coloured = !noColor && (never == null || never.isEmpty()) && (forced || isInteractive());
    }

    @SuppressWarnings("SystemConsoleNull") // decide() sees to it that there is none where there is no terminal
    static boolean isInteractive() {
        return System.console() != null && !"dumb".equals(System.getenv("TERM"));
    }

    public static boolean isColoured() {
        return coloured;
    }

    static String error(String word) {
        return paint(word, "1;31");
    }

    /** A severity, or the word error, in a colour as loud as it. */
    public static String severity(String wire) {
        return switch (wire) {
            case "error", "critical", "high" -> paint(wire, "1;31");
            case "medium" -> paint(wire, "33");
            default -> paint(wire, "36");
        };
    }

    /** The wire name of a state or result, in the colour of what it means. */
    static String state(String wire) {
        return switch (wire) {
            case "succeeded" -> paint(wire, "32");
            case "failed", "rolled-back", "rejected", "escalated", "rolling-back" -> paint(wire, "31");
            case "awaiting-approval", "changes-requested", "awaiting-contract" -> paint(wire, "33");
            default -> wire;
        };
    }

    private static String paint(String word, String code) {
        return coloured ? "\u001B[" + code + "m" + word + "\u001B[0m" : word;
    }
}
