package org.patronvault.patron;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.access.AccessRequest;
import org.patronvault.access.Caller;
import org.patronvault.access.IdempotencyStore;
import org.patronvault.access.Permission;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.PatronId;
import org.patronvault.search.EncryptedIndex;
import org.patronvault.search.Phones;
import org.patronvault.store.Store;

/** The use cases around patrons, put together. */
public final class Patrons {
    private final PatronContext parts;
    private final PatronJson json;
    private final Rules rules;

    /**
     * What the library has settled.
     *
     * @param region phone numbers without a country code are read as dialled there
     * @param areaCodes in which phone numbers without one are looked for
     * @param cardCheck whether registration refuses a card whose check digit is wrong
     * @param horizonDays how long old copies of an erased patron can be opened at most, if keys come to an end by
     *     themselves
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
                new RowReads(store, index),
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
     * Asks the policy whether the caller may do that at all, and only then lets what was sent be looked at; each
     * refusal is in the log, malformed tries included.
     *
     * @param aimed the patron it is aimed at, if there is one
     * @param write reads what was sent and carries it out
     */
    public <T> T admitted(Caller caller, Act act, Optional<PatronId> aimed, byte[] request, Supplier<T> write) {
        AccessEvent attempt = parts.attempt(caller, act, aimed, request);
        parts.access().require(caller, AccessRequest.may(permission(act)), attempt);
        return parts.log().logging(attempt, write);
    }

    private static Permission permission(Act act) {
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

    /** What keys/ remembers, made good. */
    public LedgerReplay ledgerReplay() {
        return new LedgerReplay(parts, erasure());
    }

    /** Merge one patron into another. */
    public Merge merge() {
        return new Merge(parts);
    }

    /** Protect, and make a decoy of. */
    public Protection protection() {
        return new Protection(parts);
    }

    /** What patrons agree to. */
    public ConsentRecording consenting() {
        return new ConsentRecording(parts);
    }

    /** Forget at a vendor. */
    public PairwiseReset forgetting() {
        return new PairwiseReset(parts);
    }

    /** Who said yes to a kind of mail. */
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

    /** Who is to be erased, and who was. */
    public ErasureRegister erasures() {
        return new ErasureRegister(parts, erasure());
    }

    /** Import beside a desk that is served meanwhile. */
    public Importer importer() {
        return Importer.besideOthers(parts);
    }

    /** Import while nobody else uses the vault: faster, and nobody gets a turn for a second at a time. */
    public Importer importerAlone() {
        return Importer.alone(parts);
    }

    /** Open everything of a patron for the patron. */
    public SubjectAccess packaging() {
        return new SubjectAccess(parts);
    }

    /** Export. */
    public Export export() {
        return new Export(parts, json);
    }

    /** What of patrons is not personal. */
    public PatronDirectory directory() {
        return new PatronDirectory(parts);
    }

    /** Open what a disclosure case has decided on. */
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

    /** Holds patrons against the log. */
    public PatronIntegrityCheck inspection() {
        return new PatronIntegrityCheck(parts);
    }

    /** Which of some patrons share a surname. */
    public SurnameSample surnames() {
        return new SurnameSample(parts);
    }

    /** Indexes patrons again. */
    public PatronReindexing reindexing() {
        return new PatronReindexing(parts);
    }

    /** Seals values again. */
    public PatronReencryption reencryption() {
        return new PatronReencryption(parts);
    }

    /** Brings patrons back from a copy of the database. */
    public PatronRestoration restoration() {
        return new PatronRestoration(parts);
    }

    /** Which versions of the search index there are. */
    public IndexVersionsRow indexRow() {
        return parts.indexRow();
    }

    /** Returns the watch over card numbers that an actor tries one after the other. */
    public SequentialCardDetector cardRuns() {
        return parts.runs();
    }

    /** What the use cases stand on. */
    PatronContext parts() {
        return parts;
    }

    /** Seals and opens. */
    public PatronVault vault() {
        return parts.vault();
    }
}
