package org.patronvault.patron;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.access.Question;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.AuditReceipt;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Subject;
import org.patronvault.audit.Unit;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.model.Attributes;
import org.patronvault.model.Consent;
import org.patronvault.model.PatronField;
import org.patronvault.model.Problem;
import org.patronvault.model.Purpose;
import org.patronvault.model.Refused;
import org.patronvault.search.Term;
import org.patronvault.store.PatronRow;
import org.patronvault.store.StoredPatron;

/**
 * Takes a file's patrons in. A row is known again by its card, and known to be the same by a fingerprint kept in meta:
 * so the same file again changes nothing, and a broken import is resumed by starting it once more.
 */
public final class Importer {
    private static final int IN_FLIGHT = 8;
    private static final String CARD_IN_USE = "card-in-use";

    /** New rows that are written as one unit. */
    private record Batch(List<ImportRow.Accepted> rows, List<PatronWriter.Prepared> prepared) {}

    /** The patron who has, or had, a row's card. */
    private record Known(StoredPatron stored, boolean former) {}

    /** A batch under way. */
    private record Sent(Batch batch, CompletableFuture<AuditReceipt> receipt) {}

    private final Parts parts;
    private final PatronWriter writer;

    Importer(Parts parts) {
        this.parts = parts;
        this.writer = new PatronWriter(parts);
    }

    /**
     * Reads {@code rows} to the end.
     *
     * @param dryRun whether to say what would happen, and do nothing
     * @param progress told the number of rows done, now and then
     * @throws Refused if the file itself cannot be read on; what came before stays
     */
    public ImportReport run(Caller caller, PatronReader rows, boolean dryRun, LongConsumer progress) {
        byte[] request = AuditLog.newRequest();
        AccessEvent attempt = parts.attempt(caller, Act.IMPORT, request).forPurpose(Purpose.IMPORT);
        parts.access().require(caller, Question.may(Permission.IMPORT), attempt);
        Run run = new Run(attempt, dryRun, new ImportReport());
        long done = 0;
        try {
            for (Optional<ImportRow> row = rows.next(); row.isPresent(); row = rows.next()) {
                run.take(row.get());
                progress.accept(++done);
            }
        } finally {
            run.finish();
        }
        return run.report;
    }

    /** One run through one file. */
    private final class Run {
        private final AccessEvent attempt;
        private final boolean dryRun;
        private final ImportReport report;
        private final Deque<Sent> sent = new ArrayDeque<>();
        private Batch batch = new Batch(new ArrayList<>(), new ArrayList<>());

        private Run(AccessEvent attempt, boolean dryRun, ImportReport report) {
            this.attempt = attempt;
            this.dryRun = dryRun;
            this.report = report;
        }

        private void take(ImportRow row) {
            row.match(
                    accepted -> {
                        accept(accepted);
                        return null;
                    },
                    refused -> {
                        report.refuse(refused);
                        return null;
                    });
        }

        private void accept(ImportRow.Accepted row) {
            Term card = new Term(Term.TermClass.CARD, row.draft().card());
            Optional<Known> known = parts.store()
                    .read(tx -> parts.index().find(tx, card, 1).stream()
                            .findFirst()
                            .map(posting -> new Known(Lookup.row(tx, posting), posting.former())));
            if (known.isEmpty()) {
                create(row);
            } else if (known.get().former()) {
                report.refuse(row.line(), CARD_IN_USE, row.dropped());
            } else {
                renew(row, known.get().stored());
            }
        }

        private void create(ImportRow.Accepted row) {
            if (dryRun) {
                report.count(ImportReport.Outcome.CREATED, row.dropped());
                return;
            }
            PatronDraft draft = row.draft();
            PatronRow clear = new PatronRow(Registration.newId(), 1, 1, attributes(draft, Optional.empty()));
            batch.rows().add(row);
            batch.prepared().add(writer.prepare(draft, clear, fingerprint(draft)));
            if (batch.rows().size() == AccessEvent.MAX_SUBJECTS) {
                send();
            }
        }

        private void send() {
            if (batch.rows().isEmpty()) {
                return;
            }
            sent.add(new Sent(batch, parts.log().appendBulk(unit(batch.prepared()))));
            batch = new Batch(new ArrayList<>(), new ArrayList<>());
            if (sent.size() >= IN_FLIGHT) {
                settle(sent.remove());
            }
        }

        private Unit unit(List<PatronWriter.Prepared> prepared) {
            return Unit.writing(attempt.ending(Outcome.WRITTEN), tx -> {
                List<Subject> subjects = new ArrayList<>();
                prepared.forEach(p -> subjects.add(writer.insert(tx, p)));
                return attempt.ending(Outcome.WRITTEN).on(subjects);
            });
        }

        /** Waits for a batch; where one row of it is refused, the others go in one by one. */
        private void settle(Sent one) {
            try {
                AuditLog.await(one.receipt());
                one.batch().rows().forEach(row -> report.count(ImportReport.Outcome.CREATED, row.dropped()));
            } catch (Refused e) {
                if (e.problem() != Problem.CARD_IN_USE) {
                    throw e;
                }
                for (int i = 0; i < one.batch().rows().size(); i++) {
                    alone(one.batch().rows().get(i), one.batch().prepared().get(i));
                }
            }
        }

        private void alone(ImportRow.Accepted row, PatronWriter.Prepared prepared) {
            try {
                AuditLog.await(parts.log().appendBulk(unit(List.of(prepared))));
                report.count(ImportReport.Outcome.CREATED, row.dropped());
            } catch (Refused e) {
                if (e.problem() != Problem.CARD_IN_USE) {
                    throw e;
                }
                report.refuse(row.line(), CARD_IN_USE, row.dropped());
            }
        }

        private void finish() {
            send();
            while (!sent.isEmpty()) {
                settle(sent.remove());
            }
        }

        private void renew(ImportRow.Accepted row, StoredPatron stored) {
            Facts facts = parts.vault().facts(stored);
            byte[] fingerprint = fingerprint(row.draft());
            if (Arrays.equals(facts.importFingerprint(), fingerprint)) {
                report.count(ImportReport.Outcome.UNCHANGED, row.dropped());
                return;
            }
            if (!dryRun) {
                replace(row.draft(), stored, facts, fingerprint);
            }
            report.count(ImportReport.Outcome.UPDATED, row.dropped());
        }

        /** Replaces every value; opens the cards only, since those of before stay known. */
        private void replace(PatronDraft draft, StoredPatron stored, Facts facts, byte[] fingerprint) {
            AuditReceipt receipt = parts.log()
                    .appendAndWait(Unit.of(attempt.ending(Outcome.DISCLOSED)
                            .on(List.of(Subject.opened(stored.id(), EnumSet.of(PatronField.CARD))))));
            List<String> cards = parts.vault()
                    .open(stored, EnumSet.of(PatronField.CARD), receipt)
                    .cards()
                    .orElseThrow();
            Set<PatronField> set = PatronWriter.set(draft);
            Facts now = new Facts(
                    set,
                    facts.isProtected(),
                    facts.isDecoy(),
                    facts.generations(),
                    consents(facts, draft),
                    fingerprint);
            PatronRow row = new PatronRow(
                    stored.id(),
                    stored.row().version() + 1,
                    stored.row().indexGeneration() + 1,
                    attributes(draft, Optional.of(stored.row().attributes())));
            Map<PatronField, byte[]> values = PatronWriter.values(cards, draft);
            values.remove(PatronField.CARD);
            PatronWriter.Change change = writer.prepare(
                    stored, facts, row, values, now, Terms.of(parts.phones(), cards, draft.phone(), draft.email()));
            parts.log()
                    .appendAndWait(Unit.writing(
                            attempt.ending(Outcome.WRITTEN),
                            tx -> attempt.ending(Outcome.WRITTEN).on(List.of(writer.update(tx, change)))));
        }

        private Attributes attributes(PatronDraft draft, Optional<Attributes> before) {
            return new Attributes(
                    draft.library(),
                    draft.category(),
                    draft.expires(),
                    draft.status(),
                    draft.registered().orElse(before.map(Attributes::registered).orElse(parts.thisMonth())));
        }
    }

    private static List<Consent> consents(Facts facts, PatronDraft draft) {
        boolean has = facts.consents().stream().anyMatch(c -> c.purpose().equals(Consent.SERVICE));
        if (has || draft.consent().isEmpty()) {
            return facts.consents();
        }
        List<Consent> consents = new ArrayList<>(facts.consents());
        consents.add(draft.consent().get());
        return consents;
    }

    /** A MAC over everything a row says but consent, which is the importer's statement and not the row's. */
    private byte[] fingerprint(PatronDraft draft) {
        CanonicalBytes canonical = CanonicalBytes.begin("import-row")
                .lp(draft.library())
                .lp(draft.category().wireName())
                .lp(draft.status().wireName())
                .lp(draft.expires().map(Object::toString).orElse(""))
                .lp(draft.registered().map(Object::toString).orElse(""));
        PatronWriter.values(List.of(draft.card()), draft)
                .forEach((field, value) -> canonical.u8(field.code()).lp(value));
        return parts.custody().keys().fingerprints().truncated(canonical.bytes(), Facts.FINGERPRINT_BYTES);
    }
}
