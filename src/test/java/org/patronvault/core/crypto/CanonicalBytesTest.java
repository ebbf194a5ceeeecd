package org.patronvault.core.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.patronvault.core.model.IntegrityException;

class CanonicalBytesTest {
    private static final byte[] ALL_PARTS = CanonicalBytes.begin("tag")
            .lp(new byte[] {9})
            .lp("é")
            .u8(255)
            .u16(65_535)
            .u32(0xFFFF_FFFFL)
            .u64(-2)
            .raw(new byte[] {1, 2})
            .bytes();

    @Test
    void partsAreWrittenAsTheFormatSays() {
        assertThat(HexFormat.of().formatHex(ALL_PARTS))
                .isEqualTo("00000003746167" + "0000000109" + "00000002c3a9" + "ff" + "ffff" + "ffffffff"
                        + "fffffffffffffffe" + "0102");
        assertThat(CanonicalBytes.plain().u8(1).u16(0x0203).u32(0x04050607).bytes())
                .containsExactly(1, 2, 3, 4, 5, 6, 7);
    }

    @Test
    void partsAreReadBack() {
        CanonicalReader reader = CanonicalReader.begin(ALL_PARTS, "tag");
        assertThat(reader.lp()).containsExactly(9);
        assertThat(reader.lpString()).isEqualTo("é");
        assertThat(reader.u8()).isEqualTo(255);
        assertThat(reader.u16()).isEqualTo(65_535);
        assertThat(reader.u32()).isEqualTo(0xFFFF_FFFFL);
        assertThat(reader.u64()).isEqualTo(-2);
        assertThat(reader.remaining()).isEqualTo(2);
        assertThat(reader.raw(2)).containsExactly(1, 2);
        reader.end();
    }

    @Test
    void movingABorderBetweenPartsChangesTheBytes() {
        assertThat(CanonicalBytes.plain().lp("ab").lp("c").bytes())
                .isNotEqualTo(CanonicalBytes.plain().lp("a").lp("bc").bytes());
        assertThat(CanonicalBytes.begin("a").lp("").bytes())
                .isNotEqualTo(CanonicalBytes.begin("a").bytes());
    }

    @Test
    void anyTruncationIsRefused() {
        for (int size = 0; size < ALL_PARTS.length; size++) {
            byte[] cut = Arrays.copyOf(ALL_PARTS, size);
            assertThatThrownBy(() -> readAll(cut)).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void extraByteIsRefused() {
        assertThatThrownBy(() -> readAll(Arrays.copyOf(ALL_PARTS, ALL_PARTS.length + 1)))
                .isInstanceOf(IntegrityException.class);
    }

    @Test
    void otherDomainTagIsRefused() {
        assertThatThrownBy(() -> CanonicalReader.begin(ALL_PARTS, "tab"))
                .isInstanceOf(IntegrityException.class)
                .hasMessage("canonical bytes: domain tag");
    }

    @Test
    void lengthBeyondTheEndIsRefusedBeforeAnythingIsAllocated() {
        for (byte[] bytes : new byte[][] {{-1, -1, -1, -1, 0}, {127, -1, -1, -1, 0}, {0, 0, 0, 2, 0}}) {
            assertThatThrownBy(() -> CanonicalReader.of(bytes).lp())
                    .isInstanceOf(IntegrityException.class)
                    .hasMessage("canonical bytes: length");
        }
        assertThatThrownBy(() -> CanonicalReader.of(new byte[1]).raw(-1)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void bytesThatAreNotStrictUtf8AreRefused() {
        for (String hex : new String[] {"ff", "c080", "eda080", "c3", "f4908080"}) {
            byte[] bytes =
                    CanonicalBytes.plain().lp(HexFormat.of().parseHex(hex)).bytes();
            assertThatThrownBy(() -> CanonicalReader.of(bytes).lpString())
                    .isInstanceOf(IntegrityException.class)
                    .hasMessage("canonical bytes: not UTF-8");
        }
    }

    @Test
    void halfASurrogatePairHasNoBytes() {
        assertThatThrownBy(() -> CanonicalBytes.plain().lp("\uD800")).isInstanceOf(IllegalArgumentException.class);
        assertThat(CanonicalBytes.plain().lp("\uD83D\uDE00?").bytes()).hasSize(4 + 5);
    }

    @Test
    void numberOutOfRangeIsNotWritten() {
        CanonicalBytes bytes = CanonicalBytes.plain();
        assertThatThrownBy(() -> bytes.u8(256)).hasMessage("number must be 0 to 255, was 256");
        assertThatThrownBy(() -> bytes.u8(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bytes.u16(65_536)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bytes.u32(1L << 32)).isInstanceOf(IllegalArgumentException.class);
        assertThat(bytes.bytes()).isEmpty();
    }

    @Test
    void longSequencesGrow() {
        CanonicalBytes bytes = CanonicalBytes.plain();
        byte[] part = "0123456789".getBytes(UTF_8);
        for (int i = 0; i < 1_000; i++) {
            bytes.lp(part);
        }
        CanonicalReader reader = CanonicalReader.of(bytes.bytes());
        for (int i = 0; i < 1_000; i++) {
            assertThat(reader.lp()).isEqualTo(part);
        }
        reader.end();
    }

    private static void readAll(byte[] bytes) {
        CanonicalReader reader = CanonicalReader.begin(bytes, "tag");
        reader.lp();
        reader.lpString();
        reader.u8();
        reader.u16();
        reader.u32();
        reader.u64();
        reader.raw(2);
        reader.end();
    }
}
