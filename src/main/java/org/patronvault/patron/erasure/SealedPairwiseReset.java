package org.patronvault.patron.erasure;

import java.util.List;
import java.util.Locale;
import org.patronvault.core.dual.SealedText;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.LedgerLine;
import org.patronvault.core.keys.LedgerLine.ForgottenAt;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.vault.PairwiseResets;

/**
 * The form in which keys/ledger remembers at which vendor a patron was forgotten. It is encrypted, of one length, and
 * never twice alike.
 */
public final class SealedPairwiseReset {
    private static final int HEX = 16;
    private static final int TAG_DIGITS = 16;

    private final SealedText sealing;

    public SealedPairwiseReset(KeyCustody custody) {
        this.sealing = new SealedText(custody, "forgotten");
    }

    ForgottenAt seal(PatronId patron, long tag, int times) {
        return new ForgottenAt(
                patron, sealing.seal(patron.toString(), String.format(Locale.ROOT, "%016x%05d", tag, times)));
    }

    /** Returns the line with its text encrypted under the newest version of the key. */
    LedgerLine again(LedgerLine line) {
        return line instanceof ForgottenAt at
                ? new ForgottenAt(at.patron(), sealing.again(at.patron().toString(), at.where()))
                : line;
    }

    /** Returns the patron's resets with those of the ledger added. */
    public PairwiseResets add(PairwiseResets forgotten, List<ForgottenAt> lines) {
        PairwiseResets all = forgotten;
        for (ForgottenAt line : lines) {
            String text = sealing.open(line.patron().toString(), line.where());
            all = all.atLeast(
                    Long.parseUnsignedLong(text.substring(0, TAG_DIGITS), HEX),
                    Integer.parseInt(text.substring(TAG_DIGITS)));
        }
        return all;
    }
}
