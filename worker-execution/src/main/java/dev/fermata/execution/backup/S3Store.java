package dev.fermata.execution.backup;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Backups in a bucket of Amazon S3 or of a store that speaks its protocol. Files go up as they are written, in parts, so
 * that no disk is needed; each part carries its MD5, and the size of the whole is asked for at the end. That all bytes
 * are the ones that were sent shows when the backup is read again to be restored and compared.
 */
final class S3Store implements BackupStore {
    /** At most 10,000 parts make a file: 312 GiB, compressed. */
    private static final int PART = 32 << 20;

    private static final int FIRST_BUFFER = 64 << 10;
    private static final int ATTEMPTS = 5;
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration SILENCE = Duration.ofSeconds(60);
    private static final int NOT_FOUND = 404;

    private final S3Client client;
    private final String bucket;
    private final String prefix;
    private final int partSize;

    private S3Store(S3Client client, String bucket, String prefix, int partSize) {
        this.client = client;
        this.bucket = bucket;
        this.prefix = prefix.isEmpty() ? "" : prefix + "/";
        this.partSize = partSize;
    }

    static S3Store open(BackupConfig.S3 config) {
        return open(config, PART);
    }

    static S3Store open(BackupConfig.S3 config, int partSize) {
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(SILENCE))
                .credentialsProvider(credentials(config))
                .region(Region.of(config.region()))
                .forcePathStyle(config.pathStyle())
                // Other stores than Amazon's do not know the checksums that the client would add.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(
                        override -> override.retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(ATTEMPTS)
                                .build()));
        if (!config.endpoint().isEmpty()) {
            builder.endpointOverride(URI.create(config.endpoint()));
        }
        return new S3Store(builder.build(), config.bucket(), config.prefix(), partSize);
    }

    private static AwsCredentialsProvider credentials(BackupConfig.S3 config) {
        return config.accessKey().reveal().isEmpty()
                ? DefaultCredentialsProvider.builder().build()
                : StaticCredentialsProvider.create(AwsBasicCredentials.create(
                        config.accessKey().reveal(), config.secretKey().reveal()));
    }

    @Override
    public String location(String name) {
        return "s3://" + bucket + "/" + prefix + name;
    }

    @Override
    public StoredFile write(String name, Content content) throws IOException {
        Upload upload = new Upload(name);
        try {
            Sums.Out out = new Sums.Out(upload);
            content.writeTo(out);
            out.flush();
            StoredFile stored = out.file(name);
            upload.complete();
            requireSize(stored);
            return stored;
        } catch (IOException | RuntimeException e) {
            upload.abort(e);
            throw e;
        }
    }

    private void requireSize(StoredFile file) throws IOException {
        long there = asking(
                        "looking at " + location(file.name()),
                        () -> client.headObject(head -> head.bucket(bucket).key(prefix + file.name())))
                .contentLength();
        if (there != file.bytes()) {
            throw new IOException(
                    location(file.name()) + " holds " + there + " bytes (expected: " + file.bytes() + ")");
        }
    }

    /** A file on its way up. Small ones go in one piece. */
    private final class Upload extends OutputStream {
        private final String name;
        private byte[] buffer = new byte[Math.min(partSize, FIRST_BUFFER)];
        private final List<CompletedPart> parts = new ArrayList<>();
        private int filled;
        private String uploadId = "";

        Upload(String name) {
            this.name = name;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] data, int from, int length) throws IOException {
            int at = from;
            while (at < from + length) {
                if (filled == partSize) {
                    sendPart();
                } else if (filled == buffer.length) {
                    buffer = Arrays.copyOf(buffer, (int) Math.min(partSize, 2L * buffer.length));
                }
                int count = Math.min(buffer.length - filled, from + length - at);
                System.arraycopy(data, at, buffer, filled, count);
                filled += count;
                at += count;
            }
        }

        private void sendPart() throws IOException {
            if (uploadId.isEmpty()) {
                uploadId = asking(
                                "beginning " + location(name),
                                () -> client.createMultipartUpload(
                                        create -> create.bucket(bucket).key(prefix + name)))
                        .uploadId();
            }
            int number = parts.size() + 1;
            String eTag = asking(
                            "writing part " + number + " of " + location(name),
                            () -> client.uploadPart(
                                    part -> part.bucket(bucket)
                                            .key(prefix + name)
                                            .uploadId(uploadId)
                                            .partNumber(number)
                                            .contentMD5(md5()),
                                    body()))
                    .eTag();
            parts.add(CompletedPart.builder().partNumber(number).eTag(eTag).build());
            filled = 0;
        }

        private RequestBody body() {
            return RequestBody.fromByteBuffer(ByteBuffer.wrap(buffer, 0, filled));
        }

        private String md5() {
            MessageDigest digest = Sums.digest("MD5");
            digest.update(buffer, 0, filled);
            return Base64.getEncoder().encodeToString(digest.digest());
        }

        void complete() throws IOException {
            if (uploadId.isEmpty()) {
                var unused = asking(
                        "writing " + location(name),
                        () -> client.putObject(
                                put -> put.bucket(bucket).key(prefix + name).contentMD5(md5()), body()));
                return;
            }
            sendPart();
            var unused = asking(
                    "completing " + location(name),
                    () -> client.completeMultipartUpload(complete -> complete.bucket(bucket)
                            .key(prefix + name)
                            .uploadId(uploadId)
                            .multipartUpload(all -> all.parts(parts))));
        }

        /** Parts of a file that never came to be cost money until somebody removes them. */
        void abort(Exception why) {
            if (uploadId.isEmpty()) {
                return;
            }
            try {
                var unused = client.abortMultipartUpload(
                        abort -> abort.bucket(bucket).key(prefix + name).uploadId(uploadId));
            } catch (SdkException e) {
                why.addSuppressed(failure("abandoning " + location(name), e));
            }
        }
    }

    @Override
    public InputStream read(String name) throws IOException {
        InputStream in = asking(
                "reading " + location(name),
                () -> client.getObject(get -> get.bucket(bucket).key(prefix + name)));
        return new FilterInputStream(in) {
            @Override
            public int read(byte[] data, int from, int length) throws IOException {
                return asking("reading " + location(name), () -> super.read(data, from, length));
            }
        };
    }

    @Override
    public List<String> names(String folder) throws IOException {
        String below = folder.isEmpty() ? prefix : prefix + folder + "/";
        return asking(
                "listing " + location(folder),
                () -> client.listObjectsV2Paginator(list -> list.bucket(bucket).prefix(below)).contents().stream()
                        .map(S3Object::key)
                        .map(key -> key.substring(prefix.length()))
                        .sorted()
                        .toList());
    }

    /** Uploads that were cut off in the middle are no files; the bucket's lifecycle rules end them. */
    @Override
    public void clear(String folder) throws IOException {
        delete(names(folder));
    }

    @Override
    public void delete(List<String> names) throws IOException {
        for (String name : names) {
            var unused = asking(
                    "removing " + location(name),
                    () -> client.deleteObject(delete -> delete.bucket(bucket).key(prefix + name)));
        }
    }

    /** A bucket has no end that anybody could know of. */
    @Override
    public void requireRoom(String folder, long bytes) throws IOException {
        var unused = asking("looking at bucket '" + bucket + "'", () -> client.headBucket(head -> head.bucket(bucket)));
    }

    @Override
    public void close() {
        client.close();
    }

    private interface Call<T> {
        T make() throws IOException;
    }

    private <T> T asking(String what, Call<T> call) throws IOException {
        try {
            return call.make();
        } catch (NoSuchKeyException e) {
            throw new NoSuchFileException(what.replaceFirst("^\\w+ ", ""));
        } catch (SdkException e) {
            throw failure(what, e);
        }
    }

    /** The store's code and status; its text may quote the request, and with it who signed it. */
    private static IOException failure(String what, SdkException e) {
        if (e instanceof S3Exception answered) {
            String code = answered.awsErrorDetails() == null
                    ? ""
                    : answered.awsErrorDetails().errorCode();
            String hint = answered.statusCode() == NOT_FOUND
                    ? "; is worker-execution.backup-s3.bucket right?"
                    : answered.statusCode() == 403 ? "; check the keys and what they may do" : "";
            return new IOException(what + " failed: the store answered " + answered.statusCode() + " " + code + hint);
        }
        return new IOException(what + " failed: " + e.getClass().getSimpleName() + ": "
                + (e.getCause() == null ? e.getMessage() : e.getCause().toString()));
    }
}
