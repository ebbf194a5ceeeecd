package org.patronvault.access;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import org.patronvault.crypto.SecureBytes;
import org.patronvault.keys.KeyCustody;

/** What a person's browser sends: random, shown once, and stored as a PRF of it only. */
final class SessionToken {
    private static final String PREFIX = "pvs_";
    private static final int LONGEST = 64;
    private static final int SIZE_BYTES = 32;

    private SessionToken() {}

    /** One that nobody had. */
    static String next() {
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(SecureBytes.random(SIZE_BYTES));
    }

    /** Whether it could be one. */
    static boolean isFormed(String token) {
        return token.startsWith(PREFIX) && token.length() <= LONGEST;
    }

    /** The id of the session of that token. */
    static String id(String token, KeyCustody custody) {
        return HexFormat.of().formatHex(custody.keys().tokens().newest().full(token.getBytes(StandardCharsets.UTF_8)));
    }
}
