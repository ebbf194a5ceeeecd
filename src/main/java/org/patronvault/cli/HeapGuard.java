package org.patronvault.cli;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** The memory of a process that serves: enough to begin with, and no half of a service where it runs out. */
final class HeapGuard {
    /** What a JVM with 256 MiB says it has, whichever collector it uses, is more; two who sign in take 128 for a while. */
    private static final long LEAST_BYTES = 240L << 20;

    /** A megabyte, which fills whole regions of the heap, and what fits between; both with the header of an array. */
    private static final int LARGE_BYTES = (1 << 20) - 16;

    private static final int SMALL_BYTES = (8 << 10) - 16;

    private HeapGuard() {}

    /**
     * Makes sure that there is enough, and that a thread that runs out of it ends the process: without the one or the
     * other of its threads a vault would go on and do only some of what it promises.
     *
     * @throws Refused with the cure if there is too little
     */
    static void require() {
        if (Runtime.getRuntime().maxMemory() < LEAST_BYTES) {
            throw new Refused(Problem.INVALID, "The vault needs a heap of at least 256 MiB: java -Xmx256m, or more.");
        }
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            if (failure instanceof OutOfMemoryError || failure instanceof InternalError) {
                // First of all, and without a word: there is no memory for one.
                Runtime.getRuntime().halt(ExitCodes.INTERNAL);
            }
            ExitCodes.tell(thread, failure);
        });
    }

    /**
     * Collects what nothing uses and overwrites it. Ciphers and parsers copy keys and passphrases, and nobody can wipe
     * their copies. A collector frees them, and leaves the bytes where they are until something else is put there. Best
     * effort: a part of the heap stays free for others.
     */
    static void overwriteUnused() {
        // Some collectors leave dead objects between others, but in every fourth collection.
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        fill();
        System.gc();
    }

    /** Puts zeros, which new arrays are, where nothing is. Others can have an eighth of that, here or by a larger heap. */
    private static void fill() {
        Runtime java = Runtime.getRuntime();
        List<byte[]> zeros = new ArrayList<>();
        long free = java.freeMemory();
        long growth = java.maxMemory() - java.totalMemory();
        try {
            fill(zeros, LARGE_BYTES, free / 4);
            fill(zeros, SMALL_BYTES, Math.max(LARGE_BYTES, free / 8 - growth));
        } catch (OutOfMemoryError e) {
            // Then there is nothing left to overwrite.
        } finally {
            Reference.reachabilityFence(zeros);
        }
    }

    private static void fill(List<byte[]> zeros, int bytes, long kept) {
        Runtime java = Runtime.getRuntime();
        for (long left = java.freeMemory(); left > 0 && java.freeMemory() > kept; left -= bytes) {
            zeros.add(new byte[bytes]);
        }
    }
}
