package org.patronvault.patron;

import java.util.Base64;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.crypto.CanonicalReader;
import org.patronvault.keys.KeyCustody;

/**
 * What vendors are told in place of a patron (P8): to each client another subject, and after the patron asked to be
 * forgotten there a new one. Without the key nobody can tell that two of them are of one patron. Safe for use by many
 * threads.
 */
public final class PairwiseSubjects {
    private static final int SUBJECT_BYTES = 18;

    private final KeyCustody custody;

    /** Under the key of that custody. */
    public PairwiseSubjects(KeyCustody custody) {
        this.custody = custody;
    }

    /** The patron's subject for the client of that canonical name, as of what was read of the patron. */
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

    /** What stands for the client where a patron is forgotten at it. */
    long tag(String client) {
        byte[] input = CanonicalBytes.begin("forgotten").lp(client).bytes();
        return CanonicalReader.of(custody.keys().pairwise().truncated(input, Long.BYTES))
                .u64();
    }
}
