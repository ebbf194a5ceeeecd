package org.patronvault.privacy.mailing;

import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;

/**
 * The content of the token in an unsubscribe link, readable by the vault alone: the consent that it withdraws. It is
 * encrypted under a key of the ring (format.md, "Unsubscribe token"). So a token looks random, reveals nothing, and
 * cannot be guessed or derived from another. It is not stored.
 *
 * @param times which consent, as {@link org.patronvault.core.vault.Consents#times} counts: a newer one is another
 * @param mailing eight bytes of the mailing's id, so that the tokens of two mailings have nothing in common
 */
record UnsubscribeLink(PatronId patron, String purpose, int times, long mailing) {
    /** Characters of a token: 36 bytes in base64url. */
    static final int CHARACTERS = 48;

    private static final byte FORM = 1;

    /** The token. */
    String seal(UnsealedKeys keys) {
        byte[] plain = CanonicalBytes.plain()
                .u8(Consent.PURPOSES.indexOf(purpose))
                .u64(patron.number())
                .u16(times)
                .u64(mailing)
                .bytes();
        byte[] token = CanonicalBytes.plain()
                .u8(FORM)
                .raw(keys.unsubscribing().seal(plain, bound(keys)))
                .bytes();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    /** Decrypts a token; empty if this vault never made it. */
    static Optional<UnsubscribeLink> open(String token, UnsealedKeys keys) {
        if (token.length() != CHARACTERS) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(token);
            if (bytes[0] != FORM) {
                return Optional.empty();
            }
            byte[] sealed = Arrays.copyOfRange(bytes, 1, bytes.length);
            CanonicalReader in = CanonicalReader.of(keys.unsubscribing().open(sealed, bound(keys)));
            String purpose = Consent.PURPOSES.get(in.u8());
            PatronId patron = new PatronId(in.u64());
            int times = in.u16();
            return Optional.of(new UnsubscribeLink(patron, purpose, times, in.u64()));
        } catch (IllegalArgumentException | IntegrityException e) {
            return Optional.empty();
        }
    }

    private static byte[] bound(UnsealedKeys keys) {
        return CanonicalBytes.begin("pv1.unsubscribe").lp(keys.vaultId()).bytes();
    }
}
