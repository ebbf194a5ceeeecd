package org.patronvault.core.keys.share;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Shamir;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * One share of a slot key in a form for people: set, threshold, index and 32 secret bytes, in thirty words. The last
 * word is a checksum that misses one error in a thousand. Only its {@link #hash} tells whether a share belongs to a
 * set.
 *
 * <p>{@link #wipe} wipes the value; words are strings, which live until they are collected. Otherwise immutable.
 */
public final class Share {
    /** The number of words of a share. */
    public static final int WORDS = 30;

    private static final int MAX_SET = (1 << 24) - 1;
    private static final int VALUE_BYTES = 32;
    private static final int HEADER_BITS = 24 + 5 + 5;
    private static final int MIN_THRESHOLD = 2;
    private static final int MAX_CHARACTERS = 2_000;
    private static final Pattern BLANKS = Pattern.compile("[\\s\\u00a0]+");
    private static final Pattern PLACE = Pattern.compile("^[0-9]{1,2}(\\.|$)");
    private static final Pattern LETTERS = Pattern.compile("[A-Za-z]+");

    private final int setId;
    private final int threshold;
    private final int index;
    private final byte[] value;

    private Share(int setId, int threshold, int index, byte[] value) {
        this.setId = setId;
        this.threshold = threshold;
        this.index = index;
        this.value = value;
    }

    /**
     * Makes a share from its parts.
     *
     * @param setId the splitting it belongs to, 0 to 2^24 - 1
     * @param threshold how many shares open, 2 to 16
     * @param index its x coordinate, 1 to 16
     * @param value32 copied; the caller wipes its own
     * @throws IllegalArgumentException outside these bounds
     */
    public static Share of(int setId, int threshold, int index, byte[] value32) {
        if (setId < 0 || setId > MAX_SET || !isPossible(threshold, index) || value32.length != VALUE_BYTES) {
            throw new IllegalArgumentException("set must be 0 to 2^24 - 1, threshold 2 to 16, index 1 to 16, the value "
                    + "32 bytes; were " + setId + ", " + threshold + ", " + index + ", " + value32.length);
        }
        return new Share(setId, threshold, index, value32.clone());
    }

    private static boolean isPossible(int threshold, int index) {
        return threshold >= MIN_THRESHOLD && threshold <= Shamir.MAX_SHARES && index >= 1 && index <= Shamir.MAX_SHARES;
    }

    /**
     * Parses a text of {@link #words}. Case, line breaks, further blanks and a card's numbers before its words ("7",
     * "7.") are ignored.
     *
     * @throws Refused with {@code share-mistyped}; the sentence names the place, never the word
     */
    public static Share parse(String text) {
        int[] numbers = numbers(text);
        byte[] bits = Bits.packed(numbers);
        try {
            if (Bits.check(bits) != numbers[WORDS - 1]) {
                throw new Refused(
                        Problem.SHARE_MISTYPED,
                        "Every word is in the list, but one is wrong or two are in each other's place; compare with the"
                                + " card.");
            }
            Share share = ofBits(bits);
            if (!isPossible(share.threshold, share.index)) {
                share.wipe();
                throw new Refused(Problem.SHARE_MISTYPED, "These thirty words are no share; look at the card again.");
            }
            return share;
        } finally {
            Arrays.fill(bits, (byte) 0);
            Arrays.fill(numbers, 0);
        }
    }

    /** Returns the numbers of the thirty words that a person typed. */
    private static int[] numbers(String text) {
        if (text.length() > MAX_CHARACTERS) {
            throw new Refused(Problem.SHARE_MISTYPED, "A share has 30 words and nothing else; this is far longer.");
        }
        List<String> words = Arrays.stream(BLANKS.split(text, -1))
                .map(word -> PLACE.matcher(word).replaceFirst(""))
                .filter(word -> !word.isEmpty())
                .toList();
        List<Integer> numbers = new ArrayList<>();
        for (String word : words) {
            OptionalInt number = LETTERS.matcher(word).matches()
                    ? ShareWords.number(word.toLowerCase(Locale.ROOT))
                    : OptionalInt.empty();
            numbers.add(number.orElseThrow(() -> new Refused(
                    Problem.SHARE_MISTYPED,
                    "Word " + (numbers.size() + 1) + " is not in the list; look at the card again.")));
        }
        if (numbers.size() != WORDS) {
            throw new Refused(Problem.SHARE_MISTYPED, "A share has 30 words; " + numbers.size() + " came.");
        }
        return numbers.stream().mapToInt(Integer::intValue).toArray();
    }

    private static Share ofBits(byte[] bits) {
        byte[] value = new byte[VALUE_BYTES];
        for (int i = 0; i < VALUE_BYTES; i++) {
            value[i] = (byte) Bits.get(bits, HEADER_BITS + 8 * i, 8);
        }
        return new Share(Bits.get(bits, 0, 24), Bits.get(bits, 24, 5), Bits.get(bits, 29, 5), value);
    }

    /**
     * Returns the place, from 1, of one wrong word, or of the first of two swapped neighbours. It tries every such
     * correction against the known shares. Empty if no correction gives a known share, or the text is not thirty words
     * of the list.
     *
     * @param knownHashes the {@link #hash} of each share it may have been
     */
    public static OptionalInt wrongWord(String text, Collection<byte[]> knownHashes) {
        int[] numbers;
        try {
            numbers = numbers(text);
        } catch (Refused e) {
            return OptionalInt.empty();
        }
        byte[] bits = Bits.packed(numbers);
        try {
            boolean right = isKnown(bits, numbers[WORDS - 1], knownHashes);
            for (int at = 0; at < WORDS && !right; at++) {
                if (isMendedAt(at, numbers, bits, knownHashes)) {
                    return OptionalInt.of(at + 1);
                }
            }
            return OptionalInt.empty();
        } finally {
            Arrays.fill(bits, (byte) 0);
            Arrays.fill(numbers, 0);
        }
    }

    private static boolean isMendedAt(int at, int[] numbers, byte[] bits, Collection<byte[]> knownHashes) {
        int last = WORDS - 1;
        if (at == last) {
            return isKnown(bits, Bits.check(bits), knownHashes);
        }
        for (int other = 0; other < ShareWords.COUNT; other++) {
            Bits.change(bits, at, numbers[at] ^ other);
            boolean known = other != numbers[at] && isKnown(bits, numbers[last], knownHashes);
            Bits.change(bits, at, numbers[at] ^ other);
            if (known) {
                return true;
            }
        }
        int exchange = numbers[at] ^ numbers[at + 1];
        Bits.change(bits, at, exchange);
        if (at + 1 == last) {
            boolean known = isKnown(bits, numbers[at], knownHashes);
            Bits.change(bits, at, exchange);
            return known;
        }
        Bits.change(bits, at + 1, exchange);
        boolean known = isKnown(bits, numbers[last], knownHashes);
        Bits.change(bits, at, exchange);
        Bits.change(bits, at + 1, exchange);
        return known;
    }

    private static boolean isKnown(byte[] bits, int checkWord, Collection<byte[]> knownHashes) {
        if (Bits.check(bits) != checkWord) {
            return false;
        }
        Share share = ofBits(bits);
        try {
            byte[] hash = share.hash();
            return knownHashes.stream().anyMatch(known -> MessageDigest.isEqual(known, hash));
        } finally {
            share.wipe();
        }
    }

    /** Returns the thirty words in lower case, separated by one blank. */
    public String words() {
        byte[] bits = Bits.empty();
        try {
            Bits.put(bits, 0, 24, setId);
            Bits.put(bits, 24, 5, threshold);
            Bits.put(bits, 29, 5, index);
            for (int i = 0; i < VALUE_BYTES; i++) {
                Bits.put(bits, HEADER_BITS + 8 * i, 8, value[i] & 0xFF);
            }
            StringBuilder words = new StringBuilder();
            for (int i = 0; i < WORDS - 1; i++) {
                words.append(ShareWords.word(Bits.get(bits, ShareWords.BITS * i, ShareWords.BITS)))
                        .append(' ');
            }
            return words.append(ShareWords.word(Bits.check(bits))).toString();
        } finally {
            Arrays.fill(bits, (byte) 0);
        }
    }

    /** Returns the number of the splitting it belongs to. */
    public int setId() {
        return setId;
    }

    /** Returns a set's name on cards and in messages: six hexadecimal digits. */
    public static String setName(int setId) {
        return String.format("%06x", setId);
    }

    /** Returns how many shares of the set open the slot. */
    public int threshold() {
        return threshold;
    }

    /** Returns its x coordinate. */
    public int index() {
        return index;
    }

    /** Returns a copy of its 32 bytes, which the caller wipes. */
    public byte[] value() {
        return value.clone();
    }

    /**
     * Returns the stored hash by which a wrong share is recognized: SHA-256, 32 bytes. It reveals nothing of the value.
     */
    public byte[] hash() {
        byte[] input = CanonicalBytes.begin("pv1.share-hash")
                .u32(setId)
                .u8(threshold)
                .u8(index)
                .raw(value)
                .bytes();
        try {
            return MessageDigest.getInstance("SHA-256").digest(input);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        } finally {
            Arrays.fill(input, (byte) 0);
        }
    }

    /** Zeroes the value; the share is unusable afterwards. */
    public void wipe() {
        Arrays.fill(value, (byte) 0);
    }

    /** Returns which share it is, never its value. */
    @Override
    public String toString() {
        return "Share[" + index + " of set " + setId + ", REDACTED]";
    }

    /** The 290 bits of a share in 37 bytes, the first bit the highest of the first byte, six zero bits at the end. */
    static final class Bits {
        private static final int BYTES = 37;

        private Bits() {}

        private static byte[] empty() {
            return new byte[BYTES];
        }

        /** Returns the bits of all words but the last. */
        static byte[] packed(int[] numbers) {
            byte[] bits = empty();
            for (int i = 0; i < WORDS - 1; i++) {
                put(bits, ShareWords.BITS * i, ShareWords.BITS, numbers[i]);
            }
            return bits;
        }

        /** Returns the number of the checksum word: the first ten bits of a digest. */
        static int check(byte[] bits) {
            byte[] input = CanonicalBytes.begin("pv1.share").lp(bits).bytes();
            try {
                return get(MessageDigest.getInstance("SHA-256").digest(input), 0, ShareWords.BITS);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            } finally {
                Arrays.fill(input, (byte) 0);
            }
        }

        /** Changes one packed word to the word whose number differs in these bits. */
        private static void change(byte[] bits, int word, int difference) {
            put(bits, ShareWords.BITS * word, ShareWords.BITS, difference);
        }

        private static void put(byte[] bits, int at, int size, int number) {
            for (int i = 0; i < size; i++) {
                int bit = (number >>> (size - 1 - i)) & 1;
                bits[(at + i) / 8] ^= (byte) (bit << (7 - (at + i) % 8));
            }
        }

        private static int get(byte[] bits, int at, int size) {
            int number = 0;
            for (int i = at; i < at + size; i++) {
                number = (number << 1) | ((bits[i / 8] >>> (7 - i % 8)) & 1);
            }
            return number;
        }
    }
}
