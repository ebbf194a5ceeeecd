package org.patronvault.sip2;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Bad input to the gateway: inputs that are kept, and others made of these by chance, the same ones each time. With
 * {@code mvn -B -Pfuzz test} Jazzer makes a million for each fuzz test, led by which ways through the code they take; one
 * that fails is kept with the others.
 */
final class Sip2FuzzTest {
    private static final Path KEPT = Path.of("src/test/resources/org/patronvault/sip2/Sip2FuzzTestInputs");
    private static final int MADE_FOR_PARSER = 16_000;
    private static final int MADE_FOR_SESSION = 4_000;
    private static final long ASKED = Long.getLong("jazzer.max_executions", 0);
    private static final byte[] FREQUENT = "\r\n|AYZ019".getBytes(StandardCharsets.US_ASCII);
    private static Optional<SessionOracle> sessions = Optional.empty();
    private static long inputs;

    @FuzzTest(maxDuration = "")
    void parser(byte[] input) {
        inputs++;
        FrameOracle.check(input);
    }

    @FuzzTest(maxDuration = "")
    void session(byte[] input) {
        inputs++;
        int unused = sessions().check(input);
    }

    /** Made at the first input, so that Jazzer sees its classes come. */
    private static SessionOracle sessions() {
        if (sessions.isEmpty()) {
            sessions = Optional.of(new SessionOracle());
        }
        return sessions.get();
    }

    @AfterAll
    static void closeHavingTriedAsManyAsAskedFor() {
        sessions.ifPresent(SessionOracle::close);
        sessions = Optional.empty();
        assertThat(inputs).isGreaterThanOrEqualTo(ASKED);
    }

    @Test
    void parserHoldsForKeptInputsAndOthersMadeOfThem() {
        List<byte[]> kept = kept("parser");
        kept.forEach(FrameOracle::check);
        Random random = new Random(11);
        for (int n = 0; n < MADE_FOR_PARSER; n++) {
            FrameOracle.check(changed(kept, random));
        }
    }

    @Test
    void sessionHoldsForKeptInputsAndOthersMadeOfThem() {
        List<byte[]> kept = kept("session");
        int answers = kept.stream().mapToInt(sessions()::check).sum();
        Random random = new Random(11);
        for (int n = 0; n < MADE_FOR_SESSION; n++) {
            answers += sessions().check(changed(kept, random));
        }
        assertThat(answers).isGreaterThan(MADE_FOR_SESSION);
    }

    private static List<byte[]> kept(String of) {
        try (Stream<Path> files = Files.list(KEPT.resolve(of))) {
            List<byte[]> kept = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                kept.add(Files.readAllBytes(file));
            }
            return kept;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The begin of one and the end of another, with a few bytes changed. */
    private static byte[] changed(List<byte[]> kept, Random random) {
        byte[] begin = kept.get(random.nextInt(kept.size()));
        byte[] end = kept.get(random.nextInt(kept.size()));
        int from = random.nextInt(end.length + 1);
        int length = random.nextInt(begin.length + 1);
        byte[] both = Arrays.copyOf(begin, length + end.length - from);
        System.arraycopy(end, from, both, length, end.length - from);
        for (int n = random.nextInt(4); n > 0 && both.length > 0; n--) {
            both[random.nextInt(both.length)] =
                    random.nextBoolean() ? (byte) random.nextInt() : FREQUENT[random.nextInt(FREQUENT.length)];
        }
        return both;
    }
}
