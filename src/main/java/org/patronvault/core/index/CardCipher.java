package org.patronvault.core.index;

import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.crypto.SivBox;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronId;

/**
 * The label and the value of a card's row, under one version of the card key (format.md, "Cards"). Thread-safe.
 *
 * @param version of the card key, 1 or more
 */
public record CardCipher(int version, String vaultId, Prf labels, SivBox values) {
    /** The size of a label in bytes. */
    public static final int LABEL_BYTES = 16;

    private static final int CURRENT = 1;
    private static final int FORMER = 2;

    /**
     * The patron who has or had a card.
     *
     * @param former whether the patron has another card now
     * @param generation the generation of the patron's cell {@code card}
     */
    public record Holder(PatronId patron, boolean former, long generation) {}

    /** Makes the cipher of that version of the card key, whose two uses get a key of their own each. */
    public static CardCipher of(int version, String vaultId, Prf cardKey) {
        byte[] valueKey = CanonicalBytes.plain()
                .raw(derived(cardKey, "pv2.card.value.1"))
                .raw(derived(cardKey, "pv2.card.value.2"))
                .bytes();
        return new CardCipher(version, vaultId, Prf.of(derived(cardKey, "pv2.card.label")), SivBox.of(valueKey));
    }

    private static byte[] derived(Prf cardKey, String use) {
        return cardKey.full(CanonicalBytes.begin(use).bytes());
    }

    /**
     * Returns the label of a card, {@value #LABEL_BYTES} bytes.
     *
     * @param card in its stored form
     */
    public byte[] label(String card) {
        return labels.truncated(CanonicalBytes.plain().lp(vaultId).lp(card).bytes(), LABEL_BYTES);
    }

    /** Encrypts the value that belongs to a label. */
    public byte[] seal(byte[] label, Holder holder) {
        byte[] value = CanonicalBytes.plain()
                .u8(holder.former() ? FORMER : CURRENT)
                .u64(holder.patron().number())
                .u64(holder.generation())
                .bytes();
        return values.seal(value, aad(label));
    }

    /**
     * Decrypts a result of {@link #seal}.
     *
     * @throws IntegrityException if it belongs to another label or version, or any bit was changed
     */
    public Holder open(byte[] label, byte[] stored) {
        CanonicalReader value = CanonicalReader.of(values.open(stored, aad(label)));
        int kind = value.u8();
        if (kind != CURRENT && kind != FORMER) {
            throw new IntegrityException("card: kind");
        }
        Holder holder = new Holder(new PatronId(value.u64()), kind == FORMER, value.u64());
        value.end();
        return holder;
    }

    private byte[] aad(byte[] label) {
        return CanonicalBytes.plain().u32(version).raw(label).bytes();
    }
}
