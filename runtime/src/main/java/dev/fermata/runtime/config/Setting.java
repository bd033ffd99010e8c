package dev.fermata.runtime.config;

/**
 * A setting that was asked for, fit for the log and for the documentation.
 *
 * @param expected what values it takes
 * @param defaultValue empty where there is none
 * @param value in force; asterisks for a secret
 * @param origin {@code default}, or what the value came from
 */
public record Setting(String key, String expected, String defaultValue, String value, String origin) {}
