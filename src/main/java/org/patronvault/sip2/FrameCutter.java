package org.patronvault.sip2;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Cuts what comes in into messages: each is ended by CR, LF or both; an empty one is none. What is longer than any message
 * of the protocol is refused before it is kept. For one thread.
 */
final class FrameCutter {
    /** The most bytes of a message. */
    static final int LONGEST = 2_048;

    private final ByteArrayOutputStream begun = new ByteArrayOutputStream(0);
    private final Deque<byte[]> whole = new ArrayDeque<>(2);
    private boolean isTooMuch;

    /** Takes bytes in; false if they are more than one message can have, after which nothing is taken any more. */
    boolean take(ByteBuffer in) {
        while (!isTooMuch && in.hasRemaining()) {
            byte next = in.get();
            if (next != '\r' && next != '\n') {
                isTooMuch = begun.size() == LONGEST;
                begun.write(next);
            } else if (begun.size() > 0) {
                whole.add(begun.toByteArray());
                begun.reset();
            }
        }
        return !isTooMuch;
    }

    /** The next message. */
    Optional<byte[]> next() {
        return Optional.ofNullable(whole.poll());
    }

    /** Whether a message has begun and not ended. */
    boolean hasBegun() {
        return begun.size() > 0;
    }
}
