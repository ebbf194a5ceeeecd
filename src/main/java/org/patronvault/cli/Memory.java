package org.patronvault.cli;

import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/** The memory of a process that serves: enough to begin with, and no half of a service where it runs out. */
final class Memory {
    /** What a JVM with 256 MiB says it has, whichever collector it uses, is more; two who sign in take 128 for a while. */
    private static final long LEAST_BYTES = 240L << 20;

    private Memory() {}

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
}
