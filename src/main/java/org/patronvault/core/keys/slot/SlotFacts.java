package org.patronvault.core.keys.slot;

import java.time.Instant;
import org.patronvault.core.keys.hsm.HsmAddress;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The public facts of a slot.
 *
 * @param threshold how many shares open it; 0 without shares
 * @param count how many shares there are
 * @param openedBy the means that opens it, in words
 */
public record SlotFacts(int id, String kind, Instant created, int threshold, int count, String openedBy) {
    /** The means that opens a passphrase slot. */
    public static final String BY_PASSPHRASE = "a passphrase";

    /** Returns the means that opens a slot of shares. */
    public static String byShares(int threshold, int count) {
        return "any " + threshold + " of " + count + " shares";
    }

    /** Returns the means that opens a slot in an HSM. */
    public static String byHsm(HsmAddress address) {
        return "the key " + address.key() + " in the HSM token " + address.token();
    }

    /** Returns the means that opens a slot in AWS KMS; refuses with {@code invalid} a URI that names no key there. */
    public static String byKms(String uri) {
        KmsSlot.requireUri(uri);
        return "the AWS KMS key " + uri.substring(KmsSlot.SCHEME.length());
    }

    /** Whether a machine opens it, so that no person is needed. */
    public boolean isMachine() {
        return kind.equals(HsmSlot.KIND) || kind.equals(KmsSlot.KIND);
    }

    /** Whether an HSM opens it, with a PIN. */
    public boolean needsPin() {
        return kind.equals(HsmSlot.KIND);
    }

    /** Returns the refusal to remove the last slot. */
    public static Refused lastOne() {
        return new Refused(
                Problem.LAST_SLOT, "That is the last slot: without one nobody could unseal again. Add another first.");
    }
}
