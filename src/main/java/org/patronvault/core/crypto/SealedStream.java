package org.patronvault.core.crypto;

import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.util.function.LongConsumer;
import org.patronvault.core.model.IntegrityException;

/**
 * The streaming encryption of data too long for memory: AES-256-GCM-HKDF in segments of 1 MiB. Segments decrypt only in
 * their order, and only up to a complete end. It does not commit to its key: a caller that needs this stores a hash of
 * the encrypted bytes elsewhere. Thread-safe.
 */
public final class SealedStream {
    private static final int KEY_BYTES = 32;
    private static final int SEGMENT_BYTES = 1 << 20;
    private static final int BUFFER_BYTES = 1 << 16;

    private final StreamingAead aead;

    private SealedStream(StreamingAead aead) {
        this.aead = aead;
    }

    /** Makes the encryption with these 32 bytes, which must be uniformly random or the output of a KDF. */
    public static SealedStream of(byte[] key32) {
        SecureBytes.requireSize("stream key", key32, KEY_BYTES);
        // Tink takes a salt from Conscrypt, if it finds it, which would then unpack its library into any directory.
        AesGcm unused = AesGcm.fastest();
        try {
            return new SealedStream(new AesGcmHkdfStreaming(key32, "HmacSha256", KEY_BYTES, SEGMENT_BYTES, 0));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM-HKDF streaming is not available", e);
        }
    }

    /**
     * Encrypts the whole input, bound to {@code aad}.
     *
     * @param out closed when this returns
     * @param told receives the number of bytes read, now and then
     */
    public void seal(byte[] aad, InputStream in, OutputStream out, LongConsumer told) throws IOException {
        try (OutputStream sealing = aead.newEncryptingStream(out, aad)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            long done = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                sealing.write(buffer, 0, read);
                done += read;
                told.accept(done);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sealing failed", e);
        }
    }

    /**
     * Decrypts a result of {@link #seal}. The bytes written before an error are authentic, but incomplete.
     *
     * @param told receives the number of bytes written, now and then
     * @throws IntegrityException if key or {@code aad} is wrong, any bit was changed, or it cannot be read
     * @throws IOException if it cannot be written
     */
    public void open(byte[] aad, InputStream in, OutputStream out, LongConsumer told) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long done = 0;
        InputStream opening = opening(aad, in);
        for (int read = read(opening, buffer); read >= 0; read = read(opening, buffer)) {
            out.write(buffer, 0, read);
            done += read;
            told.accept(done);
        }
    }

    private InputStream opening(byte[] aad, InputStream in) {
        try {
            return aead.newDecryptingStream(in, aad);
        } catch (GeneralSecurityException | IOException e) {
            throw new IntegrityException("sealed stream: header", e);
        }
    }

    private static int read(InputStream opening, byte[] buffer) {
        try {
            return opening.read(buffer);
        } catch (IOException e) {
            throw new IntegrityException("sealed stream: segment", e);
        }
    }
}
