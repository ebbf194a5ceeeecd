package org.patronvault.access.signon;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.crypto.SecureBytes;

/**
 * One sign-on of one browser: the values sent to the provider and expected back. All of them derive from the cookie
 * under a key of the ring. So nothing is stored and any node can continue, while the cookie alone reveals none of them.
 *
 * @param state comes back with the answer (RFC 6749, section 10.12)
 * @param nonce comes back in the token (OpenID Connect Core, section 3.1.2.1)
 * @param verifier goes with the code (RFC 7636), 43 characters
 */
record SignOnAttempt(String cookie, String state, String nonce, String verifier) {
    /** The longest time of a sign-on, in seconds. */
    static final int LONGEST_SECONDS = 600;

    private static final int AHEAD_SECONDS = 60;
    private static final int RANDOM_BYTES = 32;
    private static final Pattern COOKIE = Pattern.compile("([0-9]{1,12})\\.[A-Za-z0-9_-]{43}");

    static SignOnAttempt begin(Prf key, Instant now) {
        return of(key, now.getEpochSecond() + "." + base64(SecureBytes.random(RANDOM_BYTES)));
    }

    /** Returns the attempt of that cookie; empty if there was none, or it has taken too long. */
    static Optional<SignOnAttempt> of(Prf key, Optional<String> cookie, Instant now) {
        return cookie.filter(text -> isFresh(text, now)).map(text -> of(key, text));
    }

    private static boolean isFresh(String cookie, Instant now) {
        var written = COOKIE.matcher(cookie);
        if (!written.matches()) {
            return false;
        }
        long age = now.getEpochSecond() - Long.parseLong(written.group(1));
        // Another node may have begun it, by a clock that is ahead.
        return age >= -AHEAD_SECONDS && age <= LONGEST_SECONDS;
    }

    private static SignOnAttempt of(Prf key, String cookie) {
        return new SignOnAttempt(
                cookie, part(key, "state", cookie), part(key, "nonce", cookie), part(key, "verifier", cookie));
    }

    private static String part(Prf key, String label, String cookie) {
        return base64(
                key.full(CanonicalBytes.begin("sign-on").lp(label).lp(cookie).bytes()));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Returns when the browser was sent there. */
    Instant begun() {
        return Instant.ofEpochSecond(Long.parseLong(cookie.substring(0, cookie.indexOf('.'))));
    }

    /** Whether the state came back; in constant time. */
    boolean hasState(String sent) {
        return MessageDigest.isEqual(sent.getBytes(StandardCharsets.UTF_8), state.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
