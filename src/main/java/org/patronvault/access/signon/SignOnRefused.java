package org.patronvault.access.signon;

/** Thrown if a provider did not identify a person, with the reason; never with a token, a code or an address. */
final class SignOnRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** The reasons. */
    enum Reason {
        /** The provider, or the person there, refused. */
        DENIED("The provider did not sign you in; begin again."),
        /** The browser brought no answer of this provider. */
        ANSWER("What came back is no answer of the provider; begin again."),
        /** The provider rejects the code. */
        CODE("The provider does not take that code, which is good once and for a short while; begin again."),
        /** The ID token is invalid. */
        TOKEN("What the provider says of you does not hold, so nobody is signed in; an administrator finds the reason"
                + " in the service's log."),
        /** The provider rejects the vault as its client. */
        CLIENT("The provider does not take this vault for its client, so nobody is signed in; an administrator runs"
                + " `doctor`."),
        /** The provider cannot be reached. */
        UNREACHABLE("The provider cannot be reached; try again in a moment, or sign in with a name and password.");

        private final String sentence;

        Reason(String sentence) {
            this.sentence = sentence;
        }

        String sentence() {
            return sentence;
        }
    }

    private final Reason why;

    /**
     * @param what the message for the operator
     */
    SignOnRefused(Reason why, String what) {
        super(what, null, false, false);
        this.why = why;
    }

    static SignOnRefused unreachable(String what) {
        return new SignOnRefused(Reason.UNREACHABLE, what);
    }

    Reason why() {
        return why;
    }
}
