package org.patronvault.sip2;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.patronvault.access.Caller;
import org.patronvault.privacy.entitlement.Entitlements;

/**
 * One connection's talk: nothing but a login first, then questions, each answered in its turn. What comes once more is
 * answered once more in the same bytes, and counted once. For one thread at a time.
 */
final class Session {
    private static final int MOST_BROKEN = 20;
    private static final int MOST_BROKEN_LOGINS = 5;
    private static final long REPEATED = TimeUnit.SECONDS.toNanos(30);
    private static final String CR = "\r";
    private static final String CR_LF = "\r\n";
    private static final String ASK_AGAIN = Checksum.append("96AZ");
    private static final String SERVICES_ON = "YNNNNN";
    private static final String RETRY_TENTHS = "030";
    private static final String RETRIES = "005";
    private static final String VERSION = "2.00";
    /** Patron status, the login, this status and the end of a session; nothing that lends or tells. */
    private static final String UNDERSTOOD = "YNNNYYYYYNNNNNNN";

    private static final String ALL_ALLOWED = " ".repeat(14);
    private static final String ALL_DENIED = "YYYY" + " ".repeat(10);
    private static final String NO_ITEMS = "0000".repeat(6);

    /**
     * What a message comes to.
     *
     * @param answer what is sent, if anything is
     * @param ends whether the connection ends then
     * @param outside what is still to be done before there is an answer, and takes long
     */
    record Turn(Optional<byte[]> answer, boolean ends, Optional<Supplier<Turn>> outside) {
        private static final Turn NOTHING = new Turn(Optional.empty(), false, Optional.empty());
        private static final Turn END = new Turn(Optional.empty(), true, Optional.empty());

        private static Turn of(byte[] answer) {
            return new Turn(Optional.of(answer), false, Optional.empty());
        }

        private static Turn last(byte[] answer) {
            return new Turn(Optional.of(answer), true, Optional.empty());
        }
    }

    private final Logins logins;
    private final Desk desk;
    private final String institution;
    private final String address;
    private final LongSupplier nanoTime;
    private Optional<Logins.Live> signedIn = Optional.empty();
    private byte[] lastAsked = {};
    private Optional<byte[]> lastAnswer = Optional.empty();
    private long lastAt;
    private int broken;
    private boolean isOver;

    /**
     * A connection from that address.
     *
     * @param institution stands for the library where the message does not name it
     * @param nanoTime a monotonic clock, in nanoseconds
     */
    Session(Logins logins, Desk desk, String institution, String address, LongSupplier nanoTime) {
        this.logins = logins;
        this.desk = desk;
        this.institution = institution;
        this.address = address;
        this.nanoTime = nanoTime;
    }

    /** Whether somebody signed in. */
    boolean isSignedIn() {
        return signedIn.isPresent();
    }

    /** To be called once, when the connection is over. */
    synchronized void end() {
        isOver = true;
        signedIn.ifPresent(Logins.Live::end);
    }

    /** A connection that is over signs nobody in any more, whichever thread comes first. */
    private synchronized void signIn(Logins.Live live) {
        signedIn.ifPresent(Logins.Live::end);
        if (!isOver) {
            signedIn = Optional.of(live);
            live.begin();
        }
    }

    /** Takes a message; never throws. */
    Turn take(byte[] bytes) {
        signedIn.ifPresent(Logins.Live::heard);
        if (desk.isSealed()) {
            return Turn.END;
        }
        Frame frame;
        try {
            frame = Frame.of(bytes);
        } catch (Frame.Malformed e) {
            return broken();
        }
        try {
            return take(frame, bytes);
        } catch (RuntimeException e) {
            // Sealed meanwhile, a revoked client, a store that is busy: whoever asks comes again.
            return Turn.END;
        }
    }

    private Turn take(Frame frame, byte[] bytes) {
        Optional<MessageType> type = frame.type();
        if (signedIn.isEmpty()) {
            return type.filter(MessageType.LOGIN::equals)
                    .map(login -> remembered(bytes, login(frame)))
                    .orElse(Turn.END);
        }
        Sip2Account account = signedIn.get().account();
        if (account.requiresErrorDetection() && !frame.isDetected()) {
            return broken();
        }
        broken = 0;
        if (type.isEmpty()) {
            // A later version's, or one that lends: BX says that it is not understood.
            return Turn.NOTHING;
        }
        if (type.get() == MessageType.RESEND) {
            return lastAnswer.map(Turn::of).orElse(Turn.NOTHING);
        }
        if (frame.isDetected() && Arrays.equals(bytes, lastAsked) && nanoTime.getAsLong() - lastAt < REPEATED) {
            return lastAnswer.map(Turn::of).orElse(Turn.NOTHING);
        }
        return answer(frame, type.get(), account, bytes);
    }

    private Turn answer(Frame frame, MessageType type, Sip2Account account, byte[] bytes) {
        return switch (type) {
            case LOGIN -> remembered(bytes, login(frame));
            case STATUS -> remembered(bytes, Turn.of(status(frame, account)));
            case END_SESSION -> remembered(bytes, Turn.of(endOfSession(frame, account)));
            case PATRON_STATUS, PATRON_INFORMATION -> patron(frame, type, account, bytes);
            case RESEND -> throw new IllegalStateException("answered before");
        };
    }

    private Turn remembered(byte[] asked, Turn turn) {
        lastAsked = asked;
        lastAnswer = turn.answer();
        lastAt = nanoTime.getAsLong();
        return turn;
    }

    private Turn broken() {
        signedIn.ifPresent(Logins.Live::broken);
        broken++;
        String end = signedIn.map(Logins.Live::account).map(Session::end).orElse(CR);
        return broken > (isSignedIn() ? MOST_BROKEN : MOST_BROKEN_LOGINS)
                ? Turn.END
                : Turn.of((ASK_AGAIN + end).getBytes(StandardCharsets.ISO_8859_1));
    }

    private Turn login(Frame frame) {
        boolean inClear = "00".equals(frame.fixed(0, 2));
        Optional<Logins.Live> proven = Optional.of(frame)
                .filter(asked -> inClear)
                .flatMap(asked -> logins.prove(
                        asked.field("CN").orElse(""), asked.field("CO").orElse(""), address))
                .filter(live -> desk.caller(live.account()).isPresent());
        if (proven.isEmpty()) {
            return Turn.last(bytes(new Reply("940"), frame, CR));
        }
        signIn(proven.get());
        proven.get().heard();
        return Turn.of(bytes(new Reply("941"), frame, end(proven.get().account())));
    }

    private byte[] status(Frame frame, Sip2Account account) {
        return bytes(
                new Reply("98")
                        .fixed(SERVICES_ON)
                        .fixed(RETRY_TENTHS)
                        .fixed(RETRIES)
                        .time(desk.now())
                        .fixed(VERSION)
                        .field("AO", inCharset(institution, account))
                        .field("BX", UNDERSTOOD),
                frame,
                end(account));
    }

    private byte[] endOfSession(Frame frame, Sip2Account account) {
        return bytes(
                new Reply("36")
                        .fixed("Y")
                        .time(desk.now())
                        .field("AO", institution(frame, account))
                        .field("AA", frame.field("AA").orElse("")),
                frame,
                end(account));
    }

    private Turn patron(Frame frame, MessageType type, Sip2Account account, byte[] bytes) {
        Optional<Caller> caller = desk.caller(account);
        if (caller.isEmpty()) {
            return Turn.END;
        }
        // An empty one is none, and none is a wrong one where there must be one.
        Optional<String> pin = frame.field("AD")
                .map(sent -> ofCharset(sent, account))
                .filter(sent -> !sent.isEmpty())
                .or(() -> account.requiresPin() ? Optional.of("") : Optional.empty());
        Entitlements.Check check = desk.check(
                account, ofCharset(frame.field("AA").orElse(""), account).strip(), pin);
        Supplier<Turn> answer = () -> remembered(bytes, Turn.of(patron(frame, type, account, check, caller.get())));
        return desk.asksOutside(check) ? new Turn(Optional.empty(), false, Optional.of(guarded(answer))) : answer.get();
    }

    private static Supplier<Turn> guarded(Supplier<Turn> answer) {
        return () -> {
            try {
                return answer.get();
            } catch (RuntimeException e) {
                return Turn.END;
            }
        };
    }

    private byte[] patron(Frame frame, MessageType type, Sip2Account account, Entitlements.Check check, Caller caller) {
        boolean entitled = desk.isEntitled(caller, check);
        Reply reply = new Reply(type == MessageType.PATRON_STATUS ? "24" : "64")
                .fixed(entitled ? ALL_ALLOWED : ALL_DENIED)
                .fixed(language(frame))
                .time(desk.now());
        if (type == MessageType.PATRON_INFORMATION) {
            reply.fixed(NO_ITEMS);
        }
        reply.field("AO", institution(frame, account))
                .field("AA", frame.field("AA").orElse(""))
                .field("AE", "")
                .field("BL", entitled || account.refusal() == Sip2Account.Refusal.BLY ? "Y" : "N");
        if (!entitled || check.pin().isPresent()) {
            reply.field("CQ", entitled ? "Y" : "N");
        }
        if (!entitled && !account.message().isEmpty()) {
            reply.field("AF", inCharset(account.message(), account));
        }
        return bytes(reply, frame, end(account));
    }

    private static String language(Frame frame) {
        String language = frame.fixed(0, 3);
        return language.chars().allMatch(c -> c >= '0' && c <= '9') ? language : "000";
    }

    private String institution(Frame frame, Sip2Account account) {
        return frame.field("AO").orElseGet(() -> inCharset(institution, account));
    }

    private static byte[] bytes(Reply reply, Frame asked, String end) {
        return reply.bytes(asked.isDetected() ? asked.sequence() : OptionalInt.empty(), asked.isDetected(), end);
    }

    private static String end(Sip2Account account) {
        return account.endsWithLineFeed() ? CR_LF : CR;
    }

    /** A text as characters that each stand for a byte of the account's charset. */
    private static String inCharset(String text, Sip2Account account) {
        return new String(text.getBytes(account.charset()), StandardCharsets.ISO_8859_1);
    }

    private static String ofCharset(String bytes, Sip2Account account) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), account.charset());
    }
}
