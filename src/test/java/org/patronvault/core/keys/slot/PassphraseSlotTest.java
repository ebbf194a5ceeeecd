package org.patronvault.core.keys.slot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.crypto.Argon2Parameters;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.LongRun;

class PassphraseSlotTest {
    private static final byte[] PASSPHRASE = "four words in a row".getBytes(UTF_8);
    private static final byte[] ROOT = new byte[32];
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Slot.Head HEAD = new Slot.Head(1, 1, 1_795_000_000);

    private static PassphraseSlot slot;

    /** Derived once, because a derivation at full strength takes a second. */
    private static byte[] key;

    @TempDir
    Path directory;

    @BeforeAll
    static void createSlot() {
        new SecureRandom().nextBytes(ROOT);
        slot = PassphraseSlot.create("vault-a", HEAD, PASSPHRASE, ROOT, new SecureRandom());
        key = SlotKdf.derive(PASSPHRASE, slot.salt(), Argon2Parameters.ROOT);
    }

    /** An ordinary build uses the right key, so that only the binding of the wrap can refuse. */
    private static void assertNotAuthentic(PassphraseSlot changed) {
        assertThatThrownBy(() -> changed.unwrap("vault-a", key.clone())).isInstanceOf(IntegrityException.class);
        if (LongRun.ON) {
            assertThatThrownBy(() -> changed.open("vault-a", PASSPHRASE)).isInstanceOf(IntegrityException.class);
        }
    }

    /** The slot as another program would write it, with one member of its Argon2id object changed. */
    private static PassphraseSlot with(String member, int value) {
        ObjectNode json = slot.toJson();
        ((ObjectNode) json.get("argon2id")).put(member, value);
        return PassphraseSlot.ofJson(json);
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= 1;
        return changed;
    }

    private SlotsFile read(String content) throws IOException {
        return SlotsFile.read(Files.writeString(directory.resolve("slots.json"), content));
    }

    @Test
    void aSlotComesBackFromItsFileAsItWas() {
        Path file = directory.resolve("slots.json");
        new SlotsFile("vault-a", List.of(slot)).write(file);
        SlotsFile read = SlotsFile.read(file);
        assertThat(read.vaultId()).isEqualTo("vault-a");
        assertThat(read.slots()).usingRecursiveComparison().isEqualTo(List.of(slot));
        assertThat(((PassphraseSlot) read.slots().get(0)).open("vault-a", PASSPHRASE))
                .isEqualTo(ROOT);
    }

    @ParameterizedTest
    @CsvSource({
        "memoryKiB, 262143", "memoryKiB, 65536", "memoryKiB, 0", "memoryKiB, -1", "passes, 2", "passes, 0",
        "lanes, 3", "lanes, 1", "memoryKiB, 1048577", "memoryKiB, 2147483647", "passes, 11", "lanes, 17"
    })
    void parametersTooWeakOrTooCostlyAreRefusedBeforeTheyAreUsed(String member, int value) {
        assertThatThrownBy(() -> with(member, value).open("vault-a", PASSPHRASE))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED));
    }

    @ParameterizedTest
    @CsvSource({"memoryKiB, 262145", "passes, 4", "lanes, 5"})
    void parametersRaisedWithinTheBoundsAreNotTheOnesThatWereSealed(String member, int value) {
        assertNotAuthentic(with(member, value));
    }

    @Test
    void theRightKeyOpensTheWrapThatWasNotChanged() {
        assertThat(slot.unwrap("vault-a", key.clone())).isEqualTo(ROOT);
    }

    @Test
    void aFlippedBitInTheSaltIsRefused() {
        assertNotAuthentic(new PassphraseSlot(HEAD, Argon2Parameters.ROOT, flipped(slot.salt(), 0), slot.wrap()));
    }

    @Test
    void aFlippedBitInTheWrapIsRefused() {
        assertNotAuthentic(new PassphraseSlot(
                HEAD, Argon2Parameters.ROOT, slot.salt(), flipped(slot.wrap(), slot.wrap().length - 1)));
    }

    @Test
    void aSlotUnderAnotherNumberOrForAnotherRootIsRefused() {
        for (Slot.Head head : List.of(new Slot.Head(2, 1, 1_795_000_000), new Slot.Head(1, 2, 1_795_000_000))) {
            assertNotAuthentic(new PassphraseSlot(head, Argon2Parameters.ROOT, slot.salt(), slot.wrap()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[",
                "{\"format\":\"pv2.slots\",\"vault\":\"v\",\"slots\":[]}",
                "{\"format\":\"pv1.slots\",\"vault\":\"v\",\"slots\":[{\"id\":1,\"kind\":\"none\"}]}",
                "{\"format\":\"pv1.slots\",\"vault\":\"v\",\"slots\":[{\"id\":1,\"kind\":\"passphrase\"}]}"
            })
    void aFileOfAnotherFormIsRefused(String content) {
        assertThatThrownBy(() -> read(content))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED));
    }

    @Test
    void aSlotWithoutItsSaltOrWithAShorterOneIsRefused() throws IOException {
        String form = "{\"format\":\"pv1.slots\",\"vault\":\"v\",\"slots\":[%s]}";
        String one = JSON.writeValueAsString(slot.toJson());
        assertThatThrownBy(() -> read(String.format(form, one.replace("\"salt\"", "\"walt\""))))
                .isInstanceOf(Refused.class);
        assertThatThrownBy(() -> read(String.format(form, one.replace(Slot.text(slot.salt()), "AAAA"))))
                .isInstanceOf(Refused.class);
    }

    @Test
    void aFileWithMoreSlotsThanAnyoneNeedsIsRefused() throws IOException {
        String form = "{\"format\":\"pv1.slots\",\"vault\":\"v\",\"slots\":[%s]}";
        String one = JSON.writeValueAsString(slot.toJson());
        assertThat(read(String.format(form, String.join(",", Collections.nCopies(32, one))))
                        .slots())
                .hasSize(32);
        assertThatThrownBy(() -> read(String.format(form, String.join(",", Collections.nCopies(33, one)))))
                .isInstanceOf(Refused.class);
    }
}
