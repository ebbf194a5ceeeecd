package org.patronvault.upkeep.leakage;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.ReadableRows;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.search.NameForm;

/**
 * A random sample of patrons, grouped by equal surnames. Names are opened after they are logged, compared, and
 * discarded. No name leaves this class. Safe for use by many threads.
 */
public final class SurnameSample {
    private static final Set<PatronField> OPENED = Set.of(PatronField.NAME);
    private static final int PAGE = 4_096;

    /**
     * Patrons and their surnames.
     *
     * @param surnames a number for each patron, equal for equal surnames; a number below the length of the given list
     *     is a position in it
     * @param unreadable how many more were drawn, whose row or name cannot be read; `check` names them
     */
    public record Drawn(List<PatronId> patrons, int[] surnames, int unreadable) {}

    private final PatronContext parts;

    public SurnameSample(PatronContext parts) {
        this.parts = parts;
    }

    /**
     * Draws patrons in that snapshot, and opens the name of each.
     *
     * @param most how many at most
     * @param known surnames whose numbers are their positions
     * @param opening the event to log before the opening, for each {@value AccessEvent#MAX_SUBJECTS} patrons
     * @param told receives the number of opened patrons
     */
    public Drawn draw(Tx tx, int most, List<String> known, AccessEvent opening, LongConsumer told) {
        Map<String, Integer> numbers = new HashMap<>();
        known.forEach(surname -> numbers.putIfAbsent(folded(surname), numbers.size()));
        List<PatronId> drawn = some(tx, most);
        List<PatronId> patrons = new ArrayList<>();
        List<Integer> surnames = new ArrayList<>();
        for (List<PatronId> batch : AccessEvent.inEntries(drawn)) {
            AuditReceipt receipt = parts.log()
                    .record(opening.on(batch.stream()
                            .map(patron -> Subject.opened(patron, OPENED))
                            .toList()));
            for (StoredPatron stored :
                    ReadableRows.of(batch, tx.patrons()::findAll).values()) {
                try {
                    PersonalData data = parts.vault()
                            .open(
                                    stored,
                                    OPENED,
                                    receipt,
                                    opening.actor(),
                                    opening.purpose().orElseThrow());
                    String surname = folded(data.name().orElseThrow().family());
                    surnames.add(numbers.computeIfAbsent(surname, any -> numbers.size()));
                    patrons.add(stored.id());
                } catch (IntegrityException e) {
                    // Counted below.
                }
            }
            told.accept(patrons.size());
        }
        return new Drawn(
                patrons, surnames.stream().mapToInt(Integer::intValue).toArray(), drawn.size() - patrons.size());
    }

    /** Draws patrons with equal probability, in no order. */
    private static List<PatronId> some(Tx tx, int most) {
        SplittableRandom random = new SplittableRandom(
                java.nio.ByteBuffer.wrap(SecureBytes.random(Long.BYTES)).getLong());
        List<PatronId> drawn = new ArrayList<>();
        long met = 0;
        long after = Long.MIN_VALUE;
        List<PatronId> page;
        do {
            page = most == 0 ? List.of() : tx.patrons().idsAfter(after, PAGE);
            for (PatronId id : page) {
                met++;
                after = id.number();
                if (drawn.size() < most) {
                    drawn.add(id);
                } else {
                    long place = random.nextLong(met);
                    if (place < most) {
                        drawn.set((int) place, id);
                    }
                }
            }
        } while (!page.isEmpty());
        Collections.shuffle(drawn, new java.util.Random(random.nextLong()));
        return drawn;
    }

    /** The form in which accents and capitals make no difference. */
    private static String folded(String surname) {
        return NameForm.of(surname).joined();
    }
}
