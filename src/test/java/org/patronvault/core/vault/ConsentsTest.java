package org.patronvault.core.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.IntegrityException;

final class ConsentsTest {
    private static final LocalDate DAY = LocalDate.of(2026, 11, 24);

    private static Consent said(String purpose, int day, boolean given) {
        return new Consent(purpose, "2018-05", DAY.plusDays(day), "desk", "kim", given);
    }

    private static byte[] encoded(Consents consents) {
        CanonicalBytes out = CanonicalBytes.plain();
        consents.encode(out);
        return out.bytes();
    }

    private static Consents decoded(byte[] bytes) {
        CanonicalReader in = CanonicalReader.of(bytes);
        Consents consents = Consents.decode(in);
        in.end();
        return consents;
    }

    @Test
    void lastOfEachPurposeHoldsAndSilenceIsNo() {
        Consents consents = Consents.NONE
                .with(said("service", 0, true))
                .with(said("newsletter", 0, true))
                .with(said("newsletter", 1, false));
        assertThat(consents.isGiven("service")).isTrue();
        assertThat(consents.isGiven("newsletter")).isFalse();
        assertThat(consents.isGiven("fundraising")).isFalse();
        assertThat(consents.isWithdrawn()).isFalse();
        assertThat(consents.with(said("service", 2, false)).isWithdrawn()).isTrue();
        assertThat(Consents.NONE.isWithdrawn()).isFalse();
        assertThat(consents.history()).hasSize(3);
    }

    @Test
    void readBackAsWrittenAndADozenInTheRoomOfOne() {
        Consents consents = Consents.NONE;
        for (int n = 0; n < 12; n++) {
            consents = consents.with(said(Consent.PURPOSES.get(n % 3), n, n % 2 == 0));
        }
        assertThat(decoded(encoded(consents))).isEqualTo(consents);
        assertThat(encoded(consents)).hasSizeLessThan(150);
        Consents other = consents.with(new Consent("service", "2027-01", DAY, "letter", "boss", true));
        assertThat(decoded(encoded(other))).isEqualTo(other);
    }

    @Test
    void ofVeryManyTheOldestAreForgottenAndTheLastOfAPurposeNever() {
        Consents consents = Consents.NONE.with(said("service", 0, true));
        for (int n = 1; n <= 100; n++) {
            consents = consents.with(said("newsletter", n, n % 2 == 0));
        }
        assertThat(consents.history()).hasSize(Consents.MOST);
        assertThat(consents.isGiven("service")).isTrue();
        assertThat(consents.last("newsletter").orElseThrow().on()).isEqualTo(DAY.plusDays(100));
        assertThat(decoded(encoded(consents))).isEqualTo(consents);
    }

    @Test
    void ofTwoRecordsWhatWasSaidLaterHoldsAndOfOneDayANo() {
        Consents kept = Consents.NONE.with(said("service", 0, true)).with(said("newsletter", 1, true));
        assertThat(kept.merged(Consents.NONE.with(said("newsletter", 2, false))).isGiven("newsletter"))
                .isFalse();
        assertThat(kept.merged(Consents.NONE.with(said("newsletter", 1, false))).isGiven("newsletter"))
                .isFalse();
        assertThat(kept.merged(Consents.NONE.with(said("newsletter", 0, false))).isGiven("newsletter"))
                .isTrue();
        assertThat(kept.merged(Consents.NONE.with(said("fundraising", 0, true))).isGiven("fundraising"))
                .isTrue();
        assertThat(kept.merged(kept)).isEqualTo(kept);
    }

    @Test
    void bytesThatNameATextOrPurposeThatIsNotThereAreRefused() {
        byte[] good = encoded(Consents.NONE.with(said("service", 0, true)));
        byte[] text = good.clone();
        text[text.length - 1] = 9;
        byte[] purpose = good.clone();
        purpose[purpose.length - 8] = 7;
        for (byte[] bad : new byte[][] {text, purpose}) {
            assertThatThrownBy(() -> decoded(bad)).isInstanceOf(IntegrityException.class);
        }
    }
}
