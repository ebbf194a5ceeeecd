package org.patronvault.core.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.keys.hsm.HsmAddress;
import org.patronvault.core.keys.hsm.HsmPin;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.KmsDouble;
import org.patronvault.testing.SoftHsm;

/** Tests of keys behind a token of SoftHSM2 and a key of the KMS double, either of which opens them. */
class MachineSlotsTest {
    private static final String PIN = "161803";

    @TempDir
    static Path directory;

    private static SoftHsm token;
    private static KmsDouble kms;
    private static KeyCustody custody;
    private static MachineSlots machines;

    @BeforeAll
    static void create() {
        token = SoftHsm.token(PIN);
        kms = new KmsDouble();
        try (SlotMaker maker = SlotMaker.forNewVault("0123456789abcdef0123456789abcdef", Clock.systemUTC())) {
            HsmAddress address = new HsmAddress(SoftHsm.library(), token.label(), "root");
            maker.addHsm(address, PIN.toCharArray());
            maker.addKms("aws-kms://" + KmsDouble.ARN);
            custody = KeyRingFactory.create(directory.resolve("keys"), maker, Clock.systemUTC());
        }
        machines = MachineSlots.in(directory.resolve("keys"));
    }

    @BeforeEach
    void seal() {
        custody.seal();
        kms.asUsual();
    }

    @AfterAll
    static void remove() {
        if (kms != null) {
            kms.close();
        }
        if (token != null) {
            token.close();
        }
    }

    private static Optional<HsmPin> pin(String digits) {
        return Optional.of(HsmPin.given(digits.getBytes(StandardCharsets.UTF_8)));
    }

    private static void assertRefused(Problem problem, String sentence, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Refused.class, e -> {
            assertThat(e.problem()).isEqualTo(problem);
            assertThat(e.getMessage()).contains(sentence).doesNotContain(PIN);
        });
    }

    @Test
    void theFirstThatAnswersOpensThem() {
        assertThat(machines.unseal(custody, pin(PIN))).isTrue();
        assertThat(custody.isSealed()).isFalse();
        assertThat(kms.calls()).isZero();
        assertThat(custody.opener()).isEqualTo(custody.slots().get(0).id());
        assertThat(machines.unseal(custody, pin(PIN))).as("they are open").isFalse();
    }

    @Test
    void theOtherOpensThemWhereOneIsAwayOrHasNoPin() {
        assertThat(machines.unseal(custody, Optional.empty())).isTrue();
        assertThat(custody.opener()).isEqualTo(custody.slots().get(1).id());
        custody.seal();
        token.unplug();
        try {
            assertThat(machines.unseal(custody, pin(PIN))).isTrue();
        } finally {
            token.plugIn();
        }
    }

    @Test
    void whatIsWrongWithEachIsSaidAndOneThatMayPassCounts() {
        kms.refuse(500, "KMSInternalException");
        assertRefused(Problem.SLOT_UNAVAILABLE, "The HSM refused the PIN", () -> machines.unseal(custody, pin("000")));
        assertRefused(Problem.SLOT_UNAVAILABLE, "AWS KMS does not answer", () -> machines.look(2));
        machines.look(1);
        assertThat(custody.isSealed()).isTrue();
    }

    @Test
    void factsSayWhatOpensAndWhatItTakes() {
        assertThat(machines.facts())
                .extracting(SlotFacts::openedBy)
                .containsExactly("the key root in the HSM token " + token.label(), "the AWS KMS key " + KmsDouble.ARN);
        assertThat(machines.canBeAsked(Optional.empty())).as("KMS takes no PIN").isTrue();
    }

    @Test
    void drillProvesEachOfThemAndOpensNothing() {
        try (Drill drill = custody.drill()) {
            assertThat(drill.machine(1, pin(PIN)).opened()).isTrue();
            assertThat(drill.machine(2, Optional.empty()).opened()).isTrue();
            assertRefused(Problem.SEALED, "--hsm-pin-file", () -> drill.machine(1, Optional.empty()));
        }
        assertThat(custody.isSealed()).isTrue();
    }
}
