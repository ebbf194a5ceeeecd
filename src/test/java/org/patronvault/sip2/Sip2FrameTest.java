package org.patronvault.sip2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.testing.Kiosk;

/** Tests of messages that are cut from the input, and parsed. */
final class Sip2FrameTest {
    private static final String TIME = "20261124    083000";

    private static Sip2Frame frame(String text) throws Sip2Frame.Malformed {
        return Sip2Frame.of(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Both lines are from published examples. */
    @ParameterizedTest
    @CsvSource({"941AY0AZ,FDFD", "9900401.00AY1AZ,FCA5", "96AZ,FEF6"})
    void checksumIsThatOfPublishedExamples(String message, String sum) {
        assertThat(Checksum.append(message)).isEqualTo(message + sum);
        assertThat(Kiosk.summed(message)).isEqualTo(message + sum);
    }

    @Test
    void publishedStatusRequestIsRead() throws Sip2Frame.Malformed {
        Sip2Frame status = frame("9900401.00AY1AZFCA5");
        assertThat(status.type()).contains(MessageType.STATUS);
        assertThat(status.sequence()).hasValue(1);
        assertThat(status.isDetected()).isTrue();
        assertThat(status.fixed(1, 3)).isEqualTo("040");
    }

    @Test
    void fieldsAreReadInAnyOrderAndWithoutTheLastBar() throws Sip2Frame.Malformed {
        Sip2Frame asked = frame("23001" + TIME + "ADpin|AAcard \u00e9|XXmore|AO");
        assertThat(asked.field("AA")).contains("card \u00e9");
        assertThat(asked.field("AD")).contains("pin");
        assertThat(asked.field("AO")).contains("");
        assertThat(asked.field("AC")).isEmpty();
        assertThat(asked.fixed(0, 3)).isEqualTo("001");
        assertThat(asked.isDetected()).isFalse();
        assertThat(asked).hasToString("message PATRON_STATUS");
        assertThat(frame("9900002.00|AY1AZFC2C").isDetected()).isTrue();
        assertThat(frame("23001" + TIME + "|AAcard||AD|").field("AA")).contains("card");
    }

    @Test
    void resendHasAChecksumAndNoSequenceNumber() throws Sip2Frame.Malformed {
        assertThat(frame(Kiosk.summed("97AZ")).isDetected()).isTrue();
        assertThat(frame("97").isDetected()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "9",
                "941AY0AZFDFC",
                "9900401.00AY2AZFCA5",
                "99004",
                "23001" + "20261124",
                "23001" + TIME + "A",
                "23001" + TIME + "AAone|AAtwo|",
                "23001" + TIME + "AA\u0000|",
                "23001" + TIME + "AA\u007f|",
                "9300CNlogin|COpass\tword|",
                "35"
            })
    void whatIsNoMessageIsRefused(String text) {
        assertThatThrownBy(() -> frame(text))
                .isInstanceOf(Sip2Frame.Malformed.class)
                .hasMessage("malformed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"17" + TIME + "AOx|AB1|", "11YN" + TIME, "zz", "00", "64", "96AZFEF6"})
    void messageThatIsNotUnderstoodIsNone(String text) throws Sip2Frame.Malformed {
        assertThat(frame(text).type()).isEmpty();
    }

    @Test
    void messagesAreCutAtEitherEndWhereverTheBytesBreak() {
        String sent = "\r\n99one\r\n\n23two\r63three\n\r97four";
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            FrameCutter cutter = new FrameCutter();
            List<String> cut = new ArrayList<>();
            int at = 0;
            while (at < sent.length()) {
                int end = Math.min(sent.length(), at + 1 + random.nextInt(6));
                assertThat(cutter.take(ByteBuffer.wrap(sent.substring(at, end).getBytes(StandardCharsets.US_ASCII))))
                        .isTrue();
                for (Optional<byte[]> next = cutter.next(); next.isPresent(); next = cutter.next()) {
                    cut.add(new String(next.get(), StandardCharsets.US_ASCII));
                }
                at = end;
            }
            assertThat(cut).containsExactly("99one", "23two", "63three");
            assertThat(cutter.hasBegun()).isTrue();
        }
    }

    @Test
    void messageThatIsTooLongIsNotKept() {
        FrameCutter cutter = new FrameCutter();
        assertThat(cutter.take(ByteBuffer.allocate(FrameCutter.LONGEST))).isTrue();
        assertThat(cutter.take(ByteBuffer.allocate(1))).isFalse();
        assertThat(cutter.take(ByteBuffer.wrap(new byte[] {'\r', '9', '7', '\r'})))
                .isFalse();
        assertThat(cutter.next()).isEmpty();
    }
}
