package org.patronvault.access;

/** That a provider did not say who somebody is, and why; never with anything of a token, a code or an address. */
final class SignOnRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** What was wrong. */
    enum Reason {
        /** The provider, or the person there, said no. */
        DENIED("The provider did not sign you in; begin again."),
        /** What the browser brought is no answer of this provider. */
        ANSWER("What came back is no answer of the provider; begin again."),
        /** The provider does not take the code. */
        CODE("The provider does not take that code, which is good once and for a short while; begin again."),
        /** The ID token does not hold. */
        TOKEN("What the provider says of you does not hold, so nobody is signed in; an administrator finds the reason"
                + " in the service's log."),
        /** The provider does not take the vault for the client it says it is. */
        CLIENT("The provider does not take this vault for its client, so nobody is signed in; an administrator runs"
                + " `doctor`."),
        /** Nobody is to blame but the way there. */
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

    /** @param what for the operator */
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
