package org.patronvault.web.page.custody;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.dual.Approval;
import org.patronvault.custody.destroy.KeyCopies;
import org.patronvault.custody.destroy.KeyDestruction;
import org.patronvault.custody.destroy.KeyStatus;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.Texts;

/** A builder of the key page's texts and rows for one reader. */
final class CustodyViews {
    private static final int WHOLE = 100;
    private static final String DESTROY = "destroy";
    private static final String GONE = "gone";
    private static final long MINUTE = 60;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    private final Texts t;

    CustodyViews(Texts t) {
        this.t = t;
    }

    CustodyView.Keys keys(KeyStatus.Status status, List<KeyStatus.Outlook> unsettled) {
        List<String> waiting = unsettled.stream()
                .map(KeyStatus.Outlook::operation)
                .filter(one -> one.kind().equals(DESTROY))
                .map(Operation::field)
                .toList();
        KeyViews keys = new KeyViews(t, status.at());
        return new CustodyView.Keys(
                keys.figures(status),
                keys.rows(status),
                keys.retired(status, waiting),
                copies(status).stream().filter(copy -> !copy.gone()).toList());
    }

    /** The rotations to choose from, "all" first. */
    List<DeskView.Choice> rotations(Iterable<String> names) {
        List<DeskView.Choice> choices = new ArrayList<>();
        names.forEach(name -> choices.add(new DeskView.Choice(name, KeyViews.name(t, name), false)));
        choices.sort(Comparator.comparing((DeskView.Choice one) -> !one.value().equals("all"))
                .thenComparing(DeskView.Choice::label));
        return choices;
    }

    List<CustodyView.Slot> slots(List<KeyStatus.Slot> slots) {
        return slots.stream()
                .map(slot -> new CustodyView.Slot(slot.id(), slot.openedBy(), t.day(slot.created())))
                .toList();
    }

    List<CustodyView.Copy> copies(KeyStatus.Status status) {
        return status.copies().stream().map(this::copy).toList();
    }

    private CustodyView.Copy copy(KeyCopies.Copy copy) {
        return new CustodyView.Copy(
                copy.id(),
                t.time(copy.made()),
                copy.second().isEmpty() ? copy.by() : t.say("custody.both", copy.by(), copy.second()),
                copy.recipient(),
                t.say("custody.copy." + copy.state()),
                copy.state().equals(GONE),
                String.join(", ", copy.destroyed()));
    }

    CustodyView.Request request(Approval approval, String reader) {
        List<String> lines = new ArrayList<>();
        boolean mine = approval.requester().equals(reader);
        lines.add(t.say("custody.asked", approval.requester(), t.time(approval.filed())));
        lines.add(
                approval.isLeaveGiven()
                        ? t.say("custody.given", String.join(", ", approval.approvers()))
                        : t.say("custody.good-until", t.time(approval.expires())));
        return new CustodyView.Request(
                approval.id(), approval.sentence(), approval.digest(), lines, mine, approval.isLeaveGiven());
    }

    List<CustodyView.Operation> operations(List<KeyStatus.Outlook> unsettled) {
        return unsettled.stream().map(this::operation).toList();
    }

    private CustodyView.Operation operation(KeyStatus.Outlook outlook) {
        Operation one = outlook.operation();
        boolean waits = one.state().equals(KeyDestruction.WAITING);
        List<String> lines = new ArrayList<>();
        String since = t.time(Instant.ofEpochSecond(one.started()));
        lines.add(waits ? t.say("custody.agreed-at", since) : t.say("custody.begun", one.by(), since));
        outlook.remainingSeconds()
                .ifPresent(left -> lines.add(t.say(waits ? "custody.waits" : "custody.left", span(left))));
        return new CustodyView.Operation(
                one.id(),
                title(one),
                one.isRunning() ? Optional.of(bar(one)) : Optional.empty(),
                lines,
                outlook.hindrance().orElse(""),
                waits);
    }

    private String title(Operation one) {
        if (one.kind().equals(DESTROY)) {
            int at = one.field().lastIndexOf('-');
            String version = one.field().substring(at + 1);
            return t.say("custody.work." + DESTROY, KeyViews.name(t, one.field().substring(0, at)), version);
        }
        return t.say("custody.work." + one.kind(), KeyViews.name(t, one.field()));
    }

    private CustodyView.Bar bar(Operation one) {
        int percent = (int) (WHOLE * one.done() / Math.max(1, one.total()));
        return new CustodyView.Bar(
                one.done(), one.total(), Math.min(WHOLE, percent), t.say("custody.done-of", one.done(), one.total()));
    }

    /** Formats a duration in words. */
    private String span(long seconds) {
        if (seconds >= 2 * DAY) {
            return t.say("custody.span.days", seconds / DAY);
        }
        if (seconds >= 2 * HOUR) {
            return t.say("custody.span.hours", seconds / HOUR);
        }
        return seconds >= 2 * MINUTE
                ? t.say("custody.span.minutes", seconds / MINUTE)
                : t.say("custody.span.seconds", seconds);
    }

    /** Reports operations that ended since the page was made, and changed requests. */
    String told(List<Operation> ended, boolean changed) {
        return Stream.concat(
                        ended.stream()
                                .map(one -> t.say("custody.ended." + one.state(), title(one), one.done(), one.total())),
                        changed ? Stream.of(t.say("custody.requests-changed")) : Stream.empty())
                .collect(Collectors.joining(" "));
    }
}
