package dev.fermata.analysis.estimate;

/**
 * What a statement has to do, by the model alone.
 *
 * @param seconds that it would take on the machine that the model was made on
 * @param walBytes to the log
 * @param diskBytes besides, until it is done
 * @param basis for people: the sizes that it rests on
 */
record Workload(Operation operation, double seconds, long walBytes, long diskBytes, String basis) {}
