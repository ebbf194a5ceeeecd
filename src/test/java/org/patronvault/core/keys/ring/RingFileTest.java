package org.patronvault.core.keys.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

class RingFileTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-24T10:00:00Z"), ZoneOffset.UTC);
    private static final String VAULT = "vault-a";

    private final byte[] root = new byte[32];
    private final KeyRing ring = KeyRing.create(VAULT, RANDOM, CLOCK);

    @TempDir
    Path directory;

    RingFileTest() {
        RANDOM.nextBytes(root);
    }

    @Test
    void aRingComesBackAsItWasSealed() {
        KeyRing changed = ring.withNewVersions(List.of("name"), RANDOM, CLOCK).withState("name", 1, KeyState.RETIRED);
        Path file = directory.resolve("ring.json");
        RingFile.seal(changed, 1, root, Optional.empty()).write(file);
        KeyRing opened = RingFile.read(file).open(root);
        assertThat(opened.vaultId()).isEqualTo(VAULT);
        assertThat(opened.revision()).isEqualTo(3);
        assertThat(opened.keys()).usingRecursiveComparison().isEqualTo(changed.keys());
    }

    @Test
    void everyFlippedByteIsRefused() {
        RingFile file = RingFile.seal(ring, 1, root, Optional.empty());
        for (int i = 0; i < file.sealed().length; i++) {
            byte[] flipped = file.sealed().clone();
            flipped[i] ^= 1;
            RingFile tampered = new RingFile(VAULT, 1, 1, Optional.empty(), flipped);
            assertThatThrownBy(() -> tampered.open(root)).as("byte %d", i).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void aCutRingIsRefused() {
        byte[] sealed = RingFile.seal(ring, 1, root, Optional.empty()).sealed();
        for (int size : new int[] {0, 1, 72, 73, sealed.length - 1}) {
            RingFile cut = new RingFile(VAULT, 1, 1, Optional.empty(), java.util.Arrays.copyOf(sealed, size));
            assertThatThrownBy(() -> cut.open(root)).as("%d bytes", size).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void anotherRevisionVaultRootOrNumberOfTheRootIsRefused() {
        byte[] sealed = RingFile.seal(ring, 1, root, Optional.empty()).sealed();
        assertThatThrownBy(() -> new RingFile(VAULT, 1, 2, Optional.empty(), sealed).open(root))
                .isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> new RingFile(VAULT, 2, 1, Optional.empty(), sealed).open(root))
                .isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> new RingFile("vault-b", 1, 1, Optional.empty(), sealed).open(root))
                .isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> new RingFile(VAULT, 1, 1, Optional.empty(), sealed).open(new byte[32]))
                .isInstanceOf(IntegrityException.class);
    }

    @Test
    void twoSealedCopiesOfOneRingShareNoBytesAndHaveTwoDigests() {
        RingFile one = RingFile.seal(ring, 1, root, Optional.empty());
        RingFile two = RingFile.seal(ring, 1, root, Optional.empty());
        assertThat(one.sealed()).isNotEqualTo(two.sealed());
        assertThat(one.digest()).isNotEqualTo(two.digest());
    }

    @Test
    void theFileHoldsNoSecretInClear() throws IOException {
        Path file = directory.resolve("ring.json");
        RingFile.seal(ring, 1, root, Optional.empty()).write(file);
        String text = Files.readString(file);
        for (RingKey key : ring.keys()) {
            assertThat(text).doesNotContain(java.util.HexFormat.of().formatHex(key.secret()));
            assertThat(text).doesNotContain(java.util.Base64.getEncoder().encodeToString(key.secret()));
            assertThat(key.toString()).isEqualTo(key.name() + " 1 primary");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "{\"format\":\"pv2.ring\",\"vault\":\"vault-a\",\"revision\":1,\"sealed\":\"\"}",
                "{\"format\":\"pv1.ring\",\"vault\":\"vault-a\",\"revision\":1,\"sealed\":\"?\"}",
                "{\"format\":\"pv1.ring\",\"vault\":\"vault-a\",\"revision\":1,\"root\":-1,\"sealed\":\"\"}",
                "{\"format\":\"pv1.ring\",\"vault\":\"\\ud800\",\"revision\":1,\"root\":1,\"sealed\":\"\"}"
            })
    void aFileThatIsNoRingIsRefusedWithWhatToDo(String content) throws IOException {
        Path file = Files.writeString(directory.resolve("ring.json"), content);
        assertThatThrownBy(() -> RingFile.read(file))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED));
    }

    @Test
    void aFileThatSaysFarMoreThanARingDoesIsRefused() {
        String more = "{\"format\":\"pv1.ring\",\"more\":[" + "{},".repeat(1_000) + "0]}";
        assertThatThrownBy(() -> RingFile.parse(more.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED));
    }

    @Test
    void aVersionAboveTheHighestIsRefused() {
        byte[] payload = ring.encode();
        KeyRing changed = KeyRing.decode(payload);
        assertThat(changed.keys().get(0).version()).isEqualTo(1);
        // The name of the first key comes after the vault's id, the revision, the latch and the count.
        int version = CanonicalBytes.begin("pv1.ring.payload").lp(VAULT).bytes().length
                + Long.BYTES
                + 1
                + Integer.BYTES
                + CanonicalBytes.plain().lp(changed.keys().get(0).name()).bytes().length;
        payload[version] = (byte) 0x80;
        assertThatThrownBy(() -> KeyRing.decode(payload)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void oneNewVersionMakesOnePrimaryAndLeavesOtherKeysAlone() {
        KeyRing next = ring.withNewVersions(List.of("phone"), RANDOM, CLOCK);
        assertThat(next.primary("phone").version()).isEqualTo(2);
        assertThat(next.version("phone", 1).orElseThrow().state()).isEqualTo(KeyState.ACTIVE);
        assertThat(next.version("phone", 1).orElseThrow().secret())
                .isEqualTo(ring.primary("phone").secret());
        assertThat(next.primary("name").version()).isEqualTo(1);
        assertThat(ring.primary("phone").version()).isEqualTo(1);
        assertThat(next.withState("phone", 1, KeyState.DESTROYED).version("phone", 1))
                .isEmpty();
    }
}
