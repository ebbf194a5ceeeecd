package org.patronvault.bench;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** One value a round, in the order of the rounds. */
final class Series {
    private final double[] values;

    Series(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("a series has at least one value");
        }
        this.values = values.clone();
    }

    DoubleStream values() {
        return Arrays.stream(values);
    }

    double median() {
        double[] sorted = Arrays.stream(values).sorted().toArray();
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    double min() {
        return Arrays.stream(values).min().orElseThrow();
    }

    double max() {
        return Arrays.stream(values).max().orElseThrow();
    }

    /** Each round's value over the other's of the same round. */
    Series over(Series other) {
        return with(other, (a, b) -> a / b);
    }

    /** Each round's value less the other's of the same round. */
    Series less(Series other) {
        return with(other, (a, b) -> a - b);
    }

    /** {@code dividend} over each value. */
    Series dividing(double dividend) {
        return new Series(Arrays.stream(values).map(value -> dividend / value).toArray());
    }

    private Series with(Series other, java.util.function.DoubleBinaryOperator operator) {
        if (other.values.length != values.length) {
            throw new IllegalArgumentException("both sides need the same rounds");
        }
        return new Series(IntStream.range(0, values.length)
                .mapToDouble(i -> operator.applyAsDouble(values[i], other.values[i]))
                .toArray());
    }
}
