package org.patronvault.upkeep.backup;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file of a backup.
 *
 * @param sha256 in hexadecimal
 */
record BackupFile(String name, long bytes, String sha256) {
    private static final int BUFFER_BYTES = 1 << 16;

    /** Returns the present file. */
    static BackupFile of(Path file, Progress progress) {
        MessageDigest digest = digest();
        long bytes = 0;
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            long total = Files.size(file);
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                bytes += read;
                progress.at("Reading back", bytes, total);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a file of the backup cannot be read", e);
        }
        return new BackupFile(
                file.getFileName().toString(), bytes, HexFormat.of().formatHex(digest.digest()));
    }

    /** Returns the SHA-256 of bytes, in hexadecimal. */
    static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(digest().digest(bytes));
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
