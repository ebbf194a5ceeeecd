package org.patronvault.upkeep;

/** Who is told how far long work is; must neither throw nor wait. */
@FunctionalInterface
public interface Progress {

    /** For who does not look. */
    Progress UNSEEN = (step, done, total) -> {};

    /**
     * Called now and then.
     *
     * @param step what is being done, a word or two
     * @param total of which {@code done} are done; 0 where it is not known
     */
    void at(String step, long done, long total);
}
