package org.patronvault.sip2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.model.Sensitive;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.Kiosk;
import org.patronvault.testing.OpenVault;

/**
 * A vault with a session over it, and the expected answers to any input. Each answer is predicted to the byte from the
 * input and the page for vendors. So an answer holds nothing else, and a connection ends for no other reason. An
 * exception that the session hides would end it.
 *
 * <p>The first byte of an input names the account, and whether it has signed in already. The rest is sent. A message
 * that ends with {@code AZ} stands for one with its checksum, which random input never hits.
 */
final class Sip2SessionOracle implements AutoCloseable {
    private static final String CARD = "GOOD";
    private static final List<String> STORED =
            List.of("Katherine", "Sullivan", "203-555-0143", "2035550143", "kat@example.org", "Elm Street", "Norwalk");
    private static final String INSTITUTION = "NC library";
    private static final String LOGIN = "kiosk";
    private static final String PASSWORD = "door";
    private static final String NOW = "20261124    090000";
    private static final String ASK_AGAIN = Kiosk.summed("96AZ");
    private static final Duration REPEATED = Duration.ofSeconds(30);
    private static final int MOST_BROKEN = 20;
    private static final int MOST_BROKEN_LOGINS = 5;

    private static final List<Sip2Account> ACCOUNTS = List.of(
            account("CP850", false, false, Sip2Account.Refusal.BLN, false, ""),
            account("UTF-8", true, true, Sip2Account.Refusal.BLY, false, "Bitte an die Theke, f\u00fcr alles Weitere."),
            account("ISO-8859-1", false, false, Sip2Account.Refusal.BLN, true, ""));

    private final OpenVault vault;
    private final EntitlementPort desk;
    private final List<Logins> logins;
    private int talks;

    /** Creates an oracle on a vault of its own with one patron. */
    Sip2SessionOracle() {
        vault = OpenVault.under(new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                .replace("cardMinute: 600", "cardMinute: 1000000")
                .replace("clientMinute: 600", "clientMinute: 1000000"));
        vault.register(
                "'card':'" + CARD + "','name':{'family':'Sullivan','given':'Katherine'},"
                        + "'phone':['203-555-0143'],'email':['kat@example.org'],"
                        + "'address':{'line1':'1 Elm Street','city':'Norwalk','region':'CT','postalCode':'06851','country':'US'}");
        vault.addVendor(LOGIN);
        desk = new EntitlementPort(
                vault.vault().access(),
                vault.vault().privacy().entitlements(),
                vault.vault().seal(),
                vault.clock(),
                ZoneOffset.UTC);
        logins = ACCOUNTS.stream()
                .map(account -> new Logins(List.of(account), 600, vault.clock()))
                .toList();
    }

    private static Sip2Account account(
            String charset,
            boolean lineFeed,
            boolean detection,
            Sip2Account.Refusal refusal,
            boolean pin,
            String message) {
        return new Sip2Account(
                LOGIN,
                Sensitive.of(PASSWORD.getBytes(StandardCharsets.US_ASCII)),
                LOGIN,
                "ebooks",
                Charset.forName(charset),
                lineFeed,
                detection,
                refusal,
                pin,
                message);
    }

    /** Fails if there is an answer that must not be. Returns how many answers there were. */
    int check(byte[] input) {
        if (input.length == 0) {
            return 0;
        }
        int way = Byte.toUnsignedInt(input[0]) % (2 * ACCOUNTS.size());
        Talk talk = new Talk(way % ACCOUNTS.size());
        if (way < ACCOUNTS.size()) {
            talk.take(bytes("9300CN" + LOGIN + "|CO" + PASSWORD + "|AY0AZ"));
        }
        FrameCutter cutter = new FrameCutter();
        boolean unused = cutter.take(ByteBuffer.wrap(input, 1, input.length - 1));
        for (Optional<byte[]> next = cutter.next(); next.isPresent() && !talk.isOver; next = cutter.next()) {
            talk.take(next.get());
        }
        talk.session.end();
        return talk.answers;
    }

    @Override
    public void close() {
        vault.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** The expected result of a message; an empty answer means none. */
    private record Due(String answer, boolean ends) {
        private static final Due NOTHING = new Due("", false);
        private static final Due END = new Due("", true);
    }

    /** One connection. */
    private final class Talk {
        private final Sip2Account account;
        private final String end;
        private final Sip2Session session;
        private boolean signedIn;
        private int broken;
        private String last = "";
        private boolean isOver;
        private int answers;

        /** Connects from an address of its own, so that wrong passwords of earlier inputs do not count. */
        private Talk(int of) {
            talks++;
            this.account = ACCOUNTS.get(of);
            this.end = account.endsWithLineFeed() ? "\r\n" : "\r";
            this.session = new Sip2Session(
                    logins.get(of), desk, new Replies(INSTITUTION, desk::now), "client " + talks, REPEATED, () -> 0);
        }

        private void take(byte[] sent) {
            String message = text(sent);
            message = message.endsWith("AZ") ? Kiosk.summed(message) : message;
            Sip2Session.Result turn = session.take(bytes(message));
            Due due = due(message);
            String answer = turn.answer().map(Sip2SessionOracle::text).orElse("");
            assertThat(answer).as(message).isEqualTo(due.answer());
            assertThat(turn.ends()).as(message).isEqualTo(due.ends());
            assertThat(turn.outside()).isEmpty();
            assertThat(session.isSignedIn()).isEqualTo(signedIn);
            for (String value : STORED) {
                assertThat(answer.contains(value) && !message.contains(value) && !last.contains(value))
                        .as(value)
                        .isFalse();
            }
            isOver = due.ends();
            if (!answer.isEmpty()) {
                assertWellFormed(answer);
                answers++;
                last = answer.startsWith("96") ? last : answer;
            }
        }

        private Due due(String message) {
            Sip2Frame frame;
            try {
                frame = Sip2Frame.of(bytes(message));
            } catch (Sip2Frame.Malformed e) {
                return askedAgain();
            }
            if (!signedIn) {
                return frame.type().equals(Optional.of(MessageType.LOGIN)) ? login(frame) : Due.END;
            }
            if (account.requiresErrorDetection() && !frame.isDetected()) {
                return askedAgain();
            }
            broken = 0;
            return frame.type().map(type -> answer(frame, type)).orElse(Due.NOTHING);
        }

        private Due askedAgain() {
            broken++;
            return broken > (signedIn ? MOST_BROKEN : MOST_BROKEN_LOGINS)
                    ? Due.END
                    : new Due(ASK_AGAIN + (signedIn ? end : "\r"), false);
        }

        private Due login(Sip2Frame asked) {
            if (asked.fixed(0, 2).equals("00")
                    && field(asked, "CN").equals(LOGIN)
                    && field(asked, "CO").equals(PASSWORD)) {
                signedIn = true;
                return new Due(whole("941", asked, end), false);
            }
            return new Due(whole("940", asked, signedIn ? end : "\r"), true);
        }

        private Due answer(Sip2Frame asked, MessageType type) {
            return switch (type) {
                case LOGIN -> login(asked);
                case RESEND -> new Due(last, false);
                case STATUS -> due("98YNNNNN030005" + NOW + "2.00AO" + INSTITUTION + "|BXYNNNYYYYYNNNNNNN|", asked);
                case END_SESSION -> due("36Y" + NOW + echoed(asked), asked);
                case PATRON_STATUS -> due("24" + patron(asked, ""), asked);
                case PATRON_INFORMATION -> due("64" + patron(asked, "0000".repeat(6)), asked);
            };
        }

        private Due due(String body, Sip2Frame asked) {
            return new Due(whole(body, asked, end), false);
        }

        private String patron(Sip2Frame asked, String counts) {
            boolean hasPin = account.requiresPin() || !field(asked, "AD").isEmpty();
            boolean entitled = !hasPin && isTheCard(field(asked, "AA"));
            String language = asked.fixed(0, 3).matches("[0-9]{3}") ? asked.fixed(0, 3) : "000";
            boolean valid = entitled || account.refusal() == Sip2Account.Refusal.BLY;
            return (entitled ? "    " : "YYYY") + " ".repeat(10) + language + NOW + counts + echoed(asked) + "AE|BL"
                    + (valid ? "Y|" : "N|")
                    + (entitled ? "" : "CQN|")
                    + (entitled || account.message().isEmpty()
                            ? ""
                            : "AF" + text(account.message().getBytes(account.charset())) + "|");
        }

        private boolean isTheCard(String sent) {
            return new String(bytes(sent), account.charset())
                    .strip()
                    .replace(" ", "")
                    .replace("\u00a0", "")
                    .strip()
                    .equalsIgnoreCase(CARD);
        }

        private String echoed(Sip2Frame asked) {
            return "AO" + asked.field("AO").orElse(INSTITUTION) + "|AA" + field(asked, "AA") + "|";
        }

        private String field(Sip2Frame asked, String name) {
            return asked.field(name).orElse("");
        }

        private String whole(String body, Sip2Frame asked, String terminator) {
            String summed = asked.isDetected()
                    ? Kiosk.summed(body + "AY" + asked.sequence().getAsInt() + "AZ")
                    : body;
            return summed + terminator;
        }

        private void assertWellFormed(String answer) {
            assertThat(answer).matches("(94|98|24|64|36|96)[^\r\n]*\r\n?");
            String message = answer.strip();
            if (message.matches("(?s).*AZ[0-9A-F]{4}")) {
                assertThat(message).isEqualTo(Kiosk.summed(message.substring(0, message.length() - 4)));
            } else {
                assertThat(message).matches("(?s)94[01]|.*\\|");
            }
        }
    }
}
