package org.patronvault.access.session;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.keys.KeyCustody;

/** The token of a session in a person's browser: random, shown once, and stored as a PRF of it only. */
final class SessionToken {
    private static final String PREFIX = "pvs_";
    private static final int LONGEST = 64;
    private static final int SIZE_BYTES = 32;

    private SessionToken() {}

    /** Returns a new token. */
    static String next() {
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(SecureBytes.random(SIZE_BYTES));
    }

    /** Whether a text has the form of a token. */
    static boolean isFormed(String token) {
        return token.startsWith(PREFIX) && token.length() <= LONGEST;
    }

    /** Returns the ID of that token's session. */
    static String id(String token, KeyCustody custody) {
        return HexFormat.of().formatHex(custody.keys().tokens().newest().full(token.getBytes(StandardCharsets.UTF_8)));
    }
}
