package org.patronvault.search;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The canonical form of email addresses for search, and a check of their shape. The check admits internationalized
 * addresses (RFC 6531). It cannot tell whether anybody reads the mailbox.
 */
public final class Emails {
    /** The most bytes of an address in UTF-8: an RFC 5321 path is 256 octets, two of them its angle brackets. */
    public static final int MAX_BYTES = 254;

    /**
     * Characters that end, group or list addresses in a header (RFC 5322 section 3.2.3), so no stored address has one.
     */
    private static final String SPECIALS = "()<>[]:;,\\\"";

    private static final int ZERO_WIDTH_NON_JOINER = 0x200c;
    private static final int ZERO_WIDTH_JOINER = 0x200d;

    private Emails() {}

    /**
     * Returns the form that is indexed and searched: trimmed, NFC, wholly in lower case. RFC 5321 lets the part before
     * the @ depend on case, but no mail service in use does.
     */
    public static String canonicalTerm(String written) {
        String lower =
                Normalizer.normalize(written.strip(), Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
        // Lower-casing can separate a letter from its mark; a second NFC makes the form stable.
        return Normalizer.normalize(lower, Normalizer.Form.NFC);
    }

    /**
     * Whether {@code written}, trimmed, has the shape of one address. It has one @ with something before it, and a
     * domain of at least two labels. It has no blanks, control characters or header punctuation, and at most
     * {@link #MAX_BYTES} bytes.
     */
    public static boolean isWellFormed(String written) {
        String address = written.strip();
        int at = address.indexOf('@');
        return at > 0
                && at == address.lastIndexOf('@')
                && address.codePoints().allMatch(Emails::isPlain)
                && isDomain(address.substring(at + 1))
                && address.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    }

    /**
     * Refuses an address that is not {@linkplain #isWellFormed well formed}.
     *
     * @throws Refused {@code invalid}
     */
    public static void requireWellFormed(String written) {
        if (!isWellFormed(written)) {
            throw new Refused(Problem.INVALID, "That is not an e-mail address.");
        }
    }

    private static boolean isDomain(String domain) {
        boolean emptyLabel = domain.startsWith(".") || domain.endsWith(".") || domain.contains("..");
        return domain.indexOf('.') > 0 && !emptyLabel;
    }

    private static boolean isPlain(int c) {
        if (Character.isWhitespace(c) || Character.isSpaceChar(c) || SPECIALS.indexOf(c) >= 0) {
            return false;
        }
        int type = Character.getType(c);
        boolean joiner = c == ZERO_WIDTH_NON_JOINER || c == ZERO_WIDTH_JOINER; // part of words in some scripts
        return type != Character.CONTROL && type != Character.SURROGATE && (type != Character.FORMAT || joiner);
    }
}
