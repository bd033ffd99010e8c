package dev.fermata.execution.backup;

/**
 * A file of a backup, as it was written.
 *
 * @param name inside the folder of the backup once it stands in a manifest
 * @param bytes as stored, compressed
 * @param sha256 of the bytes as stored, in hexadecimal digits
 */
public record StoredFile(String name, long bytes, String sha256) {
    StoredFile named(String other) {
        return new StoredFile(other, bytes, sha256);
    }
}
