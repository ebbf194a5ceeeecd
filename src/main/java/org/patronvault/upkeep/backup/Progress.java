package org.patronvault.upkeep.backup;

/** A listener for the progress of long work. It must neither throw nor block. */
@FunctionalInterface
public interface Progress {

    /** A listener that ignores everything. */
    Progress UNSEEN = (step, done, total) -> {};

    /**
     * Called now and then.
     *
     * @param step the present step, a word or two
     * @param total of which {@code done} are done, or 0 if unknown
     */
    void at(String step, long done, long total);
}
