package org.patronvault.core.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;

/** Tests of refusals under flood. */
final class FloodGateTest {
    private final AtomicLong nanos = new AtomicLong();
    private final FloodGate gate = new FloodGate(nanos::get);

    private static AccessEvent refused(String name, Problem why) {
        return refused(new Actor(Actor.Kind.STAFF, name, "circulation", "NC"), why);
    }

    private static AccessEvent refused(Actor actor, Problem why) {
        return AccessEvent.of(
                        LogTestVault.CLOCK.instant(), actor, ActKind.REVEAL, Outcome.REFUSED, AuditLog.newRequest())
                .refusedFor(why)
                .on(List.of(Subject.opened(new PatronId(1), Set.of(PatronField.PHONE))));
    }

    private long admitted(AccessEvent event, int times, Alert... alerts) {
        long admitted = 0;
        for (int i = 0; i < times; i++) {
            admitted += gate.admits(event, Set.of(alerts)) ? 1 : 0;
        }
        return admitted;
    }

    @Test
    void ofOneKindSoManyAMinuteHaveEntriesAndOneStandsForTheRest() {
        assertThat(admitted(refused("kim", Problem.FIELD_NOT_ALLOWED), 10_000)).isEqualTo(FloodGate.EACH_MINUTE);
        assertThat(admitted(refused("lee", Problem.FIELD_NOT_ALLOWED), 10))
                .as("somebody else")
                .isEqualTo(10);
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
    void manyKindsByOnePersonShareAMinuteAndAreCountedApart() {
        long admitted = 0;
        for (Problem why : Problem.values()) {
            for (String role : List.of("circulation", "page")) {
                admitted += admitted(refused(new Actor(Actor.Kind.STAFF, "kim", role, "NC"), why), 100);
            }
        }
        assertThat(admitted).isEqualTo(FloodGate.EACH_MINUTE);
        List<AccessEvent> due = gate.due(true);
        assertThat(due).hasSize(2 * Problem.values().length - FloodGate.EACH_MINUTE / 100);
        assertThat(due).allSatisfy(held -> assertThat(held.count()).isEqualTo(OptionalLong.of(100)));
    }

    @Test
    void manyAboutsByOnePersonDoNotFillTheMemory() {
        for (int i = 0; i < 50_000; i++) {
            gate.admits(refused("kim", Problem.NOT_FOUND).about("n" + i), Set.of());
        }
        List<AccessEvent> due = gate.due(true);
        assertThat(due).hasSizeLessThan(1_000);
        assertThat(due.stream().mapToLong(held -> held.count().orElseThrow()).sum())
                .isEqualTo(50_000 - FloodGate.EACH_MINUTE);
    }

    @Test
    void tryThatSomebodyMustBeToldOfIsNotHiddenBehindOthersButFillsNoDiskEither() {
        assertThat(admitted(refused("kim", Problem.FIELD_NOT_ALLOWED), 10_000)).isEqualTo(FloodGate.EACH_MINUTE);
        AccessEvent asked = refused("kim", Problem.FIELD_NOT_ALLOWED);
        assertThat(admitted(asked, 10_000, Alert.PROTECTED_ASKED)).isEqualTo(FloodGate.ALERTS_EACH_MINUTE);
        assertThat(admitted(asked, 1, Alert.PROTECTED_ASKED, Alert.DECOY_OPENED))
                .as("another alert beside it")
                .isEqualTo(1);
        assertThat(gate.due(true)).hasSize(2);
    }

    @Test
    void floodOfOneKindByWhoHasNotSignedInLeavesRoomForOtherKinds() {
        assertThat(admitted(refused(Actor.NOBODY, Problem.INVALID_CREDENTIALS), 10_000))
                .isEqualTo(FloodGate.EACH_MINUTE);
        long admitted = FloodGate.EACH_MINUTE;
        for (int i = 0; i < 100; i++) {
            admitted +=
                    admitted(refused(Actor.NOBODY, Problem.INVALID_CREDENTIALS).about("n" + i), 100);
        }
        assertThat(admitted).isEqualTo(FloodGate.NAMELESS_EACH_MINUTE);
    }

    @Test
    void whatTheVaultFoundIsNeverHeldBack() {
        AccessEvent byItself = refused(Actor.VAULT, Problem.INVALID).ending(Outcome.FAILED);
        assertThat(admitted(byItself, 10_000)).isEqualTo(10_000);
        AccessEvent asked = refused("cora", Problem.INVALID).ending(Outcome.FAILED);
        assertThat(admitted(asked, 10_000, Alert.CHECK_FOUND)).isEqualTo(10_000);
        assertThat(gate.due(true)).isEmpty();
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
