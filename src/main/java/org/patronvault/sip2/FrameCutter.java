package org.patronvault.sip2;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/**
 * Cuts what comes in into messages: each is ended by CR, LF or both; an empty one is none. What is longer than any message
 * of the protocol is refused before it is kept, and so are ends of nothing without an end. Of a message that was cut out
 * nothing stays here. For one thread.
 */
final class FrameCutter {
    /** The most bytes of a message. */
    static final int LONGEST = 2_048;

    /** The most ends of nothing before a message. */
    static final int MOST_EMPTY = 4_096;

    private static final int USUAL = 128;

    private final Deque<byte[]> whole = new ArrayDeque<>(2);
    private byte[] begun = {};
    private int length;
    private int empty;
    private boolean isTooMuch;

    /** Takes bytes in; false if they are more than one message can have, after which nothing is taken any more. */
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
