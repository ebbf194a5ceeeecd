package org.patronvault.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What somebody should be told of at once. An alert is a log entry with outcome {@code alert} whose {@code about} is the
 * slug; it never holds a value, and a patron only in the sealed subjects.
 */
public enum Alert {
    /** A patron who does not exist was shown, opened or asked for: nobody has a reason to. */
    DECOY_OPENED,
    /** Somebody asked for the address or phone of a protected patron. */
    PROTECTED_ASKED,
    /** Half of what a person or client may open or see was used. */
    LIMIT_HALF,
    /** A limit was reached, and the act refused. */
    LIMIT_REACHED,
    /** A person or a system tried card numbers one after the other, or many that nobody has. */
    SEQUENTIAL_CARDS,
    /** The director opened a record for a purpose the desk does not have. */
    UNUSUAL_PURPOSE,
    /** A row that carries authority was edited, moved, removed or put back behind the vault's back. */
    AUTHORITY_ROW,
    /** {@code policy.yaml} cannot be read; the approved policy stays in force. */
    POLICY_BROKEN,
    /** {@code policy.yaml} allows more than the approved policy, and waits for approval. */
    POLICY_WAITING,
    /** A file in {@code policies} cannot be read, or says something else than what was posted, and is not taken. */
    POLICY_FILE,
    /** The review of the posted policy is near, or overdue. */
    POLICY_REVIEW,
    /** A patron's protection was lifted. */
    PROTECTION_LIFTED,
    /** An account was made after commissioning: the entry before names the account, and its actor made it. */
    ACCOUNT_MADE,
    /** More desk accounts were made in seven days than a library usually needs. */
    MANY_ACCOUNTS,
    /** The first erasure of a day beyond what one person, or all people together, erase without a second person. */
    ERASURE_LIMIT,
    /** Wrong passwords locked an account in one network, or a network, or came for one account from several. */
    LOCKED_OUT,
    /** Tries to open the vault were refused, more than mistyping explains. */
    UNSEAL_REFUSED,
    /** {@code slots.json} is an older one: a slot is in it that was removed, or it has forgotten that there was one. */
    SLOTS_PUT_BACK,
    /** A witness has signed nothing new for too long. */
    WITNESS_BEHIND,
    /** A witness says that the log is not the one it saw, or its answer is not its signature. */
    WITNESS_REFUSED,
    /** The daily checkpoint could not be handed over for a day. */
    CHECKPOINT_UNSENT,
    /** A backup that vault.yaml asks for was not made. */
    BACKUP_FAILED,
    /** Somebody's act met a value, or an entry of the index, that is not as it was written. */
    NOT_AS_WRITTEN,
    /** The sweep of the store found what is not as it was written. */
    CHECK_FOUND,
    /** Two custodians took a log, or keys, that were not those this node knew. */
    LOG_ACCEPTED,
    /** A mailing was made: somebody may take e-mail addresses out. */
    MAILING_MADE,
    /** Somebody asks for records, and a case waits for the director. */
    CASE_OPENED,
    /** An officer stands at a desk. */
    OFFICER_HERE,
    /** Records were handed out to somebody outside. */
    RECORDS_RELEASED;

    /** Whether it tells that somebody outside asks for records, which a court may have forbidden to say. */
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
