package org.patronvault.app.madeup;

import java.util.List;

/**
 * A deterministic stream of random choices, equal for one seed and path on every Java platform (SplitMix64, Steele et
 * al., OOPSLA 2014). Streams of different paths are independent, so each can start without those before it. Not for
 * secrets.
 */
final class SeededRandom {
    private static final long GAMMA = 0x9e3779b97f4a7c15L;

    private long state;

    private SeededRandom(long state) {
        this.state = state;
    }

    /** Returns the stream of {@code seed} at {@code path}. */
    static SeededRandom of(long seed, long... path) {
        long state = mix(seed + GAMMA);
        for (long step : path) {
            state = mix(state ^ mix(step + GAMMA));
        }
        return new SeededRandom(state);
    }

    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
        return b ^ (b >>> 31);
    }

    private long next() {
        state += GAMMA;
        return mix(state);
    }

    /** Draws from 0 to just below 1. */
    double share() {
        return (next() >>> 11) * 0x1.0p-53;
    }

    /** Draws from 0 to {@code bound} - 1. */
    int below(int bound) {
        return (int) (share() * bound);
    }

    boolean chance(double probability) {
        return share() < probability;
    }

    <T> T pick(List<T> things) {
        return things.get(below(things.size()));
    }

    /** Draws the index of a weight, from 0. */
    int weighted(int... weights) {
        int sum = 0;
        for (int weight : weights) {
            sum += weight;
        }
        int at = below(sum);
        int index = 0;
        while (at >= weights[index]) {
            at -= weights[index];
            index++;
        }
        return index;
    }
}
