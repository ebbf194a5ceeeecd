package org.patronvault.sip2;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/**
 * A parser that cuts input into messages: CR, LF or both end a message, and an empty message is ignored. It refuses a
 * message that is longer than any of the protocol before it is kept, and also too many empty messages. It keeps nothing
 * of a message that it returned. For one thread.
 */
final class FrameCutter {
    /** The most bytes of a message. */
    static final int LONGEST = 2_048;

    /** The most empty messages before a message. */
    static final int MOST_EMPTY = 4_096;

    private static final int USUAL = 128;

    private final Deque<byte[]> whole = new ArrayDeque<>(2);
    private byte[] begun = {};
    private int length;
    private int empty;
    private boolean isTooMuch;

    /** Takes bytes in. Returns false if they exceed one message; afterwards it takes nothing. */
    boolean take(ByteBuffer in) {
        while (!isTooMuch && in.hasRemaining()) {
            byte next = in.get();
            boolean ends = next == '\r' || next == '\n';
            if (ends && length > 0) {
                whole.add(Arrays.copyOf(begun, length));
                Arrays.fill(begun, (byte) 0);
                length = 0;
                empty = 0;
            } else if (ends ? ++empty > MOST_EMPTY : !add(next)) {
                isTooMuch = true;
            }
        }
        return !isTooMuch;
    }

    private boolean add(byte next) {
        if (length == begun.length) {
            byte[] shorter = begun;
            begun = Arrays.copyOf(shorter, Math.min(LONGEST, Math.max(USUAL, 2 * shorter.length)));
            Arrays.fill(shorter, (byte) 0);
        }
        if (length == LONGEST) {
            return false;
        }
        begun[length++] = next;
        return true;
    }

    /** The next message. */
    Optional<byte[]> next() {
        return Optional.ofNullable(whole.poll());
    }

    /** Whether a message has begun and not ended. */
    boolean hasBegun() {
        return length > 0;
    }
}
