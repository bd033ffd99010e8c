package dev.fermata.postgres.parser;

/** The given text was not turned into statements; the message says why and is fit to be shown to its author. */
public abstract sealed class SqlInputException extends RuntimeException
        permits SqlSyntaxException, SqlRefusedException {
    SqlInputException(String message) {
        super(message);
    }
}
