package org.patronvault.core.vault;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.lookup.PairwiseSubjects;

/**
 * The vendors at which a patron asked to be forgotten, and how often (P8). A vendor is stored as the tag that
 * {@link PairwiseSubjects} makes of its name, so the tags alone name no vendor.
 *
 * @param times how often for each tag, 1 to 65,535
 */
public record PairwiseResets(Map<Long, Integer> times) {
    /** No resets. */
    public static final PairwiseResets NOWHERE = new PairwiseResets(Map.of());

    /** The most vendors; meta has room for so many. */
    public static final int MOST = 32;

    /** How much longer meta is with {@link #MOST} vendors than with none. */
    public static final int MOST_BYTES = MOST * (Long.BYTES + Short.BYTES);

    private static final int MOST_TIMES = 65_535;

    public PairwiseResets {
        times = Map.copyOf(times);
    }

    /** How often the patron was forgotten at that vendor. */
    public int times(long tag) {
        return times.getOrDefault(tag, 0);
    }

    /**
     * Returns the resets with one more at that vendor.
     *
     * @throws Refused with {@code invalid} if there is no room for it
     */
    public PairwiseResets with(long tag) {
        boolean isNew = !times.containsKey(tag);
        if ((isNew && times.size() == MOST) || times(tag) == MOST_TIMES) {
            throw new Refused(
                    Problem.INVALID,
                    "A patron can be forgotten at " + MOST + " vendors, at each " + MOST_TIMES
                            + " times, and at no more.");
        }
        return atLeast(tag, times(tag) + 1);
    }

    /** Returns the resets with at least that number at the vendor; drops what does not fit. */
    public PairwiseResets atLeast(long tag, int number) {
        Map<Long, Integer> all = new HashMap<>(times);
        all.merge(tag, number, Math::max);
        return all.size() > MOST ? this : new PairwiseResets(all);
    }

    void encode(CanonicalBytes out) {
        Map<Long, Integer> sorted = new TreeMap<>(Long::compareUnsigned);
        sorted.putAll(times);
        out.u8(sorted.size());
        sorted.forEach((tag, number) -> out.u64(tag).u16(number));
    }

    static PairwiseResets decode(CanonicalReader in) {
        int vendors = in.u8();
        if (vendors > MOST) {
            throw malformed();
        }
        Map<Long, Integer> times = new HashMap<>();
        long last = 0;
        for (int i = 0; i < vendors; i++) {
            long tag = in.u64();
            int number = in.u16();
            if (number == 0 || (i > 0 && Long.compareUnsigned(last, tag) >= 0)) {
                throw malformed();
            }
            times.put(tag, number);
            last = tag;
        }
        return new PairwiseResets(times);
    }

    private static IntegrityException malformed() {
        return new IntegrityException("meta: forgotten");
    }
}
