package org.patronvault.sip2;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
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
        return new ReplyBuilder(isSignedIn ? "941" : "940")
                .bytes(frame, account.map(Replies::end).orElse(CR));
    }

    /** Returns the capabilities of the gateway. */
    byte[] status(Sip2Frame frame, Sip2Account account) {
        return new ReplyBuilder("98")
                .fixed(SERVICES_ON)
                .fixed(RETRY_TENTHS)
                .fixed(RETRIES)
                .time(now.get())
                .fixed(VERSION)
                .field("AO", inCharset(institution, account))
                .field("BX", UNDERSTOOD)
                .bytes(frame, end(account));
    }

    /** Returns the answer that a patron's session is over. It does not depend on the patron. */
    byte[] endOfSession(Sip2Frame frame, Sip2Account account) {
        return new ReplyBuilder("36")
                .fixed("Y")
                .time(now.get())
                .field("AO", institution(frame, account))
                .field("AA", frame.field("AA").orElse(""))
                .bytes(frame, end(account));
    }

    /** Returns whether a patron is entitled; {@code withPin} if the question had a PIN. */
    byte[] patron(Sip2Frame frame, MessageType type, Sip2Account account, boolean withPin, boolean entitled) {
        ReplyBuilder reply = new ReplyBuilder(type == MessageType.PATRON_STATUS ? "24" : "64")
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
        return reply.bytes(frame, end(account));
    }

    private static String language(Sip2Frame frame) {
        String language = frame.fixed(0, 3);
        return language.chars().allMatch(c -> c >= '0' && c <= '9') ? language : "000";
    }

    private String institution(Sip2Frame frame, Sip2Account account) {
        return frame.field("AO").orElseGet(() -> inCharset(institution, account));
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

    /**
     * An answer under construction: a fixed part, then fields, then sequence number and checksum if the question had
     * them. Each character stands for a byte.
     */
    private static final class ReplyBuilder {
        private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd    HHmmss");

        private final StringBuilder text = new StringBuilder(160);

        private ReplyBuilder(String code) {
            text.append(code);
        }

        private ReplyBuilder fixed(String part) {
            text.append(part);
            return this;
        }

        private ReplyBuilder time(LocalDateTime now) {
            return fixed(TIME.format(now));
        }

        private ReplyBuilder field(String name, String value) {
            text.append(name).append(value).append('|');
            return this;
        }

        /** Returns its bytes for the message {@code asked}, ended by {@code end}. */
        private byte[] bytes(Sip2Frame asked, String end) {
            String body = text.toString();
            if (asked.isDetected()) {
                asked.sequence().ifPresent(number -> text.append("AY").append(number));
                body = Checksum.append(text.append("AZ").toString());
            }
            return (body + end).getBytes(StandardCharsets.ISO_8859_1);
        }
    }
}
