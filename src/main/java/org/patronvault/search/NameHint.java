package org.patronvault.search;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * What a posting says, in 24 bits, of the part of a name that its term leaves open, so that one list answers for two
 * words: the four letters that follow, and a check of the whole (format.md, "Names in the index").
 * Prints {@code [REDACTED]}.
 */
public record NameHint(int bits) {
    /** Of a posting whose term says all. */
    static final NameHint NONE = new NameHint(0);

    /** How many letters behind those that the term says. */
    static final int LETTERS = 4;

    private static final int ALPHABET = 27;
    private static final int CHECKS = 31;

    /** Of a form whose first {@code known} letters the term says, or would if there were so many. */
    static NameHint of(String form, int known) {
        return new NameHint(letters(form, known) * CHECKS + check(form));
    }

    /** Of a family and a given name, of which the term says the first {@code known} letters and the first. */
    static NameHint ofBoth(String family, int known, String given) {
        int letters = letter(family, known) * ALPHABET + letter(family, known + 1);
        return new NameHint(
                ((letters * ALPHABET + letter(given, 1)) * ALPHABET + letter(given, 2)) * CHECKS + letter(given, 3));
    }

    /** Whether a form with this hint can begin with {@code typed}, whose first {@code known} letters it begins with. */
    boolean begins(String typed, int known) {
        return agrees(typed, known, 0, LETTERS);
    }

    /** The same of both names in a hint of both. */
    boolean beginsBoth(String family, int known, String given) {
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

    /** 1 to 26; 0 behind the end. What is no letter of ours shares a number with one. */
    private static int letter(String form, int at) {
        return at < form.length() ? 1 + Math.floorMod(form.charAt(at) - 'a', ALPHABET - 1) : 0;
    }

    /** By CRC-32C (RFC 3720, section 12.1): of the likely pairs, such as Christina and Christian, it confuses fewest. */
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
