package org.patronvault.core.log.entry;

/**
 * The second person who approved an act.
 *
 * @param name canonical user name
 */
public record Approver(String name, Origin from) {

    /** The place where the second person approved. The code is part of the stored log format. */
    public enum Origin {
        /** At the first person's command line: {@code --second}. */
        SAME_TERMINAL(1),
        /** In the second person's own session or command line. */
        OWN_SESSION(2);

        private final int code;

        Origin(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        static Origin ofCode(int code) {
            for (Origin from : values()) {
                if (from.code == code) {
                    return from;
                }
            }
            throw new org.patronvault.core.model.IntegrityException("log leaf: second");
        }

        /** Returns the name in answers. */
        public String wireName() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }
}
