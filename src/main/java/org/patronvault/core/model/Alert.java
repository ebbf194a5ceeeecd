package org.patronvault.core.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * An event that people must learn of at once. An alert is a log entry with outcome {@code alert} whose {@code about} is
 * the slug. It never holds a value, and a patron only in the sealed subjects.
 */
public enum Alert {
    /** A decoy was shown, opened or asked for: no work needs that. */
    DECOY_OPENED,
    /** A caller asked for the address or phone of a protected patron. */
    PROTECTED_ASKED,
    /** A person or client used half of a limit on what they may open or see. */
    LIMIT_HALF,
    /** A limit was reached, and the act refused. */
    LIMIT_REACHED,
    /** A person or a system tried card numbers one after the other, or many unused ones. */
    SEQUENTIAL_CARDS,
    /** The director opened a record for a purpose the desk does not have. */
    UNUSUAL_PURPOSE,
    /** An authority row was edited, moved, removed or rolled back outside the vault. */
    AUTHORITY_ROW,
    /** {@code policy.yaml} cannot be read; the approved policy stays in force. */
    POLICY_BROKEN,
    /** {@code policy.yaml} allows more than the approved policy, and waits for approval. */
    POLICY_WAITING,
    /** A file in {@code policies} cannot be read, or differs from what was posted, and is ignored. */
    POLICY_FILE,
    /** The review of the posted policy is near, or overdue. */
    POLICY_REVIEW,
    /** A patron's protection was lifted. */
    PROTECTION_LIFTED,
    /** An account was created after commissioning: the entry before names the account, and its actor created it. */
    ACCOUNT_MADE,
    /** More desk accounts were created in seven days than a library usually needs. */
    MANY_ACCOUNTS,
    /** The first erasure of a day beyond what one person, or all people together, may erase without a second person. */
    ERASURE_LIMIT,
    /** Wrong passwords locked an account in one network, or a network, or came for one account from several. */
    LOCKED_OUT,
    /** Tries to unseal the vault were refused, more than typing errors explain. */
    UNSEAL_REFUSED,
    /** An older {@code slots.json} was restored: it has a removed slot, or lacks one that existed. */
    SLOTS_PUT_BACK,
    /** A witness has signed nothing new for too long. */
    WITNESS_BEHIND,
    /** A witness says that the log differs from the one it saw, or its answer has no valid signature. */
    WITNESS_REFUSED,
    /** The daily checkpoint could not be delivered for a day. */
    CHECKPOINT_UNSENT,
    /** A backup that vault.yaml asks for was not made. */
    BACKUP_FAILED,
    /** An act met a damaged value or index entry. */
    NOT_AS_WRITTEN,
    /** The sweep of the store found damaged data. */
    CHECK_FOUND,
    /** Two custodians accepted a log, or keys, that differ from those this node knew. */
    LOG_ACCEPTED,
    /** A mailing was made: its requester may export email addresses. */
    MAILING_MADE,
    /** An outsider requests records, and a case waits for the director. */
    CASE_OPENED,
    /** An officer is at a desk. */
    OFFICER_HERE,
    /** Records were disclosed to a recipient outside the library. */
    RECORDS_RELEASED;

    /** Whether it reveals that an outsider requests records, which a court may have forbidden to say. */
    public boolean isOfCase() {
        return this == CASE_OPENED || this == OFFICER_HERE || this == RECORDS_RELEASED;
    }

    /** The stable name. */
    public String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The alert of that slug. */
    public static Optional<Alert> ofSlug(String slug) {
        return Arrays.stream(values()).filter(a -> a.slug().equals(slug)).findFirst();
    }
}
