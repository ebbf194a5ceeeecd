package org.patronvault.core.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** Tests of the resets at vendors, as meta stores them. */
final class PairwiseResetsTest {
    private static final long FIRST = 0x0123456789abcdefL;
    private static final long LAST = 0xfedcba9876543210L;

    private static byte[] encoded(PairwiseResets forgotten) {
        CanonicalBytes out = CanonicalBytes.plain();
        forgotten.encode(out);
        return out.bytes();
    }

    private static PairwiseResets decoded(byte[] bytes) {
        CanonicalReader in = CanonicalReader.of(bytes);
        PairwiseResets forgotten = PairwiseResets.decode(in);
        in.end();
        return forgotten;
    }

    private static PairwiseResets everywhere() {
        PairwiseResets all = PairwiseResets.NOWHERE;
        for (long tag = 1; tag <= PairwiseResets.MOST; tag++) {
            all = all.with(tag);
        }
        return all;
    }

    @Test
    void eachTimeCountsForItsVendorAlone() {
        PairwiseResets twice = PairwiseResets.NOWHERE.with(FIRST).with(LAST).with(FIRST);
        assertThat(twice.times(FIRST)).isEqualTo(2);
        assertThat(twice.times(LAST)).isEqualTo(1);
        assertThat(twice.times(0)).isZero();
        assertThat(twice.atLeast(LAST, 3).atLeast(LAST, 2).times(LAST)).isEqualTo(3);
    }

    @Test
    void readBackAsWrittenAndWrittenInOneOrder() {
        PairwiseResets forgotten = PairwiseResets.NOWHERE.with(LAST).with(FIRST).with(LAST);
        assertThat(decoded(encoded(forgotten))).isEqualTo(forgotten);
        assertThat(encoded(forgotten)).asHexString().isEqualTo("02" + "0123456789ABCDEF0001" + "FEDCBA98765432100002");
        assertThat(encoded(PairwiseResets.NOWHERE)).containsExactly(0);
        assertThat(decoded(encoded(everywhere()))).isEqualTo(everywhere());
        assertThat(encoded(everywhere())).hasSize(1 + PairwiseResets.MOST_BYTES);
    }

    @Test
    void moreVendorsThanThereIsRoomForAreRefusedAndThoseThereAreGoOn() {
        assertThatThrownBy(() -> everywhere().with(FIRST))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.INVALID))
                .hasMessageContaining("32 vendors");
        assertThat(everywhere().with(7).times(7)).isEqualTo(2);
        assertThat(everywhere().atLeast(FIRST, 1)).isEqualTo(everywhere());
        PairwiseResets worn = PairwiseResets.NOWHERE.atLeast(FIRST, 65_535);
        assertThat(decoded(encoded(worn))).isEqualTo(worn);
        assertThatThrownBy(() -> worn.with(FIRST)).isInstanceOf(Refused.class);
    }

    @Test
    void anyOtherFormIsRefused() {
        for (String bad : List.of(
                "01" + "0123456789abcdef0000",
                "02" + "fedcba98765432100001" + "0123456789abcdef0001",
                "02" + "0123456789abcdef0001" + "0123456789abcdef0001",
                "02" + "0123456789abcdef0001",
                "01" + "0123456789abcdef0001" + "00",
                "21" + HexFormat.of().formatHex(encoded(everywhere().with(1))).substring(2) + "00000000000000ff0001")) {
            byte[] bytes = HexFormat.of().parseHex(bad);
            assertThatThrownBy(() -> decoded(bytes)).as(bad).isInstanceOf(IntegrityException.class);
        }
    }

    /** The example of format.md. */
    private static byte[] example() throws IOException {
        String block = Files.readString(Path.of("src/site/markdown/format.md"))
                .split("## Meta\n", 2)[1]
                .split("```\n", 3)[1];
        StringBuilder hex = new StringBuilder();
        block.lines().forEach(line -> hex.append(line, 0, Math.min(60, line.length())));
        return HexFormat.of().parseHex(hex.toString().replace(" ", ""));
    }

    @Test
    void metaIsAsTheFormatSays() throws IOException {
        PatronMeta facts = PatronMeta.decode(example());
        assertThat(facts.set())
                .isEqualTo(EnumSet.of(PatronField.CARD, PatronField.NAME, PatronField.ADDRESS, PatronField.PHONE));
        assertThat(facts.generations()).containsEntry(PatronField.ADDRESS, 2L).hasSize(6);
        assertThat(facts.consents().history())
                .containsExactly(new Consent("service", "2018-05", LocalDate.of(2026, 11, 24), "desk", "clerk", true));
        assertThat(facts.forgotten().times()).hasSize(1).containsValue(1);
        assertThat(facts.encode()).isEqualTo(example());
    }

    @Test
    void everyBitSaysSomethingOrIsRefused() {
        PairwiseResets forgotten = PairwiseResets.NOWHERE.with(FIRST).with(LAST).with(LAST);
        byte[] bytes = encoded(forgotten);
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(readIfNotRefused(flipped)).as("bit %d", bit).isNotEqualTo(Optional.of(forgotten));
        }
    }

    private static Optional<PairwiseResets> readIfNotRefused(byte[] bytes) {
        try {
            return Optional.of(decoded(bytes));
        } catch (IntegrityException e) {
            return Optional.empty();
        }
    }
}
