package org.patronvault.core.keys.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patronvault.core.keys.hsm.HsmAddress;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** Tests of slot files with manipulated values. */
final class SlotsFileTest {
    private static final Slot.Head HEAD = new Slot.Head(3, 1, 1_795_000_000);
    private static final SharesSlot SHARES = SharesSlot.create("vault-a", HEAD, 3, 2, new byte[32], new SecureRandom())
            .slot();
    private static final HsmSlot HSM =
            new HsmSlot(HEAD, new HsmAddress("/usr/lib/p11.so", "desk", "top"), new byte[60], new byte[105]);

    private static byte[] written(String now, String then) {
        String text = new String(new SlotsFile("vault-a", List.of(SHARES, HSM)).bytes(), StandardCharsets.UTF_8);
        assertThat(text).containsPattern(now);
        return text.replaceAll(now, then).getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"id\" : 3|\"id\" : -1",
                "\"id\" : 3|\"id\" : 2147483647",
                "\"root\" : 1|\"root\" : -1",
                "\"set\" : [0-9]+|\"set\" : -1",
                "\"set\" : [0-9]+|\"set\" : 16777216",
                "\"desk\"|\"\\\\ud800\"",
                "\"top\"|\"t\\\\udc00p\"",
            })
    void slotThatNothingCouldBeBoundToIsRefused(String now, String then) {
        assertThat(SlotsFile.parse(written("vault-a", "vault-a")).slots()).hasSize(2);
        byte[] other = written(now, then);
        assertThatThrownBy(() -> SlotsFile.parse(other))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED));
    }
}
