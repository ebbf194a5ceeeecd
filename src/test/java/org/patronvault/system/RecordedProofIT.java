package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.system.RecordedLoad.Known;
import org.patronvault.system.RecordedLoad.Released;
import org.patronvault.testing.LongRun;

/** The proof that nothing was lost, unlogged or done twice finds each of these, planted in what a load wrote down. */
@Tag(LongRun.TAG)
final class RecordedProofIT {
    private static final int OFTEN = 6;

    private static RunningVault vault;
    private static String client;
    private static List<Known> known;
    private static List<Known> erased;
    private static List<Released> released;

    @BeforeAll
    static void work() {
        vault = RunningVault.create().withoutLimits().start();
        client = UnderFault.client(vault);
        try (RecordedLoad load = RecordedLoad.begin(List.of(vault), client, new Random(1), false)) {
            load.awaitAnswered(OFTEN);
            load.finish();
            known = load.known();
            erased = load.erased();
            released = load.released();
            assertThat(load.faults()).isEmpty();
        }
        assertThat(erased).isNotEmpty();
        assertThat(released).hasSizeGreaterThan(2);
    }

    @AfterAll
    static void close() {
        vault.close();
    }

    private static RecordedProof proof(List<Known> there, List<Known> gone, List<Released> told) {
        return new RecordedProof(vault, client, there, gone, told);
    }

    private static <T> List<T> with(List<T> some, T one) {
        List<T> more = new ArrayList<>(some);
        more.add(one);
        return more;
    }

    private static <T> List<T> without(List<T> some, T one) {
        List<T> fewer = new ArrayList<>(some);
        assertThat(fewer.remove(one)).isTrue();
        return fewer;
    }

    @Test
    void nothingIsFoundInWhatIsAsItWas() {
        RecordedProof proof = proof(known, erased, released);
        assertThat(proof.lost()).isEmpty();
        assertThat(proof.unlogged()).isEmpty();
        assertThat(proof.notOnce()).isEmpty();
    }

    @Test
    void acknowledgedChangeThatIsNotThereIsLost() {
        Known one = known.get(0);
        ObjectNode other = one.patron().deepCopy();
        other.putArray("phone").add("475-999-0000");
        Known never = new Known(one.round(), other, one.id(), one.changes() + 1, one.cards());
        RecordedProof proof = proof(with(without(known, one), never), erased, released);
        assertThat(proof.lost()).containsExactly(never);
        assertThat(proof.notOnce()).containsExactly("change " + one.id());
    }

    @Test
    void patronWhoIsThereThoughErasedIsLost() {
        Known one = known.get(0);
        RecordedProof proof = proof(known, with(erased, one), released);
        assertThat(proof.lost()).containsExactly(one);
    }

    @Test
    void patronWhoIsErasedThoughNobodyWasToldOfItIsLost() {
        Known one = erased.get(0);
        RecordedProof proof = proof(with(known, one), without(erased, one), released);
        assertThat(proof.lost()).containsExactly(one);
        assertThat(proof.notOnce()).contains("erase " + one.id());
    }

    @Test
    void registrationThatNobodyWasToldOfIsNotOnce() {
        Known one = known.stream()
                .filter(some -> some.changes() == 0 && some.cards() == 0)
                .findFirst()
                .orElseThrow();
        assertThat(proof(without(known, one), erased, released).notOnce()).containsExactly("register " + one.id());
    }

    @Test
    void plaintextIsUnloggedWhereItsEntryIsOfAnotherPatronFieldPersonOrOfNothing() {
        Released one = released.get(0);
        Released another = released.stream()
                .filter(some -> !some.patron().equals(one.patron()))
                .findFirst()
                .orElseThrow();
        for (Released planted : List.of(
                new Released(one.round(), one.actor(), another.patron(), one.fields(), one.entry()),
                new Released(one.round(), "nobody", one.patron(), one.fields(), one.entry()),
                new Released(one.round(), one.actor(), one.patron(), Set.of("birthday"), one.entry()),
                new Released(one.round(), one.actor(), one.patron(), one.fields(), 0),
                new Released(one.round(), one.actor(), one.patron(), one.fields(), 1L << 40))) {
            assertThat(proof(known, erased, with(without(released, one), planted))
                            .unlogged())
                    .containsExactly(planted);
        }
    }

    @Test
    void plaintextThatWasToldTwiceWithOneEntryIsUnlogged() {
        Released one = released.get(0);
        assertThat(proof(known, erased, with(released, one)).unlogged()).containsExactly(one);
    }
}
