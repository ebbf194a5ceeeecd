package org.patronvault.patron;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.Store;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.patron.change.CardReplacement;
import org.patronvault.patron.change.ConsentRecording;
import org.patronvault.patron.change.PatronPatch;
import org.patronvault.patron.change.Protection;
import org.patronvault.patron.change.Registration;
import org.patronvault.patron.check.PatronIntegrityCheck;
import org.patronvault.patron.check.PatronReencryption;
import org.patronvault.patron.check.PatronReindexing;
import org.patronvault.patron.check.PatronRestoration;
import org.patronvault.patron.erasure.BulkErasure;
import org.patronvault.patron.erasure.Erasure;
import org.patronvault.patron.erasure.ErasureLimit;
import org.patronvault.patron.erasure.ErasureRegister;
import org.patronvault.patron.erasure.LedgerReplay;
import org.patronvault.patron.erasure.Merge;
import org.patronvault.patron.erasure.PairwiseReset;
import org.patronvault.patron.lookup.ChangeFeed;
import org.patronvault.patron.lookup.IdentityVerification;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.lookup.PatronDirectory;
import org.patronvault.patron.record.IndexVersionsRow;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronJson;
import org.patronvault.patron.record.RowReads;
import org.patronvault.patron.record.SequentialCardDetector;
import org.patronvault.patron.transfer.BatchReveal;
import org.patronvault.patron.transfer.CaseDisclosure;
import org.patronvault.patron.transfer.Export;
import org.patronvault.patron.transfer.Importer;
import org.patronvault.patron.transfer.MailingList;
import org.patronvault.patron.transfer.SubjectAccess;
import org.patronvault.search.Phones;

/** The entry point to the use cases around patrons. */
public final class Patrons {
    private final PatronContext parts;
    private final PatronJson json;
    private final Rules rules;

    /**
     * The library's settings.
     *
     * @param region the region whose dialing rules apply to phone numbers without a country code
     * @param areaCodes area codes to try in a search for a phone number without one
     * @param cardCheck whether registration refuses a card whose check digit is wrong
     * @param horizonDays how many days old copies of an erased patron can be opened at most, if keys are destroyed
     *     automatically
     */
    public record Rules(String region, List<String> areaCodes, boolean cardCheck, OptionalInt horizonDays) {}

    /** Use cases over that store, ring, log and access, by those rules. */
    public Patrons(Store store, KeyCustody custody, AuditLog log, Access access, Rules rules, Clock clock) {
        Phones phones = new Phones(rules.region(), rules.areaCodes());
        this.json = new PatronJson(phones, clock);
        this.rules = rules;
        Export.register(access.approvals());
        IndexVersionsRow indexRow = new IndexVersionsRow(store, access.authority());
        EncryptedIndex index = new EncryptedIndex(custody, indexRow);
        this.parts = new PatronContext(
                store,
                custody,
                log,
                access,
                indexRow,
                index,
                new RowReads(index),
                new PatronVault(custody),
                phones,
                new SequentialCardDetector(System::nanoTime),
                clock);
        ErasureLimit.register(access);
    }

    /** Reads and writes the API's form of a patron. */
    public PatronJson json() {
        return json;
    }

    /**
     * Asks the policy whether the caller may do that at all, before the request is read. Each refusal is in the log,
     * malformed requests included.
     *
     * @param aimed the patron of the act, if there is one
     * @param write reads the request and carries it out
     */
    public <T> T admitted(Caller caller, ActKind act, Optional<PatronId> aimed, byte[] request, Supplier<T> write) {
        AccessEvent attempt = parts.attempt(caller, act, aimed, request);
        parts.access().require(caller, permission(act), attempt);
        return parts.log().logging(attempt, write);
    }

    private static Permission permission(ActKind act) {
        return switch (act) {
            case REGISTER -> Permission.REGISTER;
            case CHANGE -> Permission.CHANGE;
            case REPLACE_CARD -> Permission.REPLACE_CARD;
            case ERASE -> Permission.ERASE;
            case MERGE -> Permission.MERGE;
            case PROTECT -> Permission.PROTECT;
            case CONSENT, FORGET -> Permission.CONSENT;
            default -> throw new IllegalArgumentException("not a write of a patron: " + act);
        };
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
    public IdentityVerification verification() {
        return new IdentityVerification(parts);
    }

    /** Register. */
    public Registration registration() {
        return new Registration(parts, rules.cardCheck());
    }

    /** Change. */
    public PatronPatch correction() {
        return new PatronPatch(parts, json);
    }

    /** Replace the card. */
    public CardReplacement cardReplacement() {
        return new CardReplacement(parts);
    }

    /** The replay of what keys/ remembers. */
    public LedgerReplay ledgerReplay() {
        return new LedgerReplay(parts, erasure());
    }

    /** Merge one patron into another. */
    public Merge merge() {
        return new Merge(parts);
    }

    /** Protect a patron, and make a decoy. */
    public Protection protection() {
        return new Protection(parts);
    }

    /** Record consents. */
    public ConsentRecording consenting() {
        return new ConsentRecording(parts);
    }

    /** Reset a patron's subject at a vendor. */
    public PairwiseReset forgetting() {
        return new PairwiseReset(parts);
    }

    /** The patrons who consented to a kind of mail. */
    public MailingList mailing(MailingList.Spec wanted) {
        return new MailingList(parts, wanted);
    }

    /** Erase. */
    public Erasure erasure() {
        return new Erasure(parts, correction(), rules.horizonDays());
    }

    /** Erase many. */
    public BulkErasure manyErasures() {
        return new BulkErasure(parts, erasure());
    }

    /** The patrons waiting to be erased, and the erased ones. */
    public ErasureRegister erasures() {
        return new ErasureRegister(parts, erasure());
    }

    /** Import while a desk is served. */
    public Importer importer() {
        return Importer.besideOthers(parts);
    }

    /** Import while the vault is otherwise unused: faster, and other writers get no turn for a second at a time. */
    public Importer importerAlone() {
        return Importer.alone(parts);
    }

    /** Open all data of a patron for the patron. */
    public SubjectAccess packaging() {
        return new SubjectAccess(parts);
    }

    /** Export. */
    public Export export() {
        return new Export(parts, json);
    }

    /** The data of patrons that is not personal. */
    public PatronDirectory directory() {
        return new PatronDirectory(parts);
    }

    /** Open the patrons that a disclosure case has decided on. */
    public CaseDisclosure releasing() {
        return new CaseDisclosure(parts);
    }

    /** Which patrons were changed or erased. */
    public ChangeFeed changes() {
        return new ChangeFeed(parts);
    }

    /** Answers to repeated writes. */
    public IdempotencyStore replay() {
        return parts.access().replay();
    }

    /** The check of patrons against the log. */
    public PatronIntegrityCheck inspection() {
        return new PatronIntegrityCheck(parts);
    }

    /** Indexes patrons again. */
    public PatronReindexing reindexing() {
        return new PatronReindexing(parts);
    }

    /** Re-encrypts values. */
    public PatronReencryption reencryption() {
        return new PatronReencryption(parts);
    }

    /** Restores patrons from a copy of the database. */
    public PatronRestoration restoration() {
        return new PatronRestoration(parts);
    }

    /** The versions of the search index. */
    public IndexVersionsRow indexRow() {
        return parts.indexRow();
    }

    /** Returns the detector of card numbers that an actor tries one after the other. */
    public SequentialCardDetector cardRuns() {
        return parts.runs();
    }

    /** The shared parts of the use cases. */
    public PatronContext parts() {
        return parts;
    }

    /** Encrypts and decrypts. */
    public PatronVault vault() {
        return parts.vault();
    }
}
