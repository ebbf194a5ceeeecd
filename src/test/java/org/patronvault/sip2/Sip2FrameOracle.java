package org.patronvault.sip2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import org.patronvault.testing.Kiosk;

/** The checks that must hold for any bytes, cut into messages and parsed. */
final class Sip2FrameOracle {
    private static final List<String> FIELDS = List.of("AA", "AD", "AO", "CN", "CO");
    private static final Pattern SUMMED = Pattern.compile(".*AZ[0-9A-Fa-f]{4}", Pattern.DOTALL);
    private static final int DIGITS = 4;
    private static final int SUMS = 0x10000;

    /** The messages cut; {@code whole} unless there was more than a message can have. */
    private record Cut(List<String> messages, boolean whole, boolean hasBegun) {}

    private Sip2FrameOracle() {}

    /** Fails if a check does not hold for those bytes. */
    static void check(byte[] input) {
        Random random = new Random(Arrays.hashCode(input));
        Cut cut = cut(input, () -> input.length);
        assertThat(cut).isEqualTo(expected(input));
        assertThat(cut(input, () -> 1 + random.nextInt(16))).isEqualTo(cut);
        for (String message : cut.messages().stream().distinct().toList()) {
            checkMessage(message, random);
            if (isSummed(message)) {
                checkMessage(Kiosk.summed(unsummed(message)), random);
            }
        }
    }

    /** Returns the expected messages by the protocol's text: between CR and LF, not empty, not too long. */
    private static Cut expected(byte[] input) {
        List<String> messages = new ArrayList<>();
        String[] pieces = text(input).split("[\r\n]", -1);
        for (int at = 0; at < pieces.length; at++) {
            if (pieces[at].length() > FrameCutter.LONGEST) {
                return new Cut(messages, false, true);
            }
            if (at < pieces.length - 1 && !pieces[at].isEmpty()) {
                messages.add(pieces[at]);
            }
        }
        return new Cut(messages, true, !pieces[pieces.length - 1].isEmpty());
    }

    private static Cut cut(byte[] input, IntSupplier step) {
        FrameCutter cutter = new FrameCutter();
        List<String> messages = new ArrayList<>();
        boolean whole = true;
        int at = 0;
        while (at < input.length) {
            int end = Math.min(input.length, at + step.getAsInt());
            whole = cutter.take(ByteBuffer.wrap(input, at, end - at)) && whole;
            for (Optional<byte[]> next = cutter.next(); next.isPresent(); next = cutter.next()) {
                messages.add(text(next.get()));
            }
            at = end;
        }
        return new Cut(messages, whole, cutter.hasBegun());
    }

    private static void checkMessage(String message, Random random) {
        boolean summed = isSummed(message);
        if (summed) {
            int right = sum(Kiosk.summed(unsummed(message)));
            if (sum(message) != right) {
                assertRefused(message);
                return;
            }
            int wrong = (right + 1 + random.nextInt(SUMS - 1)) % SUMS;
            assertRefused(unsummed(message) + String.format("%04x", wrong));
        }
        Optional<Sip2Frame> parsed = parse(message);
        if (parsed.isEmpty()) {
            return;
        }
        Sip2Frame frame = parsed.get();
        assertThat(frame).hasToString("message " + frame.type().map(Enum::name).orElse("unknown"));
        frame.sequence().ifPresent(digit -> assertThat(digit).isBetween(0, 9));
        assertThat(frame.isDetected())
                .isEqualTo(summed
                        && (frame.sequence().isPresent() || frame.type().equals(Optional.of(MessageType.RESEND))));
        if (!summed) {
            assertThat(frame.sequence()).isEmpty();
            assertReadTheSame(frame, message);
        }
    }

    /** Checks the message with its checksum too, unless its end then reads as a sequence number. */
    private static void assertReadTheSame(Sip2Frame frame, String message) {
        if (message.matches("(?s).*AY[0-9]")) {
            return;
        }
        Optional<Sip2Frame> same = parse(Kiosk.summed(message + "AZ"));
        assertThat(same).isPresent();
        assertThat(same.get().type()).isEqualTo(frame.type());
        for (String field : FIELDS) {
            assertThat(same.get().field(field)).isEqualTo(frame.field(field));
        }
    }

    private static Optional<Sip2Frame> parse(String message) {
        try {
            return Optional.of(Sip2Frame.of(message.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (Sip2Frame.Malformed e) {
            assertThat(e).hasMessage("malformed").hasNoCause();
            return Optional.empty();
        }
    }

    private static void assertRefused(String message) {
        assertThatThrownBy(() -> Sip2Frame.of(message.getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOf(Sip2Frame.Malformed.class);
    }

    /** Whether a message ends with a checksum, behind its type. */
    private static boolean isSummed(String message) {
        return message.length() >= "97AZ".length() + DIGITS
                && SUMMED.matcher(message).matches();
    }

    private static String unsummed(String message) {
        return message.substring(0, message.length() - DIGITS);
    }

    private static int sum(String message) {
        return Integer.parseInt(message.substring(message.length() - DIGITS), 16);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
