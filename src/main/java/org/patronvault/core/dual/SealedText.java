package org.patronvault.core.dual;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.VersionedBox;
import org.patronvault.core.model.IntegrityException;

/** The encryption of a text inside an authority row, or a line of keys/ledger, that a copy must not show. */
public final class SealedText {
    private final KeyCustody custody;
    private final String use;

    /** Makes the encryption for one use, such as {@code approval}; a text of one use is invalid for another. */
    public SealedText(KeyCustody custody, String use) {
        this.custody = custody;
        this.use = use;
    }

    /** Encrypts a text, in Base64, bound to the name of its row, or to the subject of the line. */
    public String seal(String name, String text) {
        return Base64.getEncoder().encodeToString(box().seal(aad(name), text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Decrypts the text of the row of that name.
     *
     * @throws IntegrityException if it was not encrypted for it
     */
    public String open(String name, String sealed) {
        try {
            return new String(box().open(aad(name), Base64.getDecoder().decode(sealed)), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IntegrityException("sealed text: form", e);
        }
    }

    /** Encrypts a stored text again under the newest version of the key; an empty text stays empty. */
    public String again(String name, String sealed) {
        return sealed.isEmpty() ? sealed : seal(name, open(name, sealed));
    }

    private VersionedBox box() {
        byte[] label = CanonicalBytes.begin("sealed-text").lp(use).bytes();
        return custody.keys().boxOfFingerprint(label);
    }

    private byte[] aad(String name) {
        return CanonicalBytes.begin("pv1.sealed-text").lp(use).lp(name).bytes();
    }
}
