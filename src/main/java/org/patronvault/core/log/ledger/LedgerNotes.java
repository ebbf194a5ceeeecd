package org.patronvault.core.log.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.keys.LedgerLine.Consented;
import org.patronvault.core.keys.LedgerLine.Emptied;
import org.patronvault.core.keys.LedgerLine.Erased;
import org.patronvault.core.keys.LedgerLine.LoggedNote;
import org.patronvault.core.keys.LedgerLine.Merged;
import org.patronvault.core.keys.LedgerLine.Note;
import org.patronvault.core.keys.LedgerLine.Revoked;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogChanges;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

/** The rules for which log entries become notes in the ledger. */
public final class LedgerNotes {
    private static final String WITHDRAWN = "-withdrawn";
    private static final String GIVEN = "-given";

    /** Fields that can be erased alone. */
    private static final Set<PatronField> ALONE = Set.of(PatronField.ADDRESS, PatronField.PHONE, PatronField.EMAIL);

    private LedgerNotes() {}

    /** Returns the notes of some entries, in their order. */
    public static List<Note> of(LogChanges page) {
        List<Note> notes = notes(page.changes());
        page.revocations().forEach(revocation -> notes.add(note(revocation)));
        return notes;
    }

    private static List<Note> notes(List<LogChanges.ChangedPatron> changes) {
        List<Note> notes = new ArrayList<>();
        LogChanges.ChangedPatron first = null;
        for (LogChanges.ChangedPatron changed : changes) {
            first = changed.place() == 0 ? changed : first;
            AccessEvent said = changed.said();
            PatronId patron = changed.patron();
            long entry = changed.entry();
            switch (said.act()) {
                case ERASE -> {
                    if (said.outcome() == Outcome.ERASED) {
                        notes.add(new Erased(patron, entry));
                    } else {
                        emptied(changed).forEach(field -> notes.add(new Emptied(field, patron, entry)));
                    }
                }
                case MERGE -> {
                    if (changed.isErased() && first != null && first.entry() == entry) {
                        notes.add(new Merged(patron, first.patron(), entry));
                    }
                }
                case CONSENT, UNSUBSCRIBE ->
                    said.about()
                            .flatMap(about -> consented(about, patron, entry))
                            .ifPresent(notes::add);
                default -> {}
            }
        }
        return notes;
    }

    private static List<PatronField> emptied(LogChanges.ChangedPatron changed) {
        return changed.subject().writes().stream()
                .map(Subject.Write::field)
                .filter(ALONE::contains)
                .toList();
    }

    private static Note note(LogChanges.Revocation revocation) {
        Revoked.Owner whose = revocation.act() == ActKind.CLIENT ? Revoked.Owner.CLIENT : Revoked.Owner.STAFF;
        return new Revoked(whose, revocation.name(), revocation.entry());
    }

    /** Returns the {@code about} of an entry on a consent. */
    public static String about(String purpose, boolean given) {
        return purpose + (given ? GIVEN : WITHDRAWN);
    }

    /** Whether a text is an {@link #about} of a consent. */
    public static boolean isAbout(String about) {
        return consented(about, new PatronId(0), 0).isPresent();
    }

    /** Returns a patron's consent decision, if the entry's {@code about} is one. */
    static Optional<Note> consented(String about, PatronId patron, long entry) {
        for (String purpose : Consent.PURPOSES) {
            for (boolean given : new boolean[] {true, false}) {
                if (about.equals(about(purpose, given))) {
                    return Optional.of(new Consented(purpose, given, patron, entry));
                }
            }
        }
        return Optional.empty();
    }

    /** Whether that log has exactly that entry. Then the entry's effect is in its database too. */
    public static boolean isIn(LogReader log, LoggedNote note) {
        return log.entries(note.entry(), note.entry() + 1).entries().stream()
                .map(LogReader.Entry::event)
                .anyMatch(event -> note instanceof Revoked one ? says(event, one) : saysEmptied(event, note));
    }

    private static boolean says(AccessEvent event, Revoked one) {
        return event.outcome() == Outcome.REVOKED
                && event.act() == (one.whose() == Revoked.Owner.CLIENT ? ActKind.CLIENT : ActKind.STAFF)
                && event.about().filter(one.name()::equals).isPresent();
    }

    /**
     * Whether an entry says that fields were erased. In a forgotten month nobody can say which patron an entry names.
     */
    private static boolean saysEmptied(AccessEvent event, LoggedNote note) {
        return event.act() == ActKind.ERASE
                && event.outcome() == Outcome.WRITTEN
                && note instanceof Emptied one
                && (event.subjects().isEmpty()
                        || event.subjects().stream()
                                .anyMatch(subject -> subject.patron().equals(one.patron())));
    }
}
