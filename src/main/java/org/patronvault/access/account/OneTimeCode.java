package org.patronvault.access.account;

import java.security.SecureRandom;

/**
 * A generator of random codes that people copy from paper: groups of five, without letters and digits that look alike.
 */
final class OneTimeCode {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String CHARACTERS = "23456789abcdefghjkmnpqrstuvwxyz";
    private static final int GROUP = 5;

    private OneTimeCode() {}

    /** Returns a new code of that many characters, each worth almost five bits. */
    static String of(int length) {
        StringBuilder code = new StringBuilder();
        for (int i = 0; i < length; i++) {
            if (i > 0 && i % GROUP == 0) {
                code.append('-');
            }
            code.append(CHARACTERS.charAt(RANDOM.nextInt(CHARACTERS.length())));
        }
        return code.toString();
    }
}
