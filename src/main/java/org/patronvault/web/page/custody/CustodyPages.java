package org.patronvault.web.page.custody;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Problem;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.custody.destroy.KeyStatus;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.custody.rotate.Operations;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.HtmxRequest;
import org.patronvault.web.page.PageSession;
import org.patronvault.web.page.PageSession.Signed;
import org.patronvault.web.page.SessionCookie;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.desk.DeskPages;

/**
 * The page {@code /custody}, where custodians run the key commands. Each act is a post that returns to the page. The
 * page polls the progress of running work for a while.
 */
public final class CustodyPages {
    public static final String PATH = "/custody";

    private static final String PROGRESS = PATH + "/progress";
    private static final String SEAL = PATH + "/seal";
    private static final String MANY_IDS = "[0-9a-f]{16}(,[0-9a-f]{16}){0,31}";

    /**
     * Polls at short intervals, then at long ones, for a quarter of an hour in all. After that the session may idle
     * out.
     */
    private static final int SHORT_LOOKS = 30;

    private static final int SHORT_SECONDS = 2;
    private static final int LONG_SECONDS = 10;
    private static final int LOOKS = SHORT_LOOKS + 84;

    private final WebUseCases parts;
    private final PageSession session;
    private final DeskViews desk;
    private final Map<String, PageAct> acts = new HashMap<>();

    public CustodyPages(WebUseCases parts, WebSettings settings) {
        this.parts = parts;
        this.session = new PageSession(parts, new SessionCookie(settings));
        this.desk = new DeskViews(parts);
        acts.put("/rotate", this::rotate);
        acts.put("/destroy", reporting(this::destroy));
        acts.put("/call-off", reporting(this::callOff));
        acts.put("/agree", reporting(this::agree));
        acts.put("/refuse", reporting(this::refuse));
        acts.put("/slot", reporting(this::removeSlot));
    }

    public void register(RoutesConfig routes) {
        routes.get(PATH, ctx -> answer(ctx, signed -> open(ctx, signed)));
        routes.get(PROGRESS, this::progress);
        acts.forEach((path, act) -> {
            routes.post(
                    PATH + path,
                    ctx -> answer(ctx, signed -> {
                        Form form = session.posted(ctx, signed);
                        CompletedAct done = act.carryOut(Texts.of(ctx), signed.caller(), form);
                        show(ctx, signed, DeskView.Notice.done(done.sentence()), done.begun());
                    }));
            routes.get(PATH + path, CustodyPages::toRoom);
        });
        routes.post(SEAL, ctx -> answer(ctx, signed -> seal(ctx, signed)));
        routes.get(SEAL, CustodyPages::toRoom);
    }

    /** The sentence that reports an act, and the IDs of the operations that it began. */
    private record CompletedAct(String sentence, List<String> begun) {}

    /** An act of a post. */
    @FunctionalInterface
    private interface PageAct {
        CompletedAct carryOut(Texts t, Caller caller, Form form);
    }

    /** An act of a post that begins no operation, and returns the sentence that reports it. */
    @FunctionalInterface
    private interface ReportedAct {
        String carryOut(Texts t, Caller caller, Form form);
    }

    private static PageAct reporting(ReportedAct act) {
        return (t, caller, form) -> new CompletedAct(act.carryOut(t, caller, form), List.of());
    }

    private static void toRoom(Context ctx) {
        ctx.redirect(PATH, HttpStatus.SEE_OTHER);
    }

    private void answer(Context ctx, Consumer<Signed> page) {
        session.answer(
                ctx,
                page,
                (signed, refused) -> show(
                        ctx,
                        signed,
                        DeskView.Notice.refused(
                                refused.problem() == Problem.NOT_ALLOWED && !may(signed.caller(), Permission.CUSTODY)
                                        ? Texts.of(ctx).say("custody.not-yours")
                                        : refused.getMessage())));
    }

    private boolean may(Caller caller, Permission permission) {
        return parts.access().may(caller, permission);
    }

    private AccessEvent attempt(Caller caller, ActKind act) {
        return parts.log().event(caller.actor(), act, Outcome.REFUSED, AuditLog.newRequest());
    }

    /** Requires the permission, and logs a refused attempt. */
    private void require(Caller caller, Permission permission, ActKind act) {
        parts.access().require(caller, permission, attempt(caller, act));
    }

    /** Runs a custodian's act and logs its refusal, unless the log has it already. */
    private <T> T asCustodian(Caller caller, ActKind act, Supplier<T> work) {
        require(caller, Permission.CUSTODY, act);
        return parts.log().logging(attempt(caller, act), work);
    }

    private void open(Context ctx, Signed signed) {
        require(signed.caller(), Permission.CUSTODY, ActKind.READ_KEYS);
        show(ctx, signed, DeskView.Notice.NONE);
    }

    private CompletedAct rotate(Texts t, Caller caller, Form form) {
        List<Operation> begun = parts.rotations()
                .begin(caller, form.text("key"), () -> rate(t, form), Optional::empty, AuditLog.newRequest());
        return new CompletedAct(
                t.say("custody.rotating", begun.get(0).total()),
                begun.stream().map(Operation::id).toList());
    }

    private static int rate(Texts t, Form form) {
        String typed = form.filled("rate").map(String::strip).orElse("0");
        if (!typed.matches("[0-9]{1,7}") || Integer.parseInt(typed) > Operations.MAX_RATE) {
            throw RequestReader.invalid(t.say("custody.rate-wrong"));
        }
        return Integer.parseInt(typed);
    }

    private String destroy(Texts t, Caller caller, Form form) {
        String[] version = form.text("version").split(" ", -1);
        Approvals.Answer answer = asCustodian(caller, ActKind.DESTROY, () -> {
            if (version.length != 2 || !version[1].matches("[0-9]{1,9}")) {
                throw RequestReader.invalid(t.say("custody.choose"));
            }
            List<String> gone = parts.keys().now().copies().stream()
                    .map(copy -> copy.id())
                    .filter(id -> form.filled("gone-" + id).isPresent())
                    .toList();
            return parts.destruction()
                    .ask(Approvals.Requester.alone(caller.actor()), version[0], Integer.parseInt(version[1]), gone);
        });
        return told(t, answer, "custody.destroying");
    }

    private static String told(Texts t, Approvals.Answer answer, String done) {
        return answer.filed()
                .map(filed -> t.say("custody.filed", filed.second().who(), t.time(filed.expires())))
                .orElseGet(() -> t.say(done));
    }

    private String callOff(Texts t, Caller caller, Form form) {
        parts.destruction().cancel(caller, form.text("id"), Optional::empty, AuditLog.newRequest());
        return t.say("custody.called-off");
    }

    private String agree(Texts t, Caller caller, Form form) {
        Approval after = asCustodian(
                caller,
                ActKind.APPROVAL,
                () -> parts.access()
                        .approvals()
                        .approve(caller.actor(), form.text("id"), Optional.of(form.text("digest"))));
        if (after.isLeaveGiven()) {
            return t.say("custody.agreed-leave", after.requester());
        }
        return t.say(after.state() == Approval.State.DONE ? "custody.agreed" : "custody.agreed-more");
    }

    private String refuse(Texts t, Caller caller, Form form) {
        Approval after = asCustodian(
                caller, ActKind.APPROVAL, () -> parts.access().approvals().reject(caller.actor(), form.text("id")));
        return t.say(
                after.requester().equals(caller.actor().name()) ? "custody.taken-back" : "custody.refused",
                after.requester());
    }

    private String removeSlot(Texts t, Caller caller, Form form) {
        Approvals.Answer answer = asCustodian(caller, ActKind.SLOT, () -> {
            if (!form.text("id").matches("[0-9]{1,9}")) {
                throw RequestReader.invalid(t.say("custody.choose"));
            }
            return parts.slots().remove(Approvals.Requester.alone(caller.actor()), Integer.parseInt(form.text("id")));
        });
        return told(t, answer, "custody.slot-removed");
    }

    private void seal(Context ctx, Signed signed) {
        session.posted(ctx, signed);
        parts.seal().seal(signed.caller(), AuditLog.newRequest());
        ctx.redirect(UnsealPage.PATH, HttpStatus.SEE_OTHER);
    }

    private void show(Context ctx, Signed signed, DeskView.Notice notice) {
        show(ctx, signed, notice, List.of());
    }

    private void show(Context ctx, Signed signed, DeskView.Notice notice, List<String> begun) {
        Optional<CustodyView.Page> room = may(signed.caller(), Permission.CUSTODY)
                ? Optional.of(room(Texts.of(ctx), signed.caller(), begun))
                : Optional.empty();
        DeskView.Staff staff = desk.staff(signed.caller(), signed.token());
        DeskPages.page(ctx, "custody.jte", Map.of("custody", new CustodyView(staff, notice, room)));
    }

    private CustodyView.Page room(Texts t, Caller caller, List<String> begun) {
        CustodyViews views = new CustodyViews(t);
        boolean keys = may(caller, Permission.KEYS);
        List<KeyStatus.Outlook> unsettled = keys ? parts.keys().unsettled() : List.of();
        Optional<KeyStatus.Status> status = keys ? Optional.of(parts.keys().now()) : Optional.empty();
        List<KeyStatus.Slot> slots = parts.keys().slots();
        List<CustodyView.Request> requests = requests(views, caller);
        return new CustodyView.Page(
                // The operation that this post began may have ended meanwhile. The next answer then reports the end.
                work(
                        views,
                        unsettled,
                        Stream.concat(begun.stream(), running(unsettled).stream())
                                .distinct()
                                .toList(),
                        requests,
                        0),
                requests,
                status.map(now -> views.keys(now, unsettled)),
                may(caller, Permission.ROTATE)
                        ? views.rotations(parts.rotations().names())
                        : List.of(),
                views.slots(slots),
                DrillPage.isShares(slots),
                DrillPage.isMachine(slots),
                slots.size() > 1,
                status.map(views::copies).orElse(List.of()),
                may(caller, Permission.SEAL));
    }

    private List<CustodyView.Request> requests(CustodyViews views, Caller caller) {
        return parts.access().approvals().list(caller.actor()).stream()
                .filter(one -> one.state() == Approval.State.PENDING || one.isLeaveGiven())
                .map(one -> views.request(one, caller.actor().name()))
                .toList();
    }

    /** A fingerprint of the shown requests. */
    private static String mark(List<CustodyView.Request> requests) {
        return Integer.toHexString(requests.hashCode());
    }

    /** If nothing runs, the page polls at long intervals for requests of other custodians. */
    private static CustodyView.Work work(
            CustodyViews views,
            List<KeyStatus.Outlook> unsettled,
            List<String> running,
            List<CustodyView.Request> requests,
            int looks) {
        int look = running.isEmpty() ? Math.max(looks, SHORT_LOOKS) : looks;
        return new CustodyView.Work(
                views.operations(unsettled),
                look < LOOKS
                        ? PROGRESS + "?of=" + String.join(",", running) + "&n=" + (look + 1) + "&r=" + mark(requests)
                        : "",
                look < SHORT_LOOKS ? SHORT_SECONDS : LONG_SECONDS);
    }

    private static List<String> running(List<KeyStatus.Outlook> unsettled) {
        return unsettled.stream()
                .map(KeyStatus.Outlook::operation)
                .filter(Operation::isRunning)
                .map(Operation::id)
                .toList();
    }

    /**
     * Reports the operations that ran when the page was made. Once one has ended, also the keys' new state. And the
     * requests for approval, if they changed.
     */
    private void progress(Context ctx) {
        Optional<Signed> signed = parts.seal().isSealed() ? Optional.empty() : session.signed(ctx);
        if (signed.isEmpty() || !may(signed.get().caller(), Permission.CUSTODY)) {
            HtmxRequest.goTo(ctx, PATH);
            return;
        }
        Caller caller = signed.get().caller();
        boolean mayKeys = may(caller, Permission.KEYS);
        String of = Optional.ofNullable(ctx.queryParam("of"))
                .filter(ids -> ids.matches(MANY_IDS))
                .orElse("");
        List<String> ran = List.of(of.split(",", -1));
        List<KeyStatus.Outlook> unsettled = mayKeys ? parts.keys().unsettled() : List.of();
        List<String> running = running(unsettled);
        // An operation that ends between the two reads counts as running, so the next answer reports it.
        List<Operation> ended = parts.rotations().operations().all().stream()
                .filter(one -> mayKeys && ran.contains(one.id()) && !running.contains(one.id()))
                .toList();
        CustodyViews views = new CustodyViews(signed.get().texts());
        List<CustodyView.Request> requests = requests(views, caller);
        boolean changed = !mark(requests).equals(ctx.queryParam("r"));
        int looks = (int) Math.min(LOOKS, RequestReader.query(ctx, "n", LOOKS));
        Map<String, Object> model = new HashMap<>();
        model.put("work", work(views, unsettled, running, requests, looks));
        model.put("csrf", SessionCookie.formToken(signed.get().token()));
        model.put("told", views.told(ended, changed));
        model.put("requests", changed ? requests : null);
        model.put("keys", ended.isEmpty() ? null : views.keys(parts.keys().now(), unsettled));
        DeskPages.page(ctx, "custody-progress.jte", model);
    }
}
