package org.patronvault.patron.lookup;

import java.util.Base64;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.keys.KeyCustody;

/**
 * The pairwise subjects that vendors get in place of a patron (P8). Each client gets another subject, and a new one
 * after the patron asked to be forgotten there. Without the key two subjects of one patron cannot be linked. Safe for
 * use by many threads.
 */
public final class PairwiseSubjects {
    private static final int SUBJECT_BYTES = 18;

    private final KeyCustody custody;

    /** Subjects under the key of that custody. */
    public PairwiseSubjects(KeyCustody custody) {
        this.custody = custody;
    }

    /** The patron's subject for the client of that canonical name, from the patron's entry as read. */
    public String of(String client, PatronDirectory.Entry patron) {
        CanonicalBytes input =
                CanonicalBytes.begin("subject").lp(client).u64(patron.id().number());
        int forgotten = patron.facts().forgotten().times(tag(client));
        if (forgotten > 0) {
            input.u16(forgotten);
        }
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(custody.keys().pairwise().truncated(input.bytes(), SUBJECT_BYTES));
    }

    /** The tag that represents the client in a patron's resets. */
    public long tag(String client) {
        byte[] input = CanonicalBytes.begin("forgotten").lp(client).bytes();
        return CanonicalReader.of(custody.keys().pairwise().truncated(input, Long.BYTES))
                .u64();
    }
}
