package org.patronvault.upkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.testing.ParserFuzz;

/** Tests of random bytes as a backup's manifest: an accepted one equals a signed one. */
final class BackupManifestFuzzTest extends ParserFuzz {
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final UnsealedKeys KEYS = keys();
    private static final List<byte[]> SIGNED = List.of(manifest(3), manifest(4));

    private static UnsealedKeys keys() {
        try {
            Path directory = Files.createTempDirectory("keys");
            UnsealedKeys keys = OpenedKeys.create(directory, "0123456789abcdef0123456789abcdef", Clock.systemUTC())
                    .keys();
            try (var files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
            return keys;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] manifest(int patrons) {
        BackupContents contents = new BackupContents(
                KEYS.vaultId(),
                "12",
                7,
                "AAA=",
                "vault\n7\n",
                patrons,
                9,
                1,
                40,
                5,
                new TreeMap<>(Map.of("name", List.of(1, 2))));
        List<BackupFile> files = List.of(new BackupFile("vault.db.sealed", 4_096, "ab".repeat(32)));
        return new BackupManifest("0123456789abcdef", Instant.ofEpochSecond(1_700_000_000), 1, contents, files)
                .signed(KEYS);
    }

    @Override
    protected String frequent() {
        return "{}[]\":,0null ";
    }

    @Test
    void memberThatIsThereTwiceIsOneTooMany() {
        String twice = new String(SIGNED.get(0), StandardCharsets.UTF_8).replaceFirst("\\{", "{\"vault\":\"another\",");
        assertThat(isTaken(twice.getBytes(StandardCharsets.UTF_8))).isFalse();
        assertThat(isTaken(SIGNED.get(0))).isTrue();
    }

    @Test
    void otherSpellingOfWhatWasSignedIsNotWhatWasSigned() {
        String signed = new String(SIGNED.get(0), StandardCharsets.UTF_8);
        for (String other : List.of(signed.replace("\"abab", "\"ABab"), signed.replace("AAA=", "AAB="))) {
            assertThat(other).isNotEqualTo(signed);
            assertThat(isTaken(other.getBytes(StandardCharsets.UTF_8))).isFalse();
        }
    }

    @Override
    protected List<byte[]> right() {
        return SIGNED;
    }

    private static boolean isTaken(byte[] input) {
        try {
            return BackupManifest.open(input, KEYS) != null;
        } catch (IntegrityException e) {
            assertThat(e).hasMessageNotContaining("null");
            return false;
        }
    }

    @Override
    protected void check(byte[] input) {
        if (isTaken(input)) {
            try {
                List<JsonNode> signed = new ArrayList<>();
                for (byte[] one : SIGNED) {
                    signed.add(STRICT.readTree(one));
                }
                assertThat(signed).contains(STRICT.readTree(input));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
