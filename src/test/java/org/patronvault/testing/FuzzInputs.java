package org.patronvault.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** The inputs of a fuzz test: those that Jazzer makes, counted, and others made by chance. For one thread. */
public final class FuzzInputs {
    private static final int SEED = 11;
    private static final long ASKED = Long.getLong("jazzer.max_executions", 0);

    private final byte[] frequent;
    private long count;

    /** Inputs that are counted alone. */
    FuzzInputs() {
        this("0");
    }

    /** Inputs in which those characters come often. */
    public FuzzInputs(String frequent) {
        this.frequent = frequent.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** One more was tried. */
    public void count() {
        count++;
    }

    /** Fails if there were fewer than the command asks for. */
    public void requireAsManyAsAskedFor() {
        assertThat(count).isGreaterThanOrEqualTo(ASKED);
    }

    /** Tries right ones, and so many that are made of them, the same ones each time. */
    public void holdsFor(List<byte[]> right, int made, Consumer<byte[]> check) {
        right.forEach(check);
        Random random = new Random(SEED);
        for (int n = 0; n < made; n++) {
            check.accept(changed(right, random));
        }
    }

    /** The begin of one and the end of another, with a few bytes changed. */
    public byte[] changed(List<byte[]> kept, Random random) {
        byte[] begin = kept.get(random.nextInt(kept.size()));
        byte[] end = kept.get(random.nextInt(kept.size()));
        int from = random.nextInt(end.length + 1);
        int length = random.nextInt(begin.length + 1);
        byte[] both = Arrays.copyOf(begin, length + end.length - from);
        System.arraycopy(end, from, both, length, end.length - from);
        for (int n = random.nextInt(4); n > 0 && both.length > 0; n--) {
            both[random.nextInt(both.length)] =
                    random.nextBoolean() ? (byte) random.nextInt() : frequent[random.nextInt(frequent.length)];
        }
        return both;
    }
}
