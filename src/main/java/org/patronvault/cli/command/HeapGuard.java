package org.patronvault.cli.command;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** The memory checks of a serving process: enough heap at the start, and a full stop if the heap runs out. */
public final class HeapGuard {
    /** Below what a JVM with 256 MiB reports under any collector. Two sign-ins take 128 MiB for a while. */
    private static final long LEAST_BYTES = 240L << 20;

    /**
     * An array of a megabyte, which fills whole regions of the heap, and a small one for the gaps, both with headers.
     */
    private static final int LARGE_BYTES = (1 << 20) - 16;

    private static final int SMALL_BYTES = (8 << 10) - 16;

    private HeapGuard() {}

    /**
     * Requires enough heap, and makes any thread that runs out of it end the process. A vault that lost one of its
     * threads would continue and keep only some of its promises.
     *
     * @throws Refused with the cure if there is too little
     */
    public static void require() {
        if (Runtime.getRuntime().maxMemory() < LEAST_BYTES) {
            throw new Refused(Problem.INVALID, "The vault needs a heap of at least 256 MiB: java -Xmx256m, or more.");
        }
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            if (failure instanceof OutOfMemoryError || failure instanceof InternalError) {
                // Halts first and without a message, which would need memory.
                Runtime.getRuntime().halt(ExitCodes.INTERNAL);
            }
            ExitCodes.tell(thread, failure);
        });
    }

    /**
     * Collects unused objects and overwrites their memory. Ciphers and parsers copy keys and passphrases, and nobody
     * can wipe those copies. A collector frees them but leaves their bytes until the space is reused. Best effort: a
     * part of the heap stays free for other threads.
     */
    public static void overwriteUnused() {
        // Some collectors compact only in every fourth collection.
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        fill();
        System.gc();
    }

    /**
     * Fills free memory with new arrays, which are zeros. An eighth of it stays for others, here or by heap
     * growth.
     */
    private static void fill() {
        Runtime java = Runtime.getRuntime();
        List<byte[]> zeros = new ArrayList<>();
        long free = java.freeMemory();
        long growth = java.maxMemory() - java.totalMemory();
        try {
            fill(zeros, LARGE_BYTES, free / 4);
            fill(zeros, SMALL_BYTES, Math.max(LARGE_BYTES, free / 8 - growth));
        } catch (OutOfMemoryError e) {
            // Then nothing is left to overwrite.
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
