package dev.fermata.execution.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.order.WorkOrder.BackupMode;
import dev.fermata.contracts.plan.BackupReport;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.runtime.config.Secret;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/** Against a server that speaks S3 and checks every signature. */
class S3StoreTest {
    private static final String SECRET = "a-secret-that-nobody-may-see";
    private static final int SMALLEST_PART = 5 << 20;

    private final Unreliable blobs = new Unreliable(new TransientNio2BlobStore());
    private S3Proxy server;

    @BeforeEach
    void start() throws Exception {
        server = S3Proxy.builder()
                .blobStore(blobs)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V4, "the-access-key", SECRET)
                .build();
        server.start();
        blobs.createContainer("backups");
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    private BackupConfig.S3 config(String bucket, String secret) {
        return new BackupConfig.S3(
                bucket,
                "eu/shop",
                "http://127.0.0.1:" + server.getPort(),
                "us-east-1",
                true,
                new Secret("the-access-key"),
                new Secret(secret));
    }

    private S3Store store() {
        return S3Store.open(config("backups", SECRET), SMALLEST_PART);
    }

    private static byte[] random(int bytes) {
        byte[] data = new byte[bytes];
        new Random(1).nextBytes(data);
        return data;
    }

    @Test
    void filesOfEverySizeComeBackAsTheyWere() throws Exception {
        try (S3Store store = store()) {
            for (int size :
                    List.of(0, 1, SMALLEST_PART - 1, SMALLEST_PART, SMALLEST_PART + 1, 2 * SMALLEST_PART + 77)) {
                byte[] data = random(size);
                StoredFile file = store.write("a/file", out -> out.write(data));
                assertThat(file.bytes()).isEqualTo(size);
                try (InputStream in = store.read("a/file")) {
                    assertThat(in.readAllBytes()).as("%d bytes", size).isEqualTo(data);
                }
            }
            assertThat(blobs.parts).as("large ones went up in parts").hasValueGreaterThanOrEqualTo(5);
            assertThat(store.location("a/file")).isEqualTo("s3://backups/eu/shop/a/file");
            store.write("ab", out -> out.write(1));
            assertThat(store.names("a")).as("a folder, not a prefix").containsExactly("a/file");
            assertThat(store.names("")).containsExactly("a/file", "ab");
            store.delete(List.of("a/file", "ab"));
            assertThat(store.names("")).isEmpty();
            assertThatThrownBy(() -> store.read("a/file")).isInstanceOf(NoSuchFileException.class);
        }
    }

    @Test
    void aPartThatFailsIsSentAgain() throws Exception {
        byte[] data = random(2 * SMALLEST_PART + 1);
        blobs.failing.set(3);
        try (S3Store store = store()) {
            store.write("file", out -> out.write(data));
            try (InputStream in = store.read("file")) {
                assertThat(in.readAllBytes()).isEqualTo(data);
            }
        }
        assertThat(blobs.failing).hasValue(0);
    }

    @Test
    void aFileThatIsNotFinishedIsNotThereAndLeavesNoParts() {
        try (S3Store store = store()) {
            assertThatThrownBy(() -> store.write("file", out -> {
                        out.write(random(SMALLEST_PART + 1));
                        throw new IOException("the table is gone");
                    }))
                    .hasMessage("the table is gone");
            assertThat(blobs.blobExists("backups", "eu/shop/file")).isFalse();
            assertThat(blobs.listMultipartUploads("backups")).isEmpty();
        }
    }

    @Test
    void aWrongSecretOrBucketIsSaidWithoutTheSecret() {
        try (S3Store store = S3Store.open(config("backups", "not the secret"), SMALLEST_PART)) {
            assertThatThrownBy(() -> store.write("file", out -> out.write(1)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("s3://backups/eu/shop/file")
                    .hasMessageContaining("403 SignatureDoesNotMatch")
                    .hasMessageContaining("check the keys")
                    .hasMessageNotContaining("not the secret")
                    .hasMessageNotContaining("the-access-key");
        }
        try (S3Store store = S3Store.open(config("other", SECRET), SMALLEST_PART)) {
            assertThatThrownBy(() -> store.requireRoom("x", 1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("bucket 'other'")
                    .hasMessageContaining("404");
        }
        assertThat(config("x", SECRET).toString()).doesNotContain(SECRET);
    }

    @Test
    void aBackupIsKeptRestoredComparedAndDamageIsFound() throws Exception {
        try (TestDatabase database = RealPostgres.shared().newDatabase();
                S3Store store = store()) {
            RichShop.fill(database);
            TargetDatabase target = RichShop.target(RealPostgres.shared(), database);
            BackupConfig config = new BackupConfig(
                    Path.of("nowhere"),
                    config("backups", SECRET),
                    2,
                    BackupConfig.in(Path.of("")).keep(),
                    BackupConfig.in(Path.of("")).reuse(),
                    Path.of(""));
            Backup backup = new Backup(target, RichShop.RUN, RichShop.DIGEST, config, Clock.systemUTC(), () -> {});
            BackupReport report = backup.take(BackupMode.AFFECTED, RichShop.AFFECTED);
            assertThat(report.location()).isEqualTo("s3://backups/eu/shop/" + RichShop.RUN + "/3f2a9c1b0d4e");

            Backups backups = Backups.of(store, new PgClients(List.of(), Map.of()));
            Backups.Kept kept = backups.find(RichShop.RUN.toString()).backups().getFirst();
            assertThat(backups.damages(kept)).isEmpty();
            assertThat(backups.differences(kept, target)).isEmpty();

            blobs.lying = true;
            assertThat(backups.damages(kept)).isNotEmpty().allSatisfy(line -> assertThat(line)
                    .contains("s3://backups/eu/shop/"));
            assertThatThrownBy(() -> backup.take(BackupMode.AFFECTED, RichShop.AFFECTED))
                    .as("what the store does not give back as it was is no backup")
                    .isInstanceOf(IOException.class);
            blobs.lying = false;
            assertThat(backups.list().backups()).isEmpty();
        }
    }

    /** A store that fails when it is told to, and gives back other bytes than it got when it is told to. */
    private static final class Unreliable extends ForwardingBlobStore {
        private final AtomicInteger failing = new AtomicInteger();
        private final AtomicInteger parts = new AtomicInteger();
        private volatile boolean lying;

        Unreliable(BlobStore reliable) {
            super(reliable);
        }

        @Override
        public UploadPartResponse uploadMultipartPart(
                MultipartUpload upload, UploadPartRequest request, InputStream data) {
            parts.incrementAndGet();
            if (failing.get() > 0) {
                failing.decrementAndGet();
                throw new IllegalStateException("out of order");
            }
            return super.uploadMultipartPart(upload, request, data);
        }

        @Override
        public ResponseInputStream<GetObjectResponse> getBlob(GetObjectRequest request) {
            ResponseInputStream<GetObjectResponse> honest = super.getBlob(request);
            if (!lying) {
                return honest;
            }
            try {
                byte[] bytes = honest.readAllBytes();
                bytes[bytes.length / 2] ^= 1;
                return new ResponseInputStream<>(honest.response(), new ByteArrayInputStream(bytes));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
