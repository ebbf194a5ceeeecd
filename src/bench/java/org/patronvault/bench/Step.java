package org.patronvault.bench;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.patronvault.bench.ProcessorTime.Work;

/** A step of a look-up by card over HTTP, in the order in which they are taken, and the code that takes it. */
enum Step {
    CONNECTION(
            Work.REQUEST,
            "HTTP: the request read, a thread found for it (Jetty)",
            List.of(),
            "org.eclipse.jetty.",
            "sun.nio."),
    ROUTE(Work.REQUEST, "its way to the handler (Javalin)", List.of(), "io.javalin.", "kotlin."),
    HANDLERS(
            Work.REQUEST,
            "what is done around every request: places, origin, metrics",
            List.of(),
            "org.patronvault.web."),
    CALLER(Work.REQUEST, "who asks: the client's key", List.of("org.patronvault.web.http.RequestReader.caller")),
    BODY(
            Work.REQUEST,
            "JSON read",
            List.of("org.patronvault.web.http.RequestReader.body", "org.patronvault.web.api.PatronApi.query"),
            "com.fasterxml."),
    POLICY(
            Work.REQUEST,
            "policy asked, before and after the row is known",
            List.of(
                    "org.patronvault.core.policy.FieldPolicy.",
                    "org.patronvault.core.policy.Grant.",
                    "org.patronvault.access.Access.require")),
    LABEL(
            Work.REQUEST,
            "card made a label, and the index's entry opened",
            List.of(),
            "org.patronvault.search.",
            "org.patronvault.core.index.",
            "org.patronvault.patron.record.IndexVersionsRow."),
    READ(Work.REQUEST, "index read (SQLite)", List.of(), "org.patronvault.core.store.", "org.patronvault.store."),
    META(
            Work.REQUEST,
            "the row's meta opened and held against it",
            List.of("org.patronvault.core.vault.PatronVault.known")),
    PREPARE(
            Work.REQUEST,
            "what is shown and logged put together, and queued",
            List.of(),
            "org.patronvault.patron.",
            "org.patronvault.access.",
            "org.patronvault.core.dual.",
            "org.patronvault.core.log.",
            "org.patronvault.core.policy.",
            "org.patronvault.core.vault."),
    ROWS_READ(Work.LOG, "rows of a batch read (SQLite)", List.of("org.patronvault.core.log.BatchReads.")),
    COUNT(Work.LOG, "limits counted", List.of(), "org.patronvault.access.", "org.patronvault.core.dual."),
    ENCODE(Work.LOG, "entry encoded, its patron sealed", List.of("org.patronvault.core.log.Batch.encode")),
    HASH(
            Work.LOG,
            "hashed into the tree",
            List.of("org.patronvault.core.log.read.StoredTiles.complete"),
            "org.patronvault.core.tlog."),
    ROWS(
            Work.LOG,
            "entries, head and limits written (SQLite)",
            List.of(),
            "org.patronvault.core.store.",
            "org.patronvault.store."),
    COMMIT(
            Work.LOG,
            "commit: the write-ahead log written and synced",
            List.of("org.patronvault.core.store.Store.commit")),
    UNITS(Work.LOG, "units taken, run and handed on", List.of(), "org.patronvault.core.log."),
    FIELDS(
            Work.OPEN,
            "four fields opened, against the receipt",
            List.of("org.patronvault.patron.record.PatronContext.disclose")),
    JSON(
            Work.OPEN,
            "JSON written",
            List.of("org.patronvault.web.http.JsonResponses.write", "org.patronvault.web.api.PatronApi.found")),
    ANSWER(
            Work.OPEN,
            "HTTP: the answer sent, the next request awaited (Jetty, Javalin)",
            List.of(),
            "org.eclipse.jetty.",
            "io.javalin."),
    REST(Work.OPEN, "what else is done once the entry is on disk", List.of());

    private final Work work;
    private final String title;

    /** Methods: whatever is done in them is of this step. */
    @SuppressWarnings("ImmutableEnumChecker") // a copy that nobody can change
    private final List<String> calls;

    /** Where names of classes begin: what is done there is of this step, but for what that calls of another. */
    @SuppressWarnings("ImmutableEnumChecker") // a copy that nobody can change
    private final List<String> code;

    Step(Work work, String title, List<String> calls, String... code) {
        this.work = work;
        this.title = title;
        this.calls = List.copyOf(calls);
        this.code = List.of(code);
    }

    /** Whose threads take it. */
    Work work() {
        return work;
    }

    String title() {
        return title;
    }

    /**
     * The step that a thread of such work is in: the one of the innermost call that is a step's own; else the one of the
     * innermost class that belongs to any; where none does, the last of that work.
     *
     * @param frames {@code package.Class.method}, the innermost first
     */
    static Step of(Work work, List<String> frames) {
        List<Step> steps = Stream.of(values()).filter(step -> step.work == work).toList();
        return first(steps, frames, step -> step.calls)
                .or(() -> first(steps, frames, step -> step.code))
                .orElse(steps.get(steps.size() - 1));
    }

    private static Optional<Step> first(List<Step> steps, List<String> frames, Function<Step, List<String>> by) {
        return frames.stream()
                .flatMap(frame -> steps.stream()
                        .filter(step -> by.apply(step).stream().anyMatch(frame::startsWith))
                        .limit(1))
                .findFirst();
    }

    /** The vault's own code among it: methods, and packages or classes with a point behind them. */
    List<String> ownCode() {
        return Stream.concat(calls.stream(), code.stream())
                .filter(name -> name.startsWith("org.patronvault."))
                .toList();
    }

    /** Whether work of that kind is told step by step. */
    static boolean isOf(Work work) {
        return Stream.of(values()).anyMatch(step -> step.work == work);
    }
}
