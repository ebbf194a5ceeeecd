package org.patronvault.sip2;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * The answers of the gateway, byte for byte as in sip2.md. An answer has nothing of a patron but the sent values and
 * the entitlement. Safe for use by many threads.
 */
final class Replies {
    private static final String CR_LF = "\r\n";
    private static final String SERVICES_ON = "YNNNNN";
    private static final String RETRY_TENTHS = "030";
    private static final String RETRIES = "005";
    private static final String VERSION = "2.00";
    /**
     * The supported messages: patron status, login, this status and the end of a session; none that lends or reveals.
     */
    private static final String UNDERSTOOD = "YNNNYYYYYNNNNNNN";

    private static final String ALL_ALLOWED = " ".repeat(14);
    private static final String ALL_DENIED = "YYYY" + " ".repeat(10);
    private static final String NO_ITEMS = "0000".repeat(6);
    private static final String ASK_AGAIN = Checksum.append("96AZ");
    private static final String CR = "\r";

    private final String institution;
    private final Supplier<LocalDateTime> now;

    /**
     * Creates the answers of a library.
     *
     * @param institution stands for the library if the message does not name it
     */
    Replies(String institution, Supplier<LocalDateTime> now) {
        this.institution = institution;
        this.now = now;
    }

    /** Returns the answer that a message was not understood. */
    static byte[] askAgain(Optional<Sip2Account> account) {
        return (ASK_AGAIN + account.map(Replies::end).orElse(CR)).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Returns the answer to a login. */
    static byte[] login(Sip2Frame frame, Optional<Sip2Account> account, boolean isSignedIn) {
        return bytes(
                new Reply(isSignedIn ? "941" : "940"),
                frame,
                account.map(Replies::end).orElse(CR));
    }

    /** Returns the capabilities of the gateway. */
    byte[] status(Sip2Frame frame, Sip2Account account) {
        return bytes(
                new Reply("98")
                        .fixed(SERVICES_ON)
                        .fixed(RETRY_TENTHS)
                        .fixed(RETRIES)
                        .time(now.get())
                        .fixed(VERSION)
                        .field("AO", inCharset(institution, account))
                        .field("BX", UNDERSTOOD),
                frame,
                end(account));
    }

    /** Returns the answer that a patron's session is over. It does not depend on the patron. */
    byte[] endOfSession(Sip2Frame frame, Sip2Account account) {
        return bytes(
                new Reply("36")
                        .fixed("Y")
                        .time(now.get())
                        .field("AO", institution(frame, account))
                        .field("AA", frame.field("AA").orElse("")),
                frame,
                end(account));
    }

    /** Returns whether a patron is entitled; {@code withPin} if the question had a PIN. */
    byte[] patron(Sip2Frame frame, MessageType type, Sip2Account account, boolean withPin, boolean entitled) {
        Reply reply = new Reply(type == MessageType.PATRON_STATUS ? "24" : "64")
                .fixed(entitled ? ALL_ALLOWED : ALL_DENIED)
                .fixed(language(frame))
                .time(now.get());
        if (type == MessageType.PATRON_INFORMATION) {
            reply.fixed(NO_ITEMS);
        }
        reply.field("AO", institution(frame, account))
                .field("AA", frame.field("AA").orElse(""))
                .field("AE", "")
                .field("BL", entitled || account.refusal() == Sip2Account.Refusal.BLY ? "Y" : "N");
        if (!entitled || withPin) {
            reply.field("CQ", entitled ? "Y" : "N");
        }
        if (!entitled && !account.message().isEmpty()) {
            reply.field("AF", inCharset(account.message(), account));
        }
        return bytes(reply, frame, end(account));
    }

    private static String language(Sip2Frame frame) {
        String language = frame.fixed(0, 3);
        return language.chars().allMatch(c -> c >= '0' && c <= '9') ? language : "000";
    }

    private String institution(Sip2Frame frame, Sip2Account account) {
        return frame.field("AO").orElseGet(() -> inCharset(institution, account));
    }

    private static byte[] bytes(Reply reply, Sip2Frame asked, String end) {
        return reply.bytes(asked.isDetected() ? asked.sequence() : OptionalInt.empty(), asked.isDetected(), end);
    }

    private static String end(Sip2Account account) {
        return account.endsWithLineFeed() ? CR_LF : CR;
    }

    /** Returns a text as characters that each stand for a byte of the account's charset. */
    private static String inCharset(String text, Sip2Account account) {
        return new String(text.getBytes(account.charset()), StandardCharsets.ISO_8859_1);
    }

    static String ofCharset(String bytes, Sip2Account account) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), account.charset());
    }
}
