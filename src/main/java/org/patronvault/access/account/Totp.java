package org.patronvault.access.account;

import com.eatthepath.otp.TimeBasedOneTimePasswordGenerator;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.OptionalLong;
import javax.crypto.spec.SecretKeySpec;
import org.apache.commons.codec.binary.Base32;

/** The TOTP codes of RFC 6238 as every authenticator app makes them: HMAC-SHA-1, six digits, steps of 30 seconds. */
final class Totp {
    /** RFC 4226, section 4, recommends 160 bits. */
    static final int SEED_SIZE_BYTES = 20;

    private static final int STEP_SECONDS = 30;
    private static final int DIGITS = 6;

    /** Steps a clock may be off either way (RFC 6238, section 5.2). */
    private static final int TOLERANCE = 1;

    private static final String ISSUER = "Patron Vault";
    private static final TimeBasedOneTimePasswordGenerator CODES =
            new TimeBasedOneTimePasswordGenerator(Duration.ofSeconds(STEP_SECONDS), DIGITS);

    private Totp() {}

    /** Returns the newest step around {@code now} with that code; always takes the same time. */
    static OptionalLong step(byte[] seed, String code, Instant now) {
        long present = now.getEpochSecond() / STEP_SECONDS;
        OptionalLong found = OptionalLong.empty();
        for (long step = present - TOLERANCE; step <= present + TOLERANCE; step++) {
            byte[] right = code(seed, step).getBytes(StandardCharsets.US_ASCII);
            if (MessageDigest.isEqual(right, code.getBytes(StandardCharsets.UTF_8))) {
                found = OptionalLong.of(step);
            }
        }
        return found;
    }

    static String code(byte[] seed, long step) {
        try {
            return CODES.generateOneTimePasswordString(
                    new SecretKeySpec(seed, CODES.getAlgorithm()),
                    Instant.ofEpochSecond(step * STEP_SECONDS),
                    Locale.ROOT);
        } catch (InvalidKeyException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the seed for typing into an app: Base32 (RFC 4648) without padding. */
    static String secret(byte[] seed) {
        return new Base32().encodeAsString(seed).replace("=", "");
    }

    /** Returns the QR code's text, in the form that authenticator apps read (Key URI Format). */
    static String uri(byte[] seed, String name) {
        return "otpauth://totp/" + escaped(ISSUER + ":" + name) + "?secret=" + secret(seed) + "&issuer="
                + escaped(ISSUER) + "&algorithm=SHA1&digits=" + DIGITS + "&period=" + STEP_SECONDS;
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%3A", ":");
    }
}
