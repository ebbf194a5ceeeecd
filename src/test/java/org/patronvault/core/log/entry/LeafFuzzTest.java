package org.patronvault.core.log.entry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.patronvault.core.crypto.SealedBox;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.testing.ParserFuzz;

/** A fuzz test of log entries: bytes that parse as an entry encode to the same bytes, and all others are refused. */
final class LeafFuzzTest extends ParserFuzz {
    @Override
    protected String frequent() {
        return "\u0000\u0001\u0002\u0010";
    }

    @Override
    protected List<byte[]> right() {
        Actor clerk = new Actor(Actor.Kind.STAFF, "clerk", "circulation", "NC");
        AccessEvent event = AccessEvent.of(
                        Instant.ofEpochSecond(1_795_000_000), clerk, ActKind.SEARCH, Outcome.SEARCHED, new byte[16])
                .about("0123456789abcdef");
        SealedBox.Key content = SealedBox.Key.of(new byte[32]);
        return List.of(
                Leaf.encode(AccessEvent.of(event.time(), clerk, ActKind.SIGN_IN, Outcome.REFUSED, new byte[16])
                        .refusedFor(Problem.SEARCH_LIMIT)),
                Leaf.encode(event, "vault", 5, content),
                Leaf.encode(event.refusedFor(Problem.SEARCH_LIMIT), "vault", 5, content));
    }

    @Override
    protected void check(byte[] input) {
        try {
            LeafInClear leaf = LeafInClear.of(input);
            if (leaf.sealed().length == 0 && !Leaf.hasSubjects(leaf.event())) {
                assertThat(Leaf.encode(leaf.event())).isEqualTo(input);
            }
        } catch (IntegrityException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
    }
}
