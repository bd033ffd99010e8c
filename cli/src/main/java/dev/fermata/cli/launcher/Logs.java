package dev.fermata.cli.launcher;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Where log lines go. People at a terminal read text on standard error, containers write JSON lines, the demonstration keeps
 * them in a file. Each line carries its facts as key-values.
 */
final class Logs {
    private static final List<String> QUIET = List.of(
            "org.apache.kafka",
            "kafka",
            "state.change.logger",
            "org.flywaydb",
            "com.zaxxer.hikari",
            "io.netty",
            "io.vertx",
            "org.postgresql");

    private Logs() {}

    /** Text on standard error, or JSON when the environment says {@code FERMATA_LOG_FORMAT=json}. */
    static void toStandardError() {
        LoggerContext context = reset();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setTarget("System.err");
        console.setEncoder("json".equals(System.getenv("FERMATA_LOG_FORMAT")) ? json(context) : text(context));
        console.start();
        root(context).addAppender(console);
    }

    /** JSON lines in a file. */
    static void toFile(Path file) {
        LoggerContext context = reset();
        FileAppender<ILoggingEvent> appender = new FileAppender<>();
        appender.setContext(context);
        appender.setFile(file.toString());
        appender.setEncoder(json(context));
        appender.start();
        root(context).addAppender(appender);
    }

    private static LoggerContext reset() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        root(context).setLevel(Level.INFO);
        QUIET.forEach(name -> context.getLogger(name).setLevel(Level.WARN));
        // Both say at WARN what is normal while a single-node broker starts and stops.
        context.getLogger("org.apache.kafka.controller.QuorumController").setLevel(Level.ERROR);
        context.getLogger("org.apache.kafka.clients.NetworkClient").setLevel(Level.ERROR);
        return context;
    }

    private static Logger root(LoggerContext context) {
        return context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    private static Encoder<ILoggingEvent> json(LoggerContext context) {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setContext(context);
        encoder.setWithFormattedMessage(true);
        encoder.setWithMessage(false);
        encoder.setWithArguments(false);
        encoder.setWithContext(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithSequenceNumber(false);
        encoder.start();
        return encoder;
    }

    private static Encoder<ILoggingEvent> text(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %-22.22logger{0} %msg  %kvp{NONE}%n%ex");
        encoder.start();
        return encoder;
    }
}
