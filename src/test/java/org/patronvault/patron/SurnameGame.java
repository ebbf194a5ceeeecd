package org.patronvault.patron;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.crypto.CanonicalReader;
import org.patronvault.model.PatronId;
import org.patronvault.patron.StolenCopy.Row;

/**
 * What a thief does who takes it that patrons listed together by searches share a surname (design.md, "The access
 * log"): he looks in a copy for whatever ties two patrons to each other. He knows the tables and no key, and treats all
 * tables alike, so that one that is added later is looked at too.
 */
final class SurnameGame {
    /** A string that more patrons have in common is part of the format; no surname has half as many bearers. */
    private static final int MOST = 40;

    /** So many rows or pages apart, two patrons are still near each other. */
    private static final int NEAR = 8;

    private static final int ENVELOPE_HEADER_BYTES = 5;
    private static final int TAG_OF_SUBJECTS = 17;

    private final StolenCopy copy;
    private final int patrons;
    private final ByteStrings theirs = new ByteStrings(MOST);
    private final ByteStrings ids = new ByteStrings(MOST);
    private final Map<String, List<BitSet>> found = new LinkedHashMap<>();

    /** Of those patrons, who are told by their numbers. */
    SurnameGame(StolenCopy copy, List<PatronId> patrons) {
        this.copy = copy;
        this.patrons = patrons.size();
        Map<ByteBuffer, Integer> numbers = new HashMap<>();
        for (int p = 0; p < patrons.size(); p++) {
            byte[] id = ByteBuffer.allocate(Long.BYTES)
                    .putLong(patrons.get(p).number())
                    .array();
            numbers.put(ByteBuffer.wrap(id), p);
            for (byte[] form : forms(id, patrons.get(p))) {
                theirs.add(form, p);
                ids.add(form, p);
            }
        }
        for (Row row : copy.rows()) {
            for (byte[] column : row.columns().values()) {
                Integer patron = numbers.get(ByteBuffer.wrap(column));
                if (patron != null) {
                    strings(row).forEach(string -> theirs.add(string, patron));
                }
            }
        }
        copy.rows()
                .forEach(row -> found.computeIfAbsent(row.table(), any -> new ArrayList<>())
                        .add(found(row)));
    }

    /** A patron's number in each form in which somebody might have written it. */
    private static List<byte[]> forms(byte[] id, PatronId patron) {
        byte[] reversed = new byte[id.length];
        for (int i = 0; i < id.length; i++) {
            reversed[i] = id[id.length - 1 - i];
        }
        return List.of(
                id,
                reversed,
                ascii(patron.toString()),
                ascii(patron.toString().toUpperCase(Locale.ROOT)),
                ascii(Long.toString(patron.number())),
                ascii(Long.toUnsignedString(patron.number())),
                ascii(Base64.getEncoder().encodeToString(id)),
                ascii(Base64.getUrlEncoder().encodeToString(id)));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** What a row holds, and how long it is: eight bytes for each length in a column, of each kind of row. */
    private static List<byte[]> strings(Row row) {
        List<byte[]> strings = new ArrayList<>(row.columns().values());
        String kind = row.table() + "." + text(row, "kind") + "." + text(row, "field");
        row.columns()
                .forEach((column, value) -> strings.add(ByteBuffer.allocate(Long.BYTES)
                        .putInt((kind + "." + column).hashCode())
                        .putInt(value.length)
                        .array()));
        return strings;
    }

    private static String text(Row row, String column) {
        return new String(row.columns().getOrDefault(column, new byte[0]), StandardCharsets.UTF_8);
    }

    private BitSet found(Row row) {
        BitSet who = new BitSet();
        strings(row).forEach(string -> theirs.find(string, who));
        return who;
    }

    /** Who is named, or has eight bytes of what is stored of them, in one row of any table. */
    PairScores byRows() {
        PairScores scores = new PairScores(patrons);
        found.values().forEach(rows -> rows.forEach(scores::together));
        return scores;
    }

    /** Whose numbers are on one page, or in rows or pages that lie near each other. */
    PairScores byPlaces() {
        PairScores scores = new PairScores(patrons);
        List<BitSet> onPages = copy.pages().stream().map(this::numbered).toList();
        onPages.forEach(scores::together);
        addNear(onPages, scores);
        found.values().forEach(rows -> addNear(rows, scores));
        return scores;
    }

    private BitSet numbered(byte[] page) {
        BitSet who = new BitSet();
        ids.find(page, who);
        // Where all are, nobody is near anybody.
        return who.cardinality() > MOST ? new BitSet() : who;
    }

    private static void addNear(List<BitSet> places, PairScores scores) {
        List<BitSet> inUse = places.stream().filter(who -> !who.isEmpty()).toList();
        for (int at = 0; at < inUse.size(); at++) {
            for (int apart = 1; apart <= NEAR && apart <= at; apart++) {
                scores.near(inUse.get(at - apart), inUse.get(at), 1.0 / apart);
            }
        }
    }

    /**
     * The columns in which eight bytes of what ought to look random, sealed values, labels and MACs, are there twice.
     * By chance that is so once in a million copies.
     */
    Set<String> recurring() {
        Map<String, LongStream.Builder> random = new TreeMap<>();
        for (Row row : copy.rows()) {
            row.columns().forEach((column, value) -> {
                String name = row.table() + "." + column;
                ByteStrings.each(random(name, value), random.computeIfAbsent(name, any -> LongStream.builder()));
            });
        }
        Set<String> recurring = new TreeSet<>();
        random.forEach((column, strings) -> {
            long[] sorted = strings.build().sorted().toArray();
            if (IntStream.range(1, sorted.length).anyMatch(i -> sorted[i] == sorted[i - 1])) {
                recurring.add(column);
            }
        });
        return recurring;
    }

    /** The part of a stored value that ought to look random; of what is in clear nothing. */
    private static byte[] random(String column, byte[] value) {
        return switch (column) {
            case "access_log.leaf" -> subjects(value);
            case "patron_value.envelope" -> Arrays.copyOfRange(value, ENVELOPE_HEADER_BYTES, value.length);
            case "search_index.label",
                    "search_index.value",
                    "authority.mac",
                    "limit_seen.token",
                    "idempotency.key",
                    "idempotency.request",
                    "idempotency.answer",
                    "log_tile.hashes" -> value;
            default -> new byte[0];
        };
    }

    /** The sealed member of a log entry (format.md, "Log leaf"); empty where there is none. */
    static byte[] subjects(byte[] leaf) {
        CanonicalReader in = CanonicalReader.of(leaf);
        in.u8();
        while (in.remaining() > 0) {
            int tag = in.u8();
            byte[] value = in.lp();
            if (tag == TAG_OF_SUBJECTS) {
                return value;
            }
        }
        return new byte[0];
    }

    /** The entry with something else in the place of its sealed member. */
    static byte[] withSubjects(byte[] leaf, byte[] subjects) {
        CanonicalReader in = CanonicalReader.of(leaf);
        CanonicalBytes out = CanonicalBytes.plain().u8(in.u8());
        while (in.remaining() > 0) {
            int tag = in.u8();
            byte[] value = in.lp();
            out.u8(tag).lp(tag == TAG_OF_SUBJECTS ? subjects : value);
        }
        return out.bytes();
    }
}
