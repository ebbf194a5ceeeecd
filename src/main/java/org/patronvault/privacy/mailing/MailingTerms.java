package org.patronvault.privacy.mailing;

import java.util.List;
import java.util.Map;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.core.dual.ApprovalTerms;

/**
 * The exact terms of a mailing, which a second person approves.
 *
 * @param libraries sorted
 */
record MailingTerms(String purpose, List<String> libraries, int limit, CmsRecipient recipient) {
    /** The kind of approval that is asked for. */
    static final String LEAVE = "mailing";

    private static final String RECIPIENT = "recipient's certificate, SHA-256";
    private static final String LIBRARIES = "libraries";
    private static final String LIMIT = "addresses at most";

    ApprovalTerms ask() {
        return new ApprovalTerms(
                LEAVE,
                purpose,
                Map.of(
                        RECIPIENT, List.of(recipient.fingerprint()),
                        LIBRARIES, libraries,
                        LIMIT, List.of(Integer.toString(limit))));
    }

    static String sentence(ApprovalTerms ask) {
        String libraries = String.join(", ", ask.all(LIBRARIES));
        return "Hand out at most " + ask.one(LIMIT) + " e-mail addresses of patrons "
                + (libraries.isEmpty() ? "" : "of library " + libraries + " ") + "who said yes to " + ask.about()
                + ", for the certificate " + ask.one(RECIPIENT) + " alone.";
    }
}
