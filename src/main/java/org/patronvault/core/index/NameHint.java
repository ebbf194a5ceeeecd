package org.patronvault.core.index;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * A 24-bit hint in a posting about the part of a name that its term leaves open. So one list answers for two words. It
 * has the next four letters, and a check of the whole (format.md, "Names in the index"). Prints {@code [REDACTED]}.
 */
public record NameHint(int bits) {
    /** The hint of a posting whose term says all. */
    public static final NameHint NONE = new NameHint(0);

    /** The number of letters behind those in the term. */
    public static final int LETTERS = 4;

    private static final int ALPHABET = 27;
    private static final int CHECKS = 31;

    /** Returns the hint of a form whose first {@code known} letters are in the term, as far as it has so many. */
    public static NameHint of(String form, int known) {
        return new NameHint(letters(form, known) * CHECKS + check(form));
    }

    /**
     * Returns the hint of a family and a given name. The term has the first {@code known} letters and the first letter.
     */
    public static NameHint ofBoth(String family, int known, String given) {
        int letters = letter(family, known) * ALPHABET + letter(family, known + 1);
        return new NameHint(
                ((letters * ALPHABET + letter(given, 1)) * ALPHABET + letter(given, 2)) * CHECKS + letter(given, 3));
    }

    /**
     * Whether a form with this hint can begin with {@code typed}. Both have the first {@code known} letters in common.
     */
    public boolean begins(String typed, int known) {
        return agrees(typed, known, 0, LETTERS);
    }

    /** Whether the two names in a hint of both can begin with the typed family and given name. */
    public boolean beginsBoth(String family, int known, String given) {
        return agrees(family, known, 0, 2) && agrees(given, 1, 2, LETTERS + 1);
    }

    private boolean agrees(String typed, int known, int from, int to) {
        return IntStream.range(from, to)
                .allMatch(slot ->
                        known + slot - from >= typed.length() || letterIn(slot) == letter(typed, known + slot - from));
    }

    private int letterIn(int slot) {
        int shifted = bits / CHECKS;
        for (int after = slot + 1; after < LETTERS; after++) {
            shifted /= ALPHABET;
        }
        return slot < LETTERS ? shifted % ALPHABET : bits % CHECKS;
    }

    private static int letters(String form, int from) {
        int letters = 0;
        for (int i = from; i < from + LETTERS; i++) {
            letters = letters * ALPHABET + letter(form, i);
        }
        return letters;
    }

    /** Returns 1 to 26, or 0 behind the end. A character outside a to z shares a number with a letter. */
    private static int letter(String form, int at) {
        return at < form.length() ? 1 + Math.floorMod(form.charAt(at) - 'a', ALPHABET - 1) : 0;
    }

    /**
     * Returns a check by CRC-32C (RFC 3720, section 12.1), which confuses the fewest likely pairs, such as Christina
     * and Christian.
     */
    private static int check(String form) {
        CRC32C crc = new CRC32C();
        crc.update(form.getBytes(StandardCharsets.UTF_8));
        return (int) (crc.getValue() % CHECKS);
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
