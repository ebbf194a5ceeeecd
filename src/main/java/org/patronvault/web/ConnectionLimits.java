package org.patronvault.web;

/**
 * How many connections there may be, and how many of those before the public pages, so that a crowd there keeps nobody
 * from the others. Each takes memory before anybody is known, and over TLS, where somebody sends half of what is encrypted
 * together, several times as much as without. Beside two who sign in, with half of the least heap, and all the bodies that
 * wait, that must never be more than there is. So over TLS there is one for each MiB of the heap.
 *
 * @param most of the main listener
 * @param mostPublic of the public one
 */
record ConnectionLimits(int most, int mostPublic) {
    private static final int MOST_TOGETHER = 2_000;
    private static final long HEAP_EACH_BYTES = 1 << 20;
    private static final int MOST_SPARE = 100;

    /** The places of a server with that heap. */
    static ConnectionLimits of(long heapBytes, boolean tls) {
        int all = tls ? (int) Math.min(MOST_TOGETHER, heapBytes / HEAP_EACH_BYTES) : MOST_TOGETHER;
        return new ConnectionLimits(all - all / 4, all / 4);
    }

    /** While more than so many of a listener's places are waited for, they are hurried. */
    static int crowd(int most) {
        return most / 3;
    }

    /** Where so many of a listener's places are taken, whoever is new takes that of somebody who brings nothing. */
    static int kept(int most) {
        return most - Math.min(MOST_SPARE, most / 4);
    }
}
