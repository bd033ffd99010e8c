package dev.fermata.execution.backup;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Streams that count and sum what goes through them. */
final class Sums {
    private Sums() {}

    static MessageDigest sha256() {
        return digest("SHA-256");
    }

    static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }

    /** What is written through it is summed. */
    static final class Out extends FilterOutputStream {
        private final MessageDigest digest = sha256();
        private long bytes;

        Out(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            digest.update((byte) b);
            bytes++;
        }

        @Override
        public void write(byte[] data, int from, int length) throws IOException {
            out.write(data, from, length);
            digest.update(data, from, length);
            bytes += length;
        }

        /** What compresses closes what it writes to; whoever opened it has still something to do. */
        @Override
        public void close() throws IOException {
            flush();
        }

        StoredFile file(String name) {
            return new StoredFile(name, bytes, HexFormat.of().formatHex(digest.digest()));
        }
    }

    /** What is read through it is summed. */
    static final class In extends FilterInputStream {
        private final MessageDigest digest = sha256();
        private long bytes;

        In(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = in.read();
            if (b >= 0) {
                digest.update((byte) b);
                bytes++;
            }
            return b;
        }

        @Override
        public int read(byte[] data, int from, int length) throws IOException {
            int count = in.read(data, from, length);
            if (count > 0) {
                digest.update(data, from, count);
                bytes += count;
            }
            return count;
        }

        @Override
        public boolean markSupported() {
            return false;
        }

        /** Reads what is left, and compares. */
        void requireSame(StoredFile expected, String location) throws IOException {
            transferTo(OutputStream.nullOutputStream());
            String sum = HexFormat.of().formatHex(digest.digest());
            if (bytes != expected.bytes() || !sum.equals(expected.sha256())) {
                throw new DamagedFileException(location + " is not what was written: " + bytes + " bytes, sha256 " + sum
                        + " (expected: " + expected.bytes() + " bytes, sha256 " + expected.sha256() + ")");
            }
        }
    }
}
