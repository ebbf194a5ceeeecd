package org.patronvault.access;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.VersionedBox;
import org.patronvault.model.IntegrityException;

/** Text inside an authority row, or a line of keys/ledger, that a copy must not show. */
public final class SealedText {
    private final KeyCustody custody;
    private final String use;

    /** For one use, such as {@code approval}: no text of one stands for that of another. */
    public SealedText(KeyCustody custody, String use) {
        this.custody = custody;
        this.use = use;
    }

    /** In base64, bound to the name of its row, or to whom the line is about. */
    public String seal(String name, String text) {
        return Base64.getEncoder().encodeToString(box().seal(aad(name), text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * What was sealed for the row of that name.
     *
     * @throws IntegrityException if it was not
     */
    public String open(String name, String sealed) {
        try {
            return new String(box().open(aad(name), Base64.getDecoder().decode(sealed)), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IntegrityException("sealed text: form", e);
        }
    }

    /** Seals a stored text again under the newest version of the key; an empty one stays empty. */
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
