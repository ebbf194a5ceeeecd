package org.patronvault.bench;

import java.io.IOException;

/** Asks a server as fast as it answers: each connection sends its next request once it has its answer. */
interface ClosedLoop {
    /**
     * The result of a round.
     *
     * @param answers each of them right
     * @param seconds how long it took
     * @param p99Millis from a request to its answer
     */
    record Result(long answers, double seconds, double p99Millis) {
        /** Answers a second. */
        double rate() {
            return answers / seconds;
        }
    }

    /**
     * Asks over so many connections for so long.
     *
     * @param stream decides what is asked; another one asks something else
     * @throws IllegalStateException if an answer was wrong
     */
    Result closed(int connections, double seconds, long stream) throws IOException, InterruptedException;
}
