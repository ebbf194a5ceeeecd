package org.patronvault.bench;

import java.util.List;
import org.patronvault.core.keys.ring.FieldKeys;
import org.patronvault.core.model.PatronId;

/** The vault's own envelopes, with padding, binding and commitment. */
final class VaultCipher implements FieldCipher {
    private static final long GENERATION = 1;
    private static final byte[] UNBOUND = {};

    private final List<FourValues> patrons;
    private final FieldKeys keys = OneRing.keys().fields();

    VaultCipher(List<FourValues> patrons) {
        this.patrons = patrons;
    }

    @Override
    public byte[][] seal(int patron) {
        PatronId id = patrons.get(patron).patron();
        List<byte[]> values = patrons.get(patron).values();
        byte[][] sealed = new byte[values.size()][];
        for (int i = 0; i < sealed.length; i++) {
            sealed[i] = keys.seal(FourValues.FIELDS.get(i), id, GENERATION, UNBOUND, values.get(i));
        }
        return sealed;
    }

    @Override
    public byte[][] open(int patron, byte[][] sealed) {
        PatronId id = patrons.get(patron).patron();
        byte[][] opened = new byte[sealed.length][];
        for (int i = 0; i < opened.length; i++) {
            opened[i] = keys.open(FourValues.FIELDS.get(i), id, GENERATION, UNBOUND, sealed[i]);
        }
        return opened;
    }
}
