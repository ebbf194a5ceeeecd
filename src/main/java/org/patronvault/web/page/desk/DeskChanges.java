package org.patronvault.web.page.desk;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Refused;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.change.ConsentRecording;
import org.patronvault.patron.change.PatronPatch;
import org.patronvault.patron.lookup.PatronDirectory;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.PageSession.Signed;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.desk.DeskActs.Result;

/** The changes that the desk makes to an open patron record: one use-case call each, then the masked record. */
final class DeskChanges {
    private static final String LOST = "lost";
    private static final String REPLACED = "replaced";

    private final Patrons patrons;
    private final DeskViews views;
    private final DeskActs acts;

    DeskChanges(Patrons patrons, DeskViews views, DeskActs acts) {
        this.patrons = patrons;
        this.views = views;
        this.acts = acts;
    }

    /** Shows the form beside the record. */
    CompletableFuture<Result> form(Signed by, Form form) {
        return CompletableFuture.completedFuture(shown(by, form, DeskView.Notice.NONE, true));
    }

    /** Corrects the fields that were filled in, in the version that the form shows. */
    CompletableFuture<Result> correct(Signed by, Form form) {
        PatronPatch.Result done = patrons.correction()
                .apply(
                        by.caller(),
                        DeskActs.patron(form),
                        version(form),
                        () -> PatronForm.patch(form),
                        Optional.empty(),
                        AuditLog.newRequest());
        return done(by, form, notice(by, done, "change.done"));
    }

    /** Replaces a lost or worn library card. */
    CompletableFuture<Result> replaceCard(Signed by, Form form) {
        PatronPatch.Result done = patrons.cardReplacement()
                .replace(
                        by.caller(),
                        DeskActs.patron(form),
                        () -> form.text("card"),
                        () -> newCard(by.texts(), form),
                        Optional.empty(),
                        AuditLog.newRequest());
        return done(by, form, notice(by, done, "replace.done"));
    }

    private static String newCard(Texts t, Form form) {
        if (!List.of(LOST, REPLACED).contains(form.text("reason"))) {
            throw RequestReader.invalid(t.say("replace.no-reason"));
        }
        return form.filled("card").orElseThrow(() -> RequestReader.invalid(t.say("replace.no-card")));
    }

    /** Records a yes or a no. */
    CompletableFuture<Result> consent(Signed by, Form form) {
        ConsentRecording.Result done = patrons.consenting()
                .put(
                        by.caller(),
                        DeskActs.patron(form),
                        version(form),
                        () -> PatronForm.said(form),
                        Optional.empty(),
                        AuditLog.newRequest());
        String took = by.texts().say(done.consent().given() ? "consent.took-yes" : "consent.took-no");
        return done(by, form, DeskView.Notice.done(took));
    }

    /** Gives the patron a new pairwise subject at a vendor. */
    CompletableFuture<Result> forget(Signed by, Form form) {
        patrons.forgetting()
                .forget(
                        by.caller(),
                        DeskActs.patron(form),
                        version(form),
                        () -> form.filled("vendor")
                                .orElseThrow(
                                        () -> RequestReader.invalid(by.texts().say("forget.no-vendor"))),
                        Optional.empty(),
                        AuditLog.newRequest());
        return done(by, form, DeskView.Notice.done(by.texts().say("forget.done")));
    }

    private static OptionalLong version(Form form) {
        try {
            return OptionalLong.of(Long.parseLong(form.text("version")));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** Says what is done, with the number of the log entry if a value was opened. */
    private static DeskView.Notice notice(Signed by, PatronPatch.Result done, String key) {
        String text = by.texts().say(key);
        return done.entry().map(entry -> DeskActs.logged(by, text, entry)).orElseGet(() -> DeskView.Notice.done(text));
    }

    private CompletableFuture<Result> done(Signed by, Form form, DeskView.Notice notice) {
        return CompletableFuture.completedFuture(shown(by, form, notice, false));
    }

    /** Returns the page after a refusal: the form stays with its input. */
    Result refused(Signed by, Form form, Refused refused) {
        Result shown = acts.refused(by, form, refused);
        return shown.card().filter(DeskView.Card::changeable).isPresent()
                ? shown(by, form, DeskView.Notice.refused(PatronForm.told(by.texts(), refused)), true)
                : shown;
    }

    private Result shown(Signed by, Form form, DeskView.Notice notice, boolean changes) {
        PatronDirectory.Entry entry = acts.facts(by.caller(), DeskActs.patron(form));
        DeskView.Card card = acts.card(by, form, entry, PersonalData.NOTHING, Map.of());
        return new Result(
                notice,
                List.of(),
                Optional.of(changes && card.changeable() ? card.with(views.change(by, entry)) : card));
    }
}
