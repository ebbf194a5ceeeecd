package org.patronvault.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.patronvault.crypto.Argon2Parameters;
import org.patronvault.crypto.Argon2id;
import org.patronvault.crypto.SecureBytes;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * Hashes of passwords: Argon2id (RFC 9106; 64 MiB, three passes) over the password MACed under the pepper, which lives
 * in the key ring only. At most two are computed at a time, so that sign-ins cannot exhaust memory.
 */
final class Passwords {
    static final int MIN_LENGTH = 12;
    static final int MAX_BYTES = 1_024;
    private static final int SALT_SIZE_BYTES = 16;
    private static final int HASH_SIZE_BYTES = 32;
    private static final int WAIT_SECONDS = 10;
    private static final int AT_A_TIME = 2;
    private static final int MAX_WAITING = 16;

    /** What is stored: the parameters, salt and hash as Base64. */
    record Hash(int memoryKiB, int passes, int lanes, String salt, String hash) {}

    private final KeyCustody custody;
    private final Argon2Parameters parameters;
    private final Semaphore places = new Semaphore(AT_A_TIME + MAX_WAITING);
    private final Semaphore two = new Semaphore(AT_A_TIME, true);

    /** Hashes under the pepper of that custody, with that much work for a new one. */
    Passwords(KeyCustody custody, Argon2Parameters parameters) {
        this.custody = custody;
        this.parameters = parameters;
    }

    Hash hash(String password) {
        byte[] salt = SecureBytes.random(SALT_SIZE_BYTES);
        return written(salt, derive(password, salt, parameters));
    }

    /** What no password hashes to that anybody knows. */
    Hash nobodys() {
        return written(SecureBytes.random(SALT_SIZE_BYTES), SecureBytes.random(HASH_SIZE_BYTES));
    }

    private Hash written(byte[] salt, byte[] hash) {
        Base64.Encoder base64 = Base64.getEncoder();
        return new Hash(
                parameters.memoryKiB(),
                parameters.passes(),
                parameters.lanes(),
                base64.encodeToString(salt),
                base64.encodeToString(hash));
    }

    boolean matches(String password, Hash stored) {
        Base64.Decoder base64 = Base64.getDecoder();
        Argon2Parameters then = new Argon2Parameters(stored.memoryKiB(), stored.passes(), stored.lanes());
        byte[] hash = derive(password, base64.decode(stored.salt()), then);
        return MessageDigest.isEqual(hash, base64.decode(stored.hash()));
    }

    /** Takes as long as {@link #matches}, for names that have no account. */
    void matchNothing(String password) {
        derive(password, new byte[SALT_SIZE_BYTES], parameters);
    }

    private byte[] derive(String password, byte[] salt, Argon2Parameters work) {
        byte[] written = Normalizer.normalize(password, Normalizer.Form.NFKC).getBytes(StandardCharsets.UTF_8);
        try {
            return inPlace(custody.keys().pepper().full(written), salt, work);
        } finally {
            SecureBytes.wipe(written);
        }
    }

    private byte[] inPlace(byte[] peppered, byte[] salt, Argon2Parameters work) {
        try {
            // Whoever floods sign-in gets an answer at once, and not every thread there is.
            if (!places.tryAcquire()) {
                throw tooMany();
            }
            try {
                return inTurn(() -> Argon2id.derive(peppered, salt, work, HASH_SIZE_BYTES));
            } finally {
                places.release();
            }
        } finally {
            SecureBytes.wipe(peppered);
        }
    }

    private byte[] inTurn(Supplier<byte[]> deriving) {
        try {
            if (!two.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw tooMany();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refused(Problem.BUSY, "The vault is stopping.");
        }
        try {
            return deriving.get();
        } finally {
            two.release();
        }
    }

    private static Refused tooMany() {
        return new Refused(Problem.BUSY, "Too many people are signing in; try again in a moment.", 5);
    }

    static void requireStrongEnough(String password) {
        if (password.length() < MIN_LENGTH || password.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new Refused(
                    Problem.INVALID,
                    "A password must have at least " + MIN_LENGTH + " characters, at most 1,024 bytes.");
        }
    }
}
