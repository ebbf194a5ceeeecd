package org.patronvault.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.patronvault.app.madeup.MadeUpPatron;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.core.crypto.Envelope;
import org.patronvault.core.keys.ring.FieldKeys;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.patron.record.WrittenForms;

/**
 * A made-up patron's name, address, telephone and e-mail.
 *
 * @param values as the vault's import hands them to be sealed, in the order of {@link #FIELDS}
 */
record FourValues(PatronId patron, PatronDraft draft, List<byte[]> values) {
    static final List<PatronField> FIELDS =
            List.of(PatronField.NAME, PatronField.ADDRESS, PatronField.PHONE, PatronField.EMAIL);

    /** The first so many patrons of that seed who have all four. */
    static List<FourValues> of(long seed, int patrons) {
        MadeUpPatrons all = new MadeUpPatrons(seed, Integer.MAX_VALUE, Options.DAY);
        List<FourValues> whole = new ArrayList<>();
        for (int number = 1; whole.size() < patrons; number++) {
            MadeUpPatron patron = all.patron(number);
            if (!patron.phones().isEmpty()
                    && !patron.email().isEmpty()
                    && !patron.address().isEmpty()) {
                whole.add(of(number, patron));
            }
        }
        return whole;
    }

    private static FourValues of(int number, MadeUpPatron patron) {
        PatronDraft draft = patron.draft(new Consent(Consent.SERVICE, "2018-05", Options.DAY, "desk", true));
        Map<PatronField, byte[]> values = WrittenForms.values(draft);
        return new FourValues(
                new PatronId(number), draft, FIELDS.stream().map(values::get).toList());
    }

    /** The values as long as the vault makes them before it encrypts, so that everybody has as much to encrypt. */
    byte[][] padded() {
        byte[][] padded = new byte[FIELDS.size()][];
        for (int i = 0; i < padded.length; i++) {
            // The vault writes the length before the value.
            int least = Integer.BYTES + values.get(i).length;
            int size = FieldKeys.envelopeSizesBytes(FIELDS.get(i)).stream()
                    .mapToInt(envelope -> envelope - Envelope.OVERHEAD_BYTES)
                    .filter(one -> one >= least)
                    .findFirst()
                    .orElseThrow();
            padded[i] = Arrays.copyOf(values.get(i), size);
        }
        return padded;
    }

    /** What each value is bound to: whose it is, and which. */
    byte[][] bindings() {
        return FIELDS.stream()
                .map(field -> ("vault-a/" + field.wireName() + "/" + patron + "/generation/1/payload")
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
    }

    /** Fails unless that is what was sealed. */
    void requireSame(byte[][] opened) {
        for (int i = 0; i < opened.length; i++) {
            byte[] value = values.get(i);
            if (!Arrays.equals(Arrays.copyOf(opened[i], value.length), value)) {
                throw new IllegalStateException("what was opened is not what was sealed");
            }
        }
    }
}
