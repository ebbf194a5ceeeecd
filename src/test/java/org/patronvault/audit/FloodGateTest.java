package org.patronvault.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.patronvault.model.Actor;
import org.patronvault.model.Alert;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;

/** What becomes of refusals under flood. */
final class FloodGateTest {
    private final AtomicLong nanos = new AtomicLong();
    private final FloodGate gate = new FloodGate(nanos::get);

    private static AccessEvent refused(String name, Problem why) {
        Actor actor = new Actor(Actor.Kind.STAFF, name, "circulation", "NC");
        return AccessEvent.of(TestVault.CLOCK.instant(), actor, Act.REVEAL, Outcome.REFUSED, AuditLog.newRequest())
                .refusedFor(why)
                .on(List.of(Subject.opened(new PatronId(1), Set.of(PatronField.PHONE))));
    }

    private long admitted(AccessEvent event, int times) {
        long admitted = 0;
        for (int i = 0; i < times; i++) {
            admitted += gate.admits(event, Set.of()) ? 1 : 0;
        }
        return admitted;
    }

    @Test
    void ofOneKindSoManyAMinuteHaveEntriesAndOneStandsForTheRest() {
        assertThat(admitted(refused("kim", Problem.FIELD_NOT_ALLOWED), 10_000)).isEqualTo(FloodGate.EACH_MINUTE);
        assertThat(admitted(refused("kim", Problem.REVEAL_LIMIT), 10))
                .as("another reason")
                .isEqualTo(10);
        assertThat(admitted(refused("lee", Problem.FIELD_NOT_ALLOWED), 10))
                .as("somebody else")
                .isEqualTo(10);
        assertThat(gate.admits(refused("kim", Problem.FIELD_NOT_ALLOWED), Set.of(Alert.PROTECTED_ASKED)))
                .as("what somebody must be told of is not hidden behind the others")
                .isTrue();
        assertThat(gate.due(false)).isEmpty();
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        List<AccessEvent> due = gate.due(false);
        assertThat(due).hasSize(1);
        AccessEvent held = due.get(0);
        assertThat(held.count()).isEqualTo(OptionalLong.of(10_000 - FloodGate.EACH_MINUTE));
        assertThat(held.actor().name()).isEqualTo("kim");
        assertThat(held.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(held.reason()).contains(Problem.FIELD_NOT_ALLOWED);
        assertThat(held.subjects()).isEmpty();
        assertThat(gate.admits(held, Set.of())).isTrue();
        assertThat(gate.due(false)).isEmpty();
        assertThat(admitted(refused("kim", Problem.FIELD_NOT_ALLOWED), 1)).isEqualTo(1);
    }

    @Test
    void manyNamesDoNotFillTheMemoryAndWhatWasDoneIsNeverHeldBack() {
        long admitted = 0;
        for (int i = 0; i < 50_000; i++) {
            admitted += gate.admits(refused("n" + i, Problem.FIELD_NOT_ALLOWED), Set.of()) ? 1 : 0;
        }
        assertThat(admitted).isLessThan(1_000 + 2L * FloodGate.EACH_MINUTE);
        assertThat(gate.due(true)).hasSize(1);
        AccessEvent shown = refused("kim", Problem.FIELD_NOT_ALLOWED).ending(Outcome.DISCLOSED);
        assertThat(admitted(shown, 1_000)).isEqualTo(1_000);
    }
}
