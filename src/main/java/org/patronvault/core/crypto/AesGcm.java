package org.patronvault.core.crypto;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Optional;
import java.util.function.Supplier;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.conscrypt.Conscrypt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * AES-256-GCM (NIST SP 800-38D) with a 12-byte nonce and a 16-byte tag, under keys that are used for one value. It uses
 * BoringSSL through Conscrypt, which sets up a key faster than Java 17. If Conscrypt's library does not load, it uses
 * the JDK. Both give equal bytes. Thread-safe.
 */
final class AesGcm {
    static final int KEY_BYTES = 32;
    static final int NONCE_BYTES = 12;
    static final int TAG_BYTES = 16;

    private static final Logger LOG = LoggerFactory.getLogger(AesGcm.class);
    private static final String TRANSFORMATION = "AES/GCM/NoPadding";
    private static final String UNPACKED_TO = "org.conscrypt.native.workdir";

    private static final AesGcm JDK = new AesGcm(Optional.empty());

    /** One for each thread: the key changes each time, and making a new cipher would take as long as using it. */
    private final ThreadLocal<Cipher> ciphers;

    private AesGcm(Optional<Provider> provider) {
        this.ciphers = ThreadLocal.withInitial(() -> cipher(provider));
    }

    /** Loaded at first use. */
    private static final class Loaded {
        private static final AesGcm FASTEST = conscrypt().orElse(JDK);
    }

    /** Returns the fastest implementation on this machine. */
    static AesGcm fastest() {
        return Loaded.FASTEST;
    }

    /**
     * Returns the JDK's implementation, which copies nothing out of Java's heap: for keys that open everything, and are
     * used rarely.
     */
    static AesGcm jdk() {
        return JDK;
    }

    /** Returns Conscrypt's implementation, if its library supports this machine. */
    static Optional<AesGcm> conscrypt() {
        return loaded(Conscrypt::newProvider);
    }

    /**
     * Returns the implementation of a provider. Its library is unpacked into the directory that its property names, and
     * then deleted. Without the property, the directory is private to this user.
     */
    static Optional<AesGcm> loaded(Supplier<Provider> library) {
        try {
            return Optional.of(System.getProperty(UNPACKED_TO) == null ? unpacked(library) : ready(library));
        } catch (IOException | RuntimeException | LinkageError e) {
            LOG.info(
                    "AES-GCM is Java's own, which is slower: Conscrypt's library does not load here ({}: {}).",
                    e.getClass().getName(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    private static AesGcm unpacked(Supplier<Provider> library) throws IOException {
        Path directory = Files.createTempDirectory("patron-vault-aes-");
        System.setProperty(UNPACKED_TO, directory.toString());
        try {
            return ready(library);
        } finally {
            System.clearProperty(UNPACKED_TO);
            // If a file in use cannot be deleted, it stays until the next start that is an hour later.
            boolean unused = directory.toFile().delete();
        }
    }

    private static AesGcm ready(Supplier<Provider> library) {
        Optional<Provider> provider = Optional.of(library.get());
        Cipher unused = cipher(provider);
        return new AesGcm(provider);
    }

    private static Cipher cipher(Optional<Provider> provider) {
        try {
            return provider.isPresent()
                    ? Cipher.getInstance(TRANSFORMATION, provider.get())
                    : Cipher.getInstance(TRANSFORMATION);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
    }

    /**
     * Encrypts under a key and nonce that were never used together before.
     *
     * @param to has the nonce, and receives ciphertext and tag, {@value #TAG_BYTES} bytes more than {@code plaintext}
     * @param nonceAt the nonce's place in {@code to}
     * @param at the place in {@code to} for ciphertext and tag
     */
    void seal(byte[] key32, byte[] plaintext, byte[] aad, byte[] to, int nonceAt, int at) {
        try {
            Cipher cipher = ready(Cipher.ENCRYPT_MODE, key32, to, nonceAt, aad);
            int unused = cipher.doFinal(plaintext, 0, plaintext.length, to, at);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("encrypting failed", e);
        }
    }

    /**
     * Decrypts a result of {@link #seal}.
     *
     * @param nonceAt the nonce's place in {@code sealed}
     * @param at the place of ciphertext and tag, which fill the rest
     * @throws GeneralSecurityException if key, nonce or {@code aad} is wrong, any bit was changed, or it is too short
     */
    byte[] open(byte[] key32, byte[] sealed, int nonceAt, int at, byte[] aad) throws GeneralSecurityException {
        if (sealed.length < at + TAG_BYTES) {
            throw new AEADBadTagException("too short");
        }
        return ready(Cipher.DECRYPT_MODE, key32, sealed, nonceAt, aad).doFinal(sealed, at, sealed.length - at);
    }

    private Cipher ready(int mode, byte[] key32, byte[] nonce, int nonceAt, byte[] aad)
            throws GeneralSecurityException {
        SecureBytes.requireSize("AES key", key32, KEY_BYTES);
        Cipher cipher = ciphers.get();
        cipher.init(
                mode,
                new SecretKeySpec(key32, "AES"),
                new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce, nonceAt, NONCE_BYTES));
        cipher.updateAAD(aad);
        return cipher;
    }
}
