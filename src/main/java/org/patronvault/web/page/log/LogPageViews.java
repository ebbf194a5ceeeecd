package org.patronvault.web.page.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.tree.LogReport;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.policy.Caller;
import org.patronvault.log.report.AlertQueue;
import org.patronvault.log.witness.LogState;
import org.patronvault.log.witness.Witnesses;
import org.patronvault.upkeep.check.LogVerification;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Texts;

/** A builder of the texts and rows of the log page for one reader. */
final class LogPageViews {
    private static final int WHOLE = 100;

    /** Findings of a verification that have their own text. */
    private static final List<String> FINDINGS = List.of(
            "leaf-changed",
            "leaf-missing",
            "leaf-misplaced",
            "leaf-malformed",
            "log-cut",
            "log-empty",
            "head-missing",
            "head-differs",
            "tile-changed",
            "tile-missing",
            "signing-key-missing",
            "signing-key-differs",
            "cosignature",
            "handover-missing",
            "handover-malformed");

    /** Endings of the other findings, which follow the name of a checkpoint's origin. */
    private static final List<String> ENDS = List.of("signature", "malformed", "differs", "moved");

    private final Texts t;
    private final LogSearchViews words;

    LogPageViews(Texts t) {
        this.t = t;
        this.words = new LogSearchViews(t);
    }

    LogPageView.State state(LogState state, List<Witnesses.State> now) {
        Map<String, String> troubles =
                now.stream().collect(Collectors.toMap(Witnesses.State::name, this::trouble, (one, other) -> one));
        String signed = state.newest()
                .map(newest -> t.say(
                        state.signed() == state.entries() ? "log.signed-all" : "log.signed-some",
                        state.signed(),
                        t.time(newest)))
                .orElseGet(() -> t.say("log.unsigned"));
        String last = state.lastCosigned()
                .map(when -> " " + t.say("log.cosigned-last", t.time(when)))
                .orElse("");
        String witnessed = state.witnesses().isEmpty()
                ? t.say("log.no-witness")
                : t.say("log.cosigned", state.cosigned(), state.witnesses().size()) + last;
        return new LogPageView.State(
                t.number(state.entries()),
                signed,
                witnessed,
                state.witnesses().stream()
                        .map(one -> new LogPageView.Witness(
                                one.name(), witness(one), troubles.getOrDefault(one.name(), "")))
                        .toList());
    }

    private String witness(Witnesses.StoredWitness one) {
        return one.at()
                .map(when -> t.say("log.witness-signed", one.signed(), t.time(when)))
                .orElseGet(() -> t.say("log.witness-none"));
    }

    private String trouble(Witnesses.State state) {
        if (!state.trouble().isEmpty()) {
            return state.trouble();
        }
        return state.behindEntries() > 0 ? t.say("log.witness-behind", state.behindEntries()) : "";
    }

    LogPageView.Verification verification(LogVerification.State state) {
        if (state.running().isPresent()) {
            LogVerification.Running one = state.running().get();
            return new LogPageView.Verification(
                    Optional.of((int) (WHOLE * one.done() / Math.max(1, one.of()))),
                    t.say("log.verifying", one.done(), one.of(), one.by(), t.time(one.since())),
                    false,
                    List.of());
        }
        return state.ended()
                .map(this::ended)
                .orElseGet(() -> new LogPageView.Verification(Optional.empty(), "", false, List.of()));
    }

    private LogPageView.Verification ended(LogVerification.FinishedRun ended) {
        String by = " " + t.say("log.verified-by", ended.by(), t.time(ended.when()));
        if (ended.report().isEmpty()) {
            return new LogPageView.Verification(Optional.empty(), t.say("log.unverified") + by, true, List.of());
        }
        LogReport report = ended.report().get();
        String text = report.ok()
                ? t.say("log.whole", report.entries())
                : t.say("log.broken", report.entries(), report.problems().size());
        return new LogPageView.Verification(
                Optional.empty(),
                text + by,
                !report.ok(),
                report.problems().stream().map(this::finding).toList());
    }

    private String finding(LogVerifier.Finding finding) {
        String what = finding.what();
        String kind = Stream.concat(
                        FINDINGS.stream().filter(what::equals), ENDS.stream().filter(end -> what.endsWith("-" + end)))
                .findFirst()
                .orElse("other");
        return t.say("log.finding." + kind, Long.toString(finding.entry()), what);
    }

    LogPageView.Alerts alerts(AlertQueue.Queue queue, Caller caller) {
        List<LogPageView.Alert> waiting =
                queue.waiting().stream().map(told -> alert(told, caller)).toList();
        String summary = t.say(
                queue.counted() ? "log.waiting" : "log.waiting-more",
                queue.count(),
                queue.waiting().size());
        return new LogPageView.Alerts(
                summary,
                waiting,
                waiting.stream()
                        .filter(LogPageView.Alert::markable)
                        .map(LogPageView.Alert::entry)
                        .collect(Collectors.joining(" ")),
                queue.lookedInto().stream().map(told -> alert(told, caller)).toList());
    }

    private LogPageView.Alert alert(AlertQueue.QueuedAlert told, Caller caller) {
        AccessEvent event = told.event();
        String entry = Long.toString(told.entry());
        String slug = event.about().orElse("");
        List<String> by = new ArrayList<>();
        by.add(
                event.actor().role().isEmpty()
                        ? words.who(event.actor())
                        : t.say(
                                "log.in-role",
                                words.who(event.actor()),
                                event.actor().role()));
        by.add(DeskViews.words(event.act().wireName()));
        event.purpose().map(Purpose::name).map(DeskViews::words).ifPresent(by::add);
        return new LogPageView.Alert(
                entry,
                told.act() == told.entry()
                        ? t.say("log.entry-alone", entry)
                        : t.say("log.entry-and-act", Long.toString(told.act()), entry),
                Long.toString(told.entry() + 1),
                t.time(event.time()),
                DeskViews.words(slug),
                event.count().isPresent() ? t.say("log.times", event.count().getAsLong()) : "",
                t.say("log.alert." + slug),
                String.join(" · ", by),
                told.reviewed()
                        .map(one -> t.say("log.reviewed", one.by(), one.role(), t.time(one.when())))
                        .orElse(""),
                told.isFor(caller));
    }
}
