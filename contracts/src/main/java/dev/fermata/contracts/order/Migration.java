package dev.fermata.contracts.order;

import org.jspecify.annotations.Nullable;

/**
 * One versioned change of a migration folder.
 *
 * @param name fit to be the name of a work order, such as {@code v12-add-status}
 * @param version as in the file's name, without the V
 * @param title what the file's name says beside the version, with blanks for underscores
 * @param file name of the change file
 * @param rollback null where the folder has no way back for it
 * @param rollbackFile null where {@code rollback} is
 */
public record Migration(
        String name,
        String version,
        String title,
        String file,
        String change,
        @Nullable String rollbackFile,
        @Nullable String rollback) {}
