package org.patronvault.upkeep.leakage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.patronvault.core.model.PatronId;

/**
 * The numbers of some patrons in every possible written form, with a search for them. Patrons are referred to by their
 * places. Not thread safe.
 */
final class PatronNumbers {
    private final List<List<byte[]>> forms;
    private final ByteStrings parts;

    /** Creates the search for these patrons. A part that more than {@code most} of them share names nobody. */
    PatronNumbers(List<PatronId> patrons, int most) {
        this.forms = patrons.stream().map(PatronNumbers::forms).toList();
        this.parts = new ByteStrings(most, 0, true);
        for (int patron = 0; patron < patrons.size(); patron++) {
            for (byte[] form : forms.get(patron)) {
                parts.add(form, patron);
            }
        }
    }

    private static List<byte[]> forms(PatronId patron) {
        byte[] id = bytes(patron.number());
        return List.of(
                id,
                bytes(Long.reverseBytes(patron.number())),
                ascii(patron.toString()),
                ascii(patron.toString().toUpperCase(Locale.ROOT)),
                ascii(Long.toString(patron.number())),
                ascii(Long.toUnsignedString(patron.number())),
                ascii(Base64.getEncoder().withoutPadding().encodeToString(id)),
                ascii(Base64.getUrlEncoder().withoutPadding().encodeToString(id)));
    }

    private static byte[] bytes(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Adds to {@code found} the patrons of whose numbers at least eight bytes are in {@code bytes}. */
    void findParts(byte[] bytes, BitSet found) {
        parts.find(bytes, found);
    }

    /** Counts the patrons whose whole number is in {@code bytes}. */
    long countWhole(byte[] bytes, BitSet patrons) {
        return patrons.stream()
                .filter(patron -> forms.get(patron).stream().anyMatch(form -> contains(bytes, form)))
                .count();
    }

    private static boolean contains(byte[] bytes, byte[] form) {
        for (int at = 0; at + form.length <= bytes.length; at++) {
            if (bytes[at] == form[0] && Arrays.equals(bytes, at, at + form.length, form, 0, form.length)) {
                return true;
            }
        }
        return false;
    }
}
