package org.patronvault.crypto;

import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.util.function.LongConsumer;
import org.patronvault.model.IntegrityException;

/**
 * Seals what is too long for memory: AES-256-GCM-HKDF streaming in segments of 1 MiB, which open in their order, whole and
 * to the last, or not at all. It does not commit to its key: who needs that says elsewhere what the sealed bytes hash to.
 * Thread safe.
 */
public final class SealedStream {
    private static final int KEY_BYTES = 32;
    private static final int SEGMENT_BYTES = 1 << 20;
    private static final int BUFFER_BYTES = 1 << 16;

    private final StreamingAead aead;

    private SealedStream(StreamingAead aead) {
        this.aead = aead;
    }

    /** Under these 32 bytes, which must be uniformly random or the output of a KDF. */
    public static SealedStream of(byte[] key32) {
        SecureBytes.requireSize("stream key", key32, KEY_BYTES);
        // Tink draws a salt from Conscrypt, if it finds it, and would have it unpack its library just anywhere.
        AesGcm unused = AesGcm.fastest();
        try {
            return new SealedStream(new AesGcmHkdfStreaming(key32, "HmacSha256", KEY_BYTES, SEGMENT_BYTES, 0));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM-HKDF streaming is not available", e);
        }
    }

    /**
     * Seals all there is to read, bound to {@code aad}.
     *
     * @param out closed when this returns
     * @param told now and then how many bytes were read
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
     * Opens what {@link #seal} made. What was written before an error is authentic, but it is not all.
     *
     * @param told now and then how many bytes were written
     * @throws IntegrityException if key or {@code aad} is another, any bit was changed, or it cannot be read
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
