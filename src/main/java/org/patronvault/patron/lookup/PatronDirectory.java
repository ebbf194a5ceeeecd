package org.patronvault.patron.lookup;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.Posting;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Grant;
import org.patronvault.core.policy.PatronRestrictions;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.patron.record.Match;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.search.CardNumbers;
import org.patronvault.search.IndexReading;

/** The data of patrons that is not personal. It needs no receipt, and no personal field is ever opened. */
public final class PatronDirectory {

    /** A patron's unencrypted row and the content of meta. */
    public record Entry(PatronId id, long version, PatronAttributes attributes, PatronMeta facts) implements Grant.Row {
        static Entry of(PatronRow row, PatronMeta facts) {
            return new Entry(row.id(), row.version(), row.attributes(), facts);
        }

        @Override
        public String library() {
            return attributes.library();
        }

        @Override
        public PatronRestrictions restrictions() {
            return facts.standing();
        }
    }

    /** No card, since no card can have this form. */
    private static final String NOBODYS = "-";

    private final PatronContext parts;

    public PatronDirectory(PatronContext parts) {
        this.parts = parts;
    }

    /** The patron of that id, for a caller who may search; refused with {@code not-found} if there is none. */
    public Entry find(Caller caller, Optional<PatronId> id, byte[] request) {
        AccessEvent attempt = parts.attempt(caller, ActKind.FACTS, id, request);
        Grant grant = parts.access().require(caller, Permission.SEARCH, attempt);
        return parts.log().logging(attempt, () -> find(grant, id));
    }

    private Entry find(Grant grant, Optional<PatronId> id) {
        StoredPatron stored = id.flatMap(parts::find).orElseThrow(PatronContext::notFound);
        if (!grant.allows(Grant.ofLibrary(stored.row().attributes().library()))) {
            throw PatronContext.notFound();
        }
        return Entry.of(stored.row(), parts.vault().facts(stored));
    }

    /**
     * The patron who uses that card now; empty for unknown, former and impossible cards alike. For these a random other
     * row is read and verified, so the answer takes as long as for a used card.
     */
    public Optional<Entry> holder(String card) {
        IndexTerm term = new IndexTerm(IndexTerm.TermClass.CARD, canonical(card));
        return parts.store().read(tx -> holder(tx, term));
    }

    private static String canonical(String card) {
        try {
            return CardNumbers.canonical(card);
        } catch (Refused e) {
            return NOBODYS;
        }
    }

    private Optional<Entry> holder(Tx tx, IndexTerm card) {
        IndexReading index = parts.index().in(tx, List.of(card));
        Optional<Posting> found = index.find(card, 1).stream()
                .filter(posting -> !posting.former())
                .findFirst();
        // One statement for both: it finds the row of that number, or else the next row.
        long number = found.map(posting -> posting.patron().number())
                .orElseGet(() -> ThreadLocalRandom.current().nextLong());
        Optional<StoredPatron> row = tx.lastly().next(number);
        if (found.isEmpty()) {
            index.workAsForOne(card);
            row.ifPresent(this::open);
            return Optional.empty();
        }
        return found.map(posting -> proved(Match.requireLive(
                posting, row.filter(one -> one.id().equals(posting.patron())).orElse(null))));
    }

    /** Verifies a row that was not asked for, to take as long. Damage there does not concern this caller. */
    private void open(StoredPatron standIn) {
        try {
            Entry unused = proved(standIn);
        } catch (IntegrityException e) {
            // A check of the store finds it.
        }
    }

    private Entry proved(StoredPatron stored) {
        return Entry.of(stored.row(), parts.vault().facts(stored));
    }

    /** How many patrons there are. */
    public long count() {
        return parts.store().read(tx -> tx.patrons().count());
    }
}
