package org.patronvault.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.patronvault.crypto.SealedBox;
import org.patronvault.model.Actor;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.testing.FuzzInputs;

/** Bytes in place of an entry of the log: what is taken for one says what it says, and all else is refused. */
final class LeafFuzzTest {
    private static final FuzzInputs INPUTS = new FuzzInputs("\u0000\u0001\u0002\u0010");

    @FuzzTest(maxDuration = "")
    void parser(byte[] input) {
        INPUTS.count();
        check(input);
    }

    @AfterAll
    static void triedAsManyAsAskedFor() {
        INPUTS.requireAsManyAsAskedFor();
    }

    @Test
    void parserHoldsForOthersMadeOfRightOnes() {
        INPUTS.holdsFor(right(), 20_000, LeafFuzzTest::check);
    }

    private static List<byte[]> right() {
        Actor clerk = new Actor(Actor.Kind.STAFF, "clerk", "circulation", "NC");
        AccessEvent event = AccessEvent.of(
                        Instant.ofEpochSecond(1_795_000_000), clerk, Act.SEARCH, Outcome.SEARCHED, new byte[16])
                .about("0123456789abcdef");
        SealedBox.Key content = SealedBox.Key.of(new byte[32]);
        return List.of(
                Leaf.encode(event, "vault", 5, content),
                Leaf.encode(event.refusedFor(Problem.SEARCH_LIMIT), "vault", 5, content));
    }

    private static void check(byte[] input) {
        try {
            LeafInClear.of(input);
        } catch (IntegrityException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
    }
}
