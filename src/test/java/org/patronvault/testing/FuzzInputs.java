package org.patronvault.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The inputs of a fuzz test: those that Jazzer makes, counted, and others made by chance. For one thread. */
public final class FuzzInputs {
    private static final int SEED = 11;
    private static final int PARTS = 8;
    private static final long ASKED = Long.getLong("jazzer.max_executions", 0);
    private static final Path RESOURCES = Path.of("src/test/resources");

    private final byte[] frequent;
    private final long began = System.nanoTime();
    private long count;
    private long rightOnes;
    private boolean underWay;

    /** Inputs in which those characters come often. */
    public FuzzInputs(String frequent) {
        this.frequent = frequent.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Whether Jazzer makes them in this process. */
    static boolean areJazzers() {
        return ASKED > 0;
    }

    /** Tries one more. */
    public void attempt(byte[] input, Consumer<byte[]> check) {
        count++;
        underWay = true;
        check.accept(input);
        underWay = false;
    }

    /** The same, where some are right. */
    void attempt(byte[] input, List<byte[]> right, Consumer<byte[]> check) {
        rightOnes += right.stream().anyMatch(one -> Arrays.equals(one, input)) ? 1 : 0;
        attempt(input, check);
    }

    /**
     * Has in the ledger how many there were, if Jazzer made them, and fails if they were fewer than the command asks for,
     * or one of them failed.
     *
     * @param parser what they were for
     */
    public void requireAsManyAsAskedFor(String parser) {
        if (areJazzers()) {
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
            new FaultLedger("fuzz.csv", "date", "parser", "inputs", "seconds", "broken off")
                    .add(LocalDate.now(ZoneOffset.UTC), parser, count, seconds, underWay || count < ASKED ? 1 : 0);
        }
        assertThat(underWay).as("an input failed").isFalse();
        assertThat(count).isGreaterThanOrEqualTo(ASKED);
    }

    /** Fails unless Jazzer began at those that are right, each of which JUnit tries once before. */
    void requireBegunAt(List<byte[]> right) {
        assertThat(rightOnes).isGreaterThanOrEqualTo(2L * right.size());
    }

    /** Where inputs of a fuzz test lie that are kept; one that fails is put there by Jazzer, if there is such a directory. */
    public static Path directory(Class<?> test, String method) {
        return RESOURCES
                .resolve(test.getPackageName().replace('.', '/'))
                .resolve(test.getSimpleName() + "Inputs")
                .resolve(method);
    }

    /** Those of one, if there are any. */
    public static List<byte[]> kept(Class<?> test, String method) {
        Path directory = directory(test, method);
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            List<byte[]> kept = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                kept.add(Files.readAllBytes(file));
            }
            return kept;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those, and of each some that are a little wrong: shorter, longer, or of another byte in one place. */
    static List<byte[]> andAlike(List<byte[]> right) {
        List<byte[]> all = new ArrayList<>(right);
        for (byte[] one : right) {
            all.add(Arrays.copyOf(one, one.length - 1));
            all.add(Arrays.copyOf(one, one.length + 1));
            for (int part = 0; part < PARTS; part++) {
                int at = one.length * part / PARTS;
                all.add(Arrays.copyOf(one, at));
                byte[] wrong = one.clone();
                wrong[at] ^= 1;
                all.add(wrong);
            }
        }
        return all;
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
