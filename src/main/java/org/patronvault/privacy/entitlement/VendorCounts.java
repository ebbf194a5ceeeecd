package org.patronvault.privacy.entitlement;

import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The numbers of a vendor's checks, by answer.
 *
 * @param times an absent answer never occurred
 */
public record VendorCounts(Map<CheckAnswer, Long> times) {
    static final VendorCounts NONE = new VendorCounts(Map.of());

    public VendorCounts {
        times = Map.copyOf(times);
    }

    static VendorCounts of(CheckAnswer answer, long times) {
        return new VendorCounts(Map.of(answer, times));
    }

    VendorCounts and(VendorCounts more) {
        Map<CheckAnswer, Long> sum = new EnumMap<>(CheckAnswer.class);
        sum.putAll(times);
        more.times().forEach((answer, count) -> sum.merge(answer, count, Long::sum));
        return new VendorCounts(sum);
    }

    /** How often that answer occurred. */
    public long of(CheckAnswer answer) {
        return times.getOrDefault(answer, 0L);
    }

    /** How many checks there were. */
    public long asked() {
        return times.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The share of entitled among the answered checks, from 0 to 1; empty if none was answered. */
    public OptionalDouble share() {
        long answered = of(CheckAnswer.ENTITLED) + of(CheckAnswer.NOT_ENTITLED);
        return answered == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) of(CheckAnswer.ENTITLED) / answered);
    }
}
