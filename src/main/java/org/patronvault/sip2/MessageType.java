package org.patronvault.sip2;

import java.util.Arrays;
import java.util.Optional;

/** The message types of the 3M protocol 2.00 that the gateway understands. */
enum MessageType {
    PATRON_STATUS("23", 3 + 18),
    PATRON_INFORMATION("63", 3 + 18 + 10),
    END_SESSION("35", 18),
    LOGIN("93", 2),
    STATUS("99", 1 + 3 + 4),
    RESEND("97", 0);

    private final String code;
    private final int fixedLength;

    MessageType(String code, int fixedLength) {
        this.code = code;
        this.fixedLength = fixedLength;
    }

    static Optional<MessageType> of(String code) {
        return Arrays.stream(values()).filter(type -> type.code.equals(code)).findFirst();
    }

    /** Returns the number of characters before the first field. */
    int fixedLength() {
        return fixedLength;
    }

    /** Whether it has a checksum only, since it asks for the previous message. */
    boolean hasNoSequence() {
        return this == RESEND;
    }
}
