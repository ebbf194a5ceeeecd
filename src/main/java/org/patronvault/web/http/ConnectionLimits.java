package org.patronvault.web.http;

/**
 * The connection limits of the main and the public listener, which are separate so that a crowd on the public pages
 * blocks nobody else. A connection takes memory before its caller is known. Over TLS it takes several times as much if
 * the peer sends half of a TLS record. All connections must fit the least heap, next to two sign-ins with half of it
 * and the waiting bodies. TLS therefore allows one connection for each MiB of the heap.
 *
 * @param most of the main listener
 * @param mostPublic of the public listener
 */
public record ConnectionLimits(int most, int mostPublic) {
    private static final int MOST_TOGETHER = 2_000;
    private static final long HEAP_EACH_BYTES = 1 << 20;
    private static final int MOST_SPARE = 100;

    /** Returns the limits for a heap of {@code heapBytes}. */
    public static ConnectionLimits of(long heapBytes, boolean tls) {
        int all = tls ? (int) Math.min(MOST_TOGETHER, heapBytes / HEAP_EACH_BYTES) : MOST_TOGETHER;
        return new ConnectionLimits(all - all / 4, all / 4);
    }

    /** If more of a listener's connections than this await a request, the server shortens their time. */
    public static int crowd(int most) {
        return most / 3;
    }

    /** If this many connections are open, a newcomer replaces a connection that sends nothing. */
    public static int kept(int most) {
        return most - Math.min(MOST_SPARE, most / 4);
    }
}
