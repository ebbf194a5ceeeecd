package org.patronvault.sip2;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.FuzzInputs;

/**
 * A fuzz test of the gateway: stored inputs, and random changes of them that are equal in every run. With
 * {@code mvn -B -Pfuzz test}, Jazzer makes a million inputs for each fuzz test, guided by code coverage. Inputs that
 * fail are stored too.
 */
final class Sip2FuzzTest {
    private static final int MADE_FOR_PARSER = 16_000;
    private static final int MADE_FOR_SESSION = 4_000;
    private static final FuzzInputs INPUTS = new FuzzInputs("\r\n|AYZ019");
    private static Optional<Sip2SessionOracle> sessions = Optional.empty();

    @FuzzTest(maxDuration = "")
    void parser(byte[] input) {
        INPUTS.attempt(input, Sip2FrameOracle::check);
    }

    @FuzzTest(maxDuration = "")
    void session(byte[] input) {
        INPUTS.attempt(input, sessions()::check);
    }

    /** Made at the first input, so that Jazzer sees its classes load. */
    private static Sip2SessionOracle sessions() {
        if (sessions.isEmpty()) {
            sessions = Optional.of(new Sip2SessionOracle());
        }
        return sessions.get();
    }

    @AfterAll
    static void closeHavingTriedAsManyAsAskedFor() {
        String parser = Sip2FuzzTest.class.getSimpleName() + (sessions.isPresent() ? " session" : "");
        sessions.ifPresent(Sip2SessionOracle::close);
        sessions = Optional.empty();
        INPUTS.requireAsManyAsAskedFor(parser);
    }

    @Test
    void parserHoldsForKeptInputsAndOthersMadeOfThem() {
        INPUTS.holdsFor(kept("parser"), MADE_FOR_PARSER, Sip2FrameOracle::check);
    }

    @Test
    void sessionHoldsForKeptInputsAndOthersMadeOfThem() {
        List<byte[]> kept = kept("session");
        int answers = kept.stream().mapToInt(sessions()::check).sum();
        Random random = new Random(11);
        for (int n = 0; n < MADE_FOR_SESSION; n++) {
            answers += sessions().check(INPUTS.changed(kept, random));
        }
        assertThat(answers).isGreaterThan(MADE_FOR_SESSION);
    }

    private static List<byte[]> kept(String of) {
        return FuzzInputs.kept(Sip2FuzzTest.class, of);
    }
}
