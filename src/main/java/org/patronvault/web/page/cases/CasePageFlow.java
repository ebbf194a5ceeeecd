package org.patronvault.web.page.cases;

import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.PageSession;
import org.patronvault.web.page.PageSession.Signed;
import org.patronvault.web.page.SessionCookie;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.desk.DeskPages;

/** The common part of the pages about cases: the caller, the form, and recognition of a resent form. */
final class CasePageFlow {
    /** Names of form members: the token that gives a resent form one effect, and the boxes of fields. */
    static final String ONCE = "once";

    static final String FIELD = "field";

    private final WebUseCases parts;
    private final PageSession session;
    private final DeskViews desk;

    /** A signed-in member of staff, and the form they sent. */
    record Visit(Context ctx, Signed signed, Form form) {
        Caller caller() {
            return signed.caller();
        }

        Texts t() {
            return signed.texts();
        }
    }

    CasePageFlow(WebUseCases parts, WebSettings settings) {
        this.parts = parts;
        this.session = new PageSession(parts, new SessionCookie(settings));
        this.desk = new DeskViews(parts);
    }

    /** Shows a page. */
    void look(Context ctx, Consumer<Visit> page) {
        session.answer(
                ctx,
                signed -> page.accept(new Visit(ctx, signed, Form.parse(""))),
                (signed, e) -> closed(ctx, signed, e));
    }

    /** Handles a post from one of our pages. */
    void posted(Context ctx, Consumer<Visit> work) {
        session.answer(
                ctx,
                signed -> work.accept(new Visit(ctx, signed, session.posted(ctx, signed))),
                (signed, e) -> closed(ctx, signed, e));
    }

    private void closed(Context ctx, Signed signed, Refused refused) {
        DeskPages.page(
                ctx,
                "cases.jte",
                java.util.Map.of(
                        "page",
                        new CaseView.CaseList(
                                desk.staff(signed.caller(), signed.token()),
                                DeskView.Notice.refused(refused.getMessage()),
                                false,
                                false,
                                List.of())));
    }

    /** Shows the result with an empty form, or the refusal with the form as sent. */
    @FunctionalInterface
    interface Answer {
        void show(DeskView.Notice notice, Form typed);
    }

    /** Runs {@code work}, which returns the result as text, and shows the outcome. */
    static void act(Visit visit, Function<Visit, String> work, Answer answer) {
        String done;
        try {
            done = work.apply(visit);
        } catch (Refused e) {
            DeskPages.mark(visit.ctx(), e);
            answer.show(DeskView.Notice.refused(e.getMessage()), visit.form());
            return;
        }
        answer.show(DeskView.Notice.done(done), Form.parse(""));
    }

    /** The part of every page about the signed-in member of staff. */
    DeskView.Staff staff(Visit visit) {
        return desk.staff(visit.caller(), visit.signed().token());
    }

    /** A fresh token for a new form. */
    static String once() {
        return UUID.randomUUID().toString();
    }

    /** The key of this form: the same form resent has the same key, other input another. */
    Optional<IdempotencyStore.Key> key(Visit visit) {
        return parts.access()
                .replay()
                .key(
                        visit.caller(),
                        visit.form()
                                .filled(ONCE)
                                .map(once -> once + " " + visit.form().fingerprint()),
                        "POST " + visit.ctx().path(),
                        new byte[0]);
    }

    /** Returns the fields whose boxes were ticked. */
    static Set<PatronField> fields(Form form) {
        return form.chosen(FIELD).stream()
                .map(name -> PatronField.ofWireName(name)
                        .filter(PatronField::isPersonal)
                        .orElseThrow(() -> new Refused(Problem.FIELD_UNKNOWN, "The vault holds no such field.")))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** A box for each personal field. Those in {@code ticked} are ticked. */
    static List<DeskView.Choice> fields(Texts t, List<String> ticked) {
        return PatronField.personal().stream()
                .sorted()
                .map(field -> new DeskView.Choice(
                        field.wireName(), field(t, field.wireName()), ticked.contains(field.wireName())))
                .toList();
    }

    /** The label of a field. */
    static String field(Texts t, String wireName) {
        return t.say("cases.field." + wireName);
    }
}
