package org.patronvault.patron;

import java.time.Clock;
import org.patronvault.access.Access;
import org.patronvault.audit.AuditLog;
import org.patronvault.keys.KeyCustody;
import org.patronvault.search.EncryptedIndex;
import org.patronvault.search.Phones;
import org.patronvault.store.Store;

/** The use cases around patrons, put together. */
public final class Patrons {
    private final Parts parts;
    private final PatronJson json;
    private final boolean cardCheck;

    /**
     * Use cases over that store, ring, log and rules.
     *
     * @param region phone numbers without a country code are read as dialled there
     * @param cardCheck whether registration refuses a card whose check digit is wrong
     */
    public Patrons(
            Store store,
            KeyCustody custody,
            AuditLog log,
            Access access,
            String region,
            boolean cardCheck,
            Clock clock) {
        Phones phones = new Phones(region);
        this.json = new PatronJson(phones, clock);
        this.cardCheck = cardCheck;
        this.parts = new Parts(
                store, custody, log, access, new EncryptedIndex(custody), new PatronVault(custody), phones, clock);
    }

    /** Reads and writes the API's form of a patron. */
    public PatronJson json() {
        return json;
    }

    /** Search and reveal. */
    public Lookup lookup() {
        return new Lookup(parts);
    }

    /** Reveal of many patrons at once. */
    public BatchReveal batchReveal() {
        return new BatchReveal(parts);
    }

    /** Verify without revealing. */
    public Verification verification() {
        return new Verification(parts);
    }

    /** Register. */
    public Registration registration() {
        return new Registration(parts, cardCheck);
    }

    /** Change. */
    public Correction correction() {
        return new Correction(parts, json);
    }

    /** Replace the card. */
    public CardReplacement cardReplacement() {
        return new CardReplacement(parts);
    }

    /** Merge one patron into another. */
    public Merge merge() {
        return new Merge(parts);
    }

    /** Erase. */
    public Erasure erasure() {
        return new Erasure(parts);
    }

    /** Import. */
    public Importer importer() {
        return new Importer(parts);
    }

    /** What of patrons is not personal. */
    public Directory directory() {
        return new Directory(parts);
    }

    /** Which patrons were changed or erased. */
    public ChangeFeed changes() {
        return new ChangeFeed(parts);
    }

    /** Answers to repeated writes. */
    public Replay replay() {
        return new Replay(parts);
    }

    /** Seals and opens. */
    public PatronVault vault() {
        return parts.vault();
    }
}
