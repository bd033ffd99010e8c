package dev.fermata.contracts.order;

import org.jspecify.annotations.Nullable;

/**
 * An order and where its SQL stands.
 *
 * @param rollback null where the order brings no rollback of its own
 */
public record ParsedWorkOrder(
        WorkOrder order, SqlOrigin change, @Nullable SqlOrigin rollback) {}
