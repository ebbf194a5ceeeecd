package org.patronvault.patron;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.AuditReceipt;
import org.patronvault.audit.Subject;
import org.patronvault.audit.Unit;
import org.patronvault.crypto.SecureBytes;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.search.NameForm;
import org.patronvault.store.ReadableRows;
import org.patronvault.store.StoredPatron;
import org.patronvault.store.Tx;

/**
 * Which of some patrons, drawn at random, share a surname: names are opened after the log says so, compared, and gone. No
 * name leaves this class. Safe for use by many threads.
 */
public final class SurnameSample {
    private static final Set<PatronField> OPENED = Set.of(PatronField.NAME);
    private static final int PAGE = 4_096;

    /**
     * Patrons and their surnames.
     *
     * @param surnames of each a number, equal for equal surnames; those below the length of the list that was given
     *     are places in it
     * @param unreadable how many more were drawn, whose row cannot be read, or whose name does not open: `check` names
     *     them
     */
    public record Drawn(List<PatronId> patrons, int[] surnames, int unreadable) {}

    private final PatronContext parts;

    SurnameSample(PatronContext parts) {
        this.parts = parts;
    }

    /**
     * Draws patrons as that snapshot shows them, and opens the name of each.
     *
     * @param most how many at most
     * @param known surnames that get the numbers of their places
     * @param opening what the log says before any is opened, for each {@value AccessEvent#MAX_SUBJECTS} of them
     * @param told how many have been opened
     */
    public Drawn draw(Tx tx, int most, List<String> known, AccessEvent opening, LongConsumer told) {
        Map<String, Integer> numbers = new HashMap<>();
        known.forEach(surname -> numbers.putIfAbsent(folded(surname), numbers.size()));
        List<PatronId> drawn = some(tx, most);
        List<PatronId> patrons = new ArrayList<>();
        List<Integer> surnames = new ArrayList<>();
        for (List<PatronId> batch : AccessEvent.inEntries(drawn)) {
            AuditReceipt receipt = parts.log()
                    .appendAndWait(Unit.of(opening.on(batch.stream()
                            .map(patron -> Subject.opened(patron, OPENED))
                            .toList())));
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

    /** Of all patrons each with the same chance, in no order. */
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

    /** Written with accents or without, in capitals or not, it is the same surname. */
    private static String folded(String surname) {
        return NameForm.of(surname).joined();
    }
}
