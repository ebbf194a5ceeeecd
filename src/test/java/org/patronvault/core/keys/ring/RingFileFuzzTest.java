package org.patronvault.core.keys.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.ParserFuzz;

/** Fuzz tests of {@code keys/ring.json}: unchanged content opens. Any other is refused, by the parser or the seal. */
final class RingFileFuzzTest extends ParserFuzz {
    private static final byte[] ROOT = new byte[32];
    private static final List<RingFile> WRITTEN = written();

    private static List<RingFile> written() {
        SecureRandom random = new SecureRandom();
        KeyRing ring = KeyRing.create("0123456789abcdef0123456789abcdef", random, Clock.systemUTC());
        KeyRing next = ring.withNewVersions(List.of("name"), random, Clock.systemUTC());
        return List.of(RingFile.seal(ring, 1, ROOT, Optional.empty()), RingFile.seal(next, 2, ROOT, Optional.empty()));
    }

    @Override
    protected String frequent() {
        return "{}[]\":,-0e\\u= ";
    }

    @Override
    protected List<byte[]> right() {
        return WRITTEN.stream().map(RingFile::bytes).toList();
    }

    @Override
    protected int made() {
        return LongRun.times(5_000, 20_000);
    }

    @Override
    protected void check(byte[] input) {
        RingFile file;
        try {
            file = RingFile.parse(input);
        } catch (Refused e) {
            assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED);
            return;
        }
        assertThat(RingFile.parse(file.bytes()).isSame(file)).isTrue();
        assertThat(file.isUnder(file.root(), ROOT.clone()))
                .isEqualTo(WRITTEN.stream().anyMatch(file::isSame));
    }
}
