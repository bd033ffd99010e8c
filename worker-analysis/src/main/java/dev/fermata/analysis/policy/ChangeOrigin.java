package dev.fermata.analysis.policy;

/**
 * Where a change comes from and where it goes, as far as a policy asks.
 *
 * @param fileName relative to the folder of the policy, with {@code /} between its parts; for a work order its name
 * @param environment such as {@code production}; empty where it is not known
 */
public record ChangeOrigin(String fileName, String environment) {}
