package dev.fermata.execution.backup;

import dev.fermata.runtime.config.ConfigReader;
import dev.fermata.runtime.config.Secret;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where backups are kept, and how they are taken.
 *
 * @param directory where they are kept unless an S3 store is given
 * @param s3 null: the directory
 * @param parallel tables that are copied at one time
 * @param keep how long after the end of an order a backup may not be pruned
 * @param reuse how long a backup serves the next attempt, when the one that took it did not come to its first step
 * @param clients folder with pg_dump and pg_restore; empty: the PATH and the usual folders
 */
public record BackupConfig(Path directory, @Nullable S3 s3, int parallel, Duration keep, Duration reuse, Path clients) {
    private static final String AT = "worker-execution.backup-";
    private static final int DEFAULT_PARALLEL = 2;
    private static final Duration DEFAULT_KEEP = Duration.ofDays(30);
    private static final Duration DEFAULT_REUSE = Duration.ofHours(1);

    /** In a folder, with everything else as it is by default. */
    public static BackupConfig in(Path directory) {
        return new BackupConfig(directory, null, DEFAULT_PARALLEL, DEFAULT_KEEP, DEFAULT_REUSE, Path.of(""));
    }

    /**
     * A bucket.
     *
     * @param prefix of all keys, without a slash at its end; may be empty
     * @param endpoint of a store that is not Amazon's; empty: Amazon's for the region
     * @param pathStyle whether the bucket is part of the path rather than of the host name
     * @param accessKey empty, together with the secret key: whatever the machine is given, such as an instance role
     */
    public record S3(
            String bucket,
            String prefix,
            String endpoint,
            String region,
            boolean pathStyle,
            Secret accessKey,
            Secret secretKey) {}

    /** The keys below {@code worker-execution.backup-}; problems are noted in the reader. */
    public static BackupConfig read(ConfigReader in) {
        String bucket = in.text(AT + "s3.bucket", "");
        Secret accessKey = in.optionalSecret(AT + "s3.access-key");
        String secretKey = AT + "s3.secret-key";
        S3 s3 = new S3(
                bucket,
                in.text(AT + "s3.prefix", "").replaceAll("^/+|/+$", ""),
                in.httpAddress(AT + "s3.endpoint", ""),
                in.text(AT + "s3.region", "us-east-1"),
                in.flag(AT + "s3.path-style", false),
                accessKey,
                accessKey.reveal().isEmpty() ? in.optionalSecret(secretKey) : in.secret(secretKey));
        return new BackupConfig(
                in.path(AT + "directory", Path.of(".fermata", "backups")),
                bucket.isEmpty() ? null : s3,
                in.integer(AT + "parallel", DEFAULT_PARALLEL, 1, 16),
                in.duration(AT + "keep", DEFAULT_KEEP),
                in.duration(AT + "reuse", DEFAULT_REUSE),
                in.path(AT + "clients", Path.of("")));
    }
}
