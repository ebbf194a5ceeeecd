package org.patronvault.web.page.desk;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.lookup.IdentityVerification;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.lookup.PatronDirectory;
import org.patronvault.patron.lookup.SearchQuery;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.RequestValidation;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.PageSession.Signed;
import org.patronvault.web.page.Texts;

/**
 * The acts of the desk's forms: one use-case call each, and the page content after it. The server keeps nothing of an
 * open patron record. Showing a value again means decrypting it again under a new log entry.
 */
public final class DeskActs {
    private static final Set<String> HINTS = Set.of("item-barcode", "mis-scan", "digits-alone");

    /** One act, and throws a refusal, or fails the future with it. */
    @FunctionalInterface
    interface Act {
        CompletableFuture<Result> run(Signed by, Form form);
    }

    /** Builds the page after a refused act. */
    @FunctionalInterface
    interface Refusal {
        Result show(Signed by, Form form, Refused refused);
    }

    /** The page content after an act. */
    record Result(DeskView.Notice notice, List<DeskView.Match> matches, Optional<DeskView.Card> card) {
        static final Result NOTHING = new Result(DeskView.Notice.NONE, List.of(), Optional.empty());

        static Result refused(Refused refused) {
            return new Result(DeskView.Notice.refused(refused.getMessage()), List.of(), Optional.empty());
        }
    }

    private final Patrons patrons;
    private final DeskViews views;

    DeskActs(Patrons patrons, DeskViews views) {
        this.patrons = patrons;
        this.views = views;
    }

    /** Searches by the one box. A single exact match opens at once, because the search decrypted the name already. */
    CompletableFuture<Result> find(Signed by, Form form) {
        return patrons.lookup()
                .find(by.caller(), query(by.texts(), form), AuditLog.newRequest())
                .thenApply(found -> found(by, found));
    }

    private static SearchQuery query(Texts t, Form form) {
        RequestValidation faults = new RequestValidation();
        Optional<Purpose> purpose = faults.read(() -> purpose(t, form));
        Optional<String> q = faults.read(
                () -> form.filled("q").orElseThrow(() -> RequestReader.invalid(t.say("desk.nothing-typed"))));
        return SearchQuery.ofBox(q, purpose, Lookup.MAX_RESULTS, Set.of(), faults.first());
    }

    private Result found(Signed by, Lookup.Result found) {
        List<Lookup.Hit> hits = found.hits();
        if (hits.isEmpty()) {
            String text = by.texts()
                    .say(found.hint()
                            .filter(HINTS::contains)
                            .map(hint -> "found." + hint)
                            .orElse("found.nobody"));
            return new Result(DeskView.Notice.done(text), List.of(), Optional.empty());
        }
        List<Lookup.Hit> exact =
                hits.stream().filter(hit -> !DeskViews.isGuess(hit)).toList();
        if (exact.size() != 1 || found.more()) {
            String few = hits.size() == Lookup.MAX_RESULTS ? "found.more" : "found.others";
            String text = by.texts().say(found.more() ? few : "found.matches", hits.size());
            return new Result(logged(by, text, found.entry()), listed(by, hits), Optional.empty());
        }
        Lookup.Hit hit = exact.get(0);
        List<Lookup.Hit> like = hits.stream().filter(DeskViews::isGuess).toList();
        DeskView.Card card = hit.facts()
                ? views.card(
                        by,
                        facts(by.caller(), Optional.of(hit.id())),
                        DeskViews.isInactive(hit),
                        hit.data(),
                        hit.masked(),
                        Map.of())
                : DeskViews.idOnly(hit);
        String text =
                like.isEmpty() ? by.texts().say("found.matches", 1) : by.texts().say("found.one-and-like", like.size());
        return new Result(logged(by, text, found.entry()), listed(by, like), Optional.of(card));
    }

    private List<DeskView.Match> listed(Signed by, List<Lookup.Hit> hits) {
        return hits.stream().map(hit -> views.match(by, hit)).toList();
    }

    /** Opens a patron record and reveals the name. */
    CompletableFuture<Result> open(Signed by, Form form) {
        return reveal(by, form, EnumSet.of(PatronField.NAME), PatronField.NAME, new RequestValidation());
    }

    /** Reveals one field, and the name if its purpose allows, so that the record stays open. */
    CompletableFuture<Result> reveal(Signed by, Form form) {
        RequestValidation faults = new RequestValidation();
        PatronField field = faults.read(() -> PatronField.ofWireName(form.text("field"))
                        .filter(PatronField::isPersonal)
                        .orElseThrow(() ->
                                new Refused(Problem.FIELD_UNKNOWN, by.texts().say("card.no-such-field"))))
                .orElse(PatronField.NAME);
        return reveal(by, form, EnumSet.of(field), field, faults);
    }

    private CompletableFuture<Result> reveal(
            Signed by, Form form, Set<PatronField> fields, PatronField told, RequestValidation faults) {
        Optional<Purpose> purpose = faults.read(() -> purpose(by.texts(), form));
        return patrons.lookup()
                .reveal(
                        by.caller(),
                        patron(form),
                        fields,
                        Set.of(PatronField.NAME),
                        purpose,
                        faults.first(),
                        AuditLog.newRequest())
                .thenApply(revealed -> {
                    DeskView.Card card = card(by, form, revealed.data(), Map.of());
                    return new Result(
                            logged(by, by.texts().say("field." + told.wireName() + ".revealed"), revealed.entry()),
                            List.of(),
                            Optional.of(card));
                });
    }

    /** Compares a caller's statements with the stored values, and shows none of them. */
    CompletableFuture<Result> verify(Signed by, Form form) {
        Map<IdentityVerification.Claim, String> claims = new EnumMap<>(IdentityVerification.Claim.class);
        for (IdentityVerification.Claim claim : IdentityVerification.Claim.values()) {
            form.filled(claim.wireName()).ifPresent(said -> claims.put(claim, said));
        }
        Optional<Refused> fault = claims.isEmpty()
                ? Optional.of(RequestReader.invalid(by.texts().say("verify.nothing-said")))
                : Optional.empty();
        IdentityVerification.Result verified =
                patrons.verification().verify(by.caller(), patron(form), claims, fault, AuditLog.newRequest());
        long right = verified.right().values().stream().filter(yes -> yes).count();
        long wrong = verified.right().size() - right;
        String text = by.texts().say("verify.done", right, wrong);
        DeskView.Card card = card(by, form, PersonalData.NOTHING, verified.right());
        return CompletableFuture.completedFuture(
                new Result(logged(by, text, verified.entry()), List.of(), Optional.of(card)));
    }

    /** Returns the page after a refusal: the record stays, fully masked. */
    Result refused(Signed by, Form form, Refused refused) {
        Optional<DeskView.Card> card = Optional.empty();
        boolean mayKnow = refused.problem() != Problem.NOT_FOUND && refused.problem() != Problem.NOT_ALLOWED;
        if (mayKnow && patron(form).isPresent()) {
            try {
                card = Optional.of(card(by, form, PersonalData.NOTHING, Map.of()));
            } catch (Refused e) {
                // Without a record the page reports the first refusal.
                card = Optional.empty();
            }
        }
        return new Result(DeskView.Notice.refused(refused.getMessage()), List.of(), card);
    }

    private DeskView.Card card(
            Signed by, Form form, PersonalData data, Map<IdentityVerification.Claim, Boolean> answers) {
        return card(by, form, facts(by.caller(), patron(form)), data, answers);
    }

    /** Returns the record of a patron already found. */
    DeskView.Card card(
            Signed by,
            Form form,
            PatronDirectory.Entry entry,
            PersonalData data,
            Map<IdentityVerification.Claim, Boolean> answers) {
        boolean inactive = List.of(form.text("inactive").split(" ", -1)).contains(form.text("patron"));
        return views.card(by, entry, inactive, data, Set.of(), answers);
    }

    PatronDirectory.Entry facts(Caller caller, Optional<PatronId> id) {
        return patrons.directory().find(caller, id, AuditLog.newRequest());
    }

    public static Optional<PatronId> patron(Form form) {
        return PatronId.parse(form.text("patron"));
    }

    private static Purpose purpose(Texts t, Form form) {
        Purpose purpose = new Purpose(form.filled("purpose")
                .orElseThrow(() -> new Refused(Problem.PURPOSE_REQUIRED, t.say("desk.no-purpose"))));
        if (!Purpose.KNOWN.contains(purpose)) {
            throw new Refused(Problem.PURPOSE_UNKNOWN, t.say("desk.unknown-purpose"));
        }
        return purpose;
    }

    static DeskView.Notice logged(Signed by, String text, long entry) {
        // A plain number, because people search for it in that form.
        return DeskView.Notice.done(by.texts().say("logged", text, Long.toString(entry)));
    }
}
