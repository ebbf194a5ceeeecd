package org.patronvault.access.account;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.patronvault.core.crypto.Argon2Parameters;
import org.patronvault.core.crypto.Argon2id;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.KeyVersions;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The hashing of passwords: Argon2id (RFC 9106; 64 MiB, three passes) over the password MACed under the pepper. The
 * pepper is in the key ring only. At most two hashes are computed at a time, so sign-ins cannot exhaust memory; see
 * {@link TurnQueue}.
 */
public final class Passwords {
    static final int MIN_LENGTH = 12;
    static final int MAX_BYTES = 1_024;
    private static final int SALT_SIZE_BYTES = 16;
    private static final int HASH_SIZE_BYTES = 32;
    private static final int WAIT_SECONDS = 10;
    private static final int AT_A_TIME = 2;
    private static final int MAX_WAITING = 16;
    private static final String NOBODYS_NETWORK = "";

    /**
     * A stored hash: the parameters, salt and hash as Base64.
     *
     * @param pepper the version of the pepper; 0 is the first
     */
    public record Hash(
            int memoryKiB,
            int passes,
            int lanes,
            String salt,
            String hash,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) int pepper) {

        public int pepperVersion() {
            return Math.max(1, pepper);
        }
    }

    private final KeyCustody custody;
    private final Argon2Parameters parameters;
    private final TurnQueue turns = new TurnQueue(AT_A_TIME, MAX_WAITING, WAIT_SECONDS, Passwords::tooMany);

    /** Hashes under the pepper of that custody; {@code parameters} is the cost of a new hash. */
    public Passwords(KeyCustody custody, Argon2Parameters parameters) {
        this.custody = custody;
        this.parameters = parameters;
    }

    public Hash hash(String password) {
        byte[] salt = SecureBytes.random(SALT_SIZE_BYTES);
        // A person who sets a password has proved who they are.
        KeyVersions<Prf> peppers = custody.keys().peppers();
        byte[] hash = derive(password, peppers.newest(), salt, parameters, NOBODYS_NETWORK, TurnQueue.FIRST);
        return written(salt, hash, peppers.newestVersion());
    }

    /** Returns a hash that no known password matches. */
    public Hash nobodys() {
        int version = custody.keys().peppers().newestVersion();
        return written(SecureBytes.random(SALT_SIZE_BYTES), SecureBytes.random(HASH_SIZE_BYTES), version);
    }

    private Hash written(byte[] salt, byte[] hash, int pepper) {
        Base64.Encoder base64 = Base64.getEncoder();
        return new Hash(
                parameters.memoryKiB(),
                parameters.passes(),
                parameters.lanes(),
                base64.encodeToString(salt),
                base64.encodeToString(hash),
                pepper == 1 ? 0 : pepper);
    }

    /**
     * Whether the password matches the hash.
     *
     * @param network the network it came from
     * @param wrong wrong tries from there, as in {@link TurnQueue}
     */
    boolean matches(String password, Hash stored, String network, int wrong) {
        Base64.Decoder base64 = Base64.getDecoder();
        Argon2Parameters then = new Argon2Parameters(stored.memoryKiB(), stored.passes(), stored.lanes());
        Optional<Prf> pepper = custody.keys().peppers().version(stored.pepperVersion());
        // Once the pepper's version is destroyed, every password is wrong. The answer takes as long as before.
        byte[] hash = derive(
                password,
                pepper.orElseGet(() -> custody.keys().peppers().newest()),
                base64.decode(stored.salt()),
                then,
                network,
                wrong);
        boolean isRight = MessageDigest.isEqual(hash, base64.decode(stored.hash()));
        return isRight && pepper.isPresent();
    }

    /** Whether the hash is under an older version of the pepper, and must be made again from the password. */
    boolean isOlder(Hash stored) {
        return stored.pepperVersion() < custody.keys().peppers().newestVersion();
    }

    /** Takes as long as {@link #matches}, for names that have no account. */
    void matchNothing(String password, String network, int wrong) {
        byte[] salt = new byte[SALT_SIZE_BYTES];
        byte[] unused = derive(password, custody.keys().peppers().newest(), salt, parameters, network, wrong);
    }

    private byte[] derive(String password, Prf pepper, byte[] salt, Argon2Parameters work, String network, int wrong) {
        byte[] written = Normalizer.normalize(password, Normalizer.Form.NFKC).getBytes(StandardCharsets.UTF_8);
        try {
            byte[] peppered = pepper.full(written);
            try {
                return turns.call(network, wrong, () -> Argon2id.derive(peppered, salt, work, HASH_SIZE_BYTES));
            } finally {
                SecureBytes.wipe(peppered);
            }
        } finally {
            SecureBytes.wipe(written);
        }
    }

    private static Refused tooMany() {
        return new Refused(Problem.BUSY, "Too many people are signing in; try again in a moment.", 5);
    }

    /** Refuses a new password that is too short or too long, or is one of the common ones. */
    static void requireStrongEnough(String password) {
        if (password.length() < MIN_LENGTH || password.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new Refused(
                    Problem.INVALID,
                    "A password must have at least " + MIN_LENGTH + " characters, at most 1,024 bytes.");
        }
        if (isCommon(password)) {
            throw new Refused(
                    Problem.INVALID,
                    "This password is too common. Choose another, such as four words that do not belong"
                            + " together.");
        }
    }

    /** Whether the list of common passwords has it, ignoring case. */
    private static boolean isCommon(String password) {
        String folded = Normalizer.normalize(password, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
        try (BufferedReader list = new BufferedReader(new InputStreamReader(
                Passwords.class.getResourceAsStream("common-passwords.txt"), StandardCharsets.UTF_8))) {
            return list.lines().anyMatch(folded::equals);
        } catch (IOException e) {
            throw new UncheckedIOException("the list of common passwords cannot be read", e);
        }
    }
}
