package org.patronvault.audit;

/**
 * The second person who agreed to an act.
 *
 * @param name canonical user name
 */
public record Approver(String name, Origin from) {

    /** Where the second person agreed; the code is part of the stored log format. */
    public enum Origin {
        /** Beside the first, at one command line: {@code --second}. */
        SAME_TERMINAL(1),
        /** In a session, or at a command line, of their own. */
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
            throw new org.patronvault.model.IntegrityException("log leaf: second");
        }

        /** The name in answers. */
        public String wireName() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }
}
