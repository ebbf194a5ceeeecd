package org.patronvault.core.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.patronvault.core.model.IntegrityException;

/** Tests that the stored bytes follow the format text, and not only this code. */
class IndependentReaderTest {
    static Stream<Path> envelopes() {
        return Vectors.folder("envelope").stream();
    }

    @ParameterizedTest
    @MethodSource("envelopes")
    void vectorOpensToItsValueOrFailsAsItSays(Path file) throws Exception {
        JsonNode vector = Vectors.read(file);
        EnvelopeContext context = Vectors.context(vector);
        byte[] stored = Vectors.hex(vector, "stored");
        if (vector.get("expect").asText().equals("integrity")) {
            assertThatThrownBy(() -> EnvelopeCipher.open(Vectors.kek(vector), context, stored, Vectors.padding(vector)))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessage(vector.get("fault").asText());
            return;
        }
        byte[] value = EnvelopeCipher.open(Vectors.kek(vector), context, stored, Vectors.padding(vector));
        assertThat(value).isEqualTo(Vectors.hex(vector, "value"));
        assertThat(context.payloadBinding()).isEqualTo(Vectors.hex(vector, "payloadBinding"));
        assertThat(context.wrapBinding(vector.get("kek").get("version").asInt()))
                .isEqualTo(Vectors.hex(vector, "wrapBinding"));
        assertThat(Vectors.padding(vector).pad(value)).isEqualTo(Vectors.hex(vector, "padded"));
        assertThat(EnvelopeCipher.rowHash(context, stored)).isEqualTo(Vectors.hex(vector, "rowHash"));

        IndependentReader.Decoded decoded =
                IndependentReader.envelope(Vectors.hex(vector.get("kek"), "key"), context, stored);
        assertThat(decoded.value()).isEqualTo(value);
        assertThat(decoded.dek()).isEqualTo(Vectors.hex(vector, "dek"));
        assertThat(decoded.commitment()).isEqualTo(Vectors.hex(vector, "commitment"));
        assertThat(decoded.rowHash()).isEqualTo(Vectors.hex(vector, "rowHash"));
    }

    @Test
    void sealedValueIsDecodedByHand() throws Exception {
        byte[] kek = SecureBytes.random(32);
        EnvelopeContext context = new EnvelopeContext("vault", "meta", "00000000000000ff", 41, "bound".getBytes(UTF_8));
        byte[] value = "Inés".getBytes(UTF_8);

        byte[] stored = EnvelopeCipher.seal(Kek.of(9, kek), context, value, Padding.of(16, 32));

        IndependentReader.Decoded decoded = IndependentReader.envelope(kek, context, stored);
        assertThat(decoded.kekVersion()).isEqualTo(9);
        assertThat(decoded.value()).isEqualTo(value);
        assertThat(decoded.rowHash()).isEqualTo(EnvelopeCipher.rowHash(context, stored));
    }

    @Test
    void payloadOfTwoDeksAuthenticatesUnderBothSoOnlyTheCommitmentRefusesIt() throws Exception {
        JsonNode vector = Vectors.ours("envelope/payload-of-two-deks.json");
        byte[] payload = Envelope.parse(Vectors.hex(vector, "stored")).payload();
        byte[] p = Vectors.context(vector).payloadBinding();
        for (JsonNode dek : vector.get("deks")) {
            byte[] opened = IndependentReader.gcmOpen(
                    HexFormat.of().parseHex(dek.asText()),
                    Arrays.copyOf(payload, 12),
                    Arrays.copyOfRange(payload, 12, payload.length),
                    p);
            assertThat(opened).hasSize(64);
        }
    }

    @Test
    void boxVectorIsReadByBoth() throws Exception {
        JsonNode vector = Vectors.ours("box/box.json");
        byte[] key = Vectors.hex(vector, "key");
        byte[] aad = Vectors.hex(vector, "aad");
        byte[] stored = Vectors.hex(vector, "stored");

        assertThat(SealedBox.open(key, aad, stored)).isEqualTo(Vectors.hex(vector, "plaintext"));
        assertThat(IndependentReader.box(key, aad, stored)).isEqualTo(Vectors.hex(vector, "plaintext"));
    }

    @Test
    void sealedBoxIsDecodedByHand() throws Exception {
        byte[] key = SecureBytes.random(32);
        byte[] aad = "aad".getBytes(UTF_8);
        byte[] plaintext = "plaintext".getBytes(UTF_8);

        assertThat(IndependentReader.box(key, aad, SealedBox.seal(key, aad, plaintext)))
                .isEqualTo(plaintext);
    }
}
