package org.patronvault.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.patronvault.app.Home;
import org.patronvault.app.PendingUnseal;
import org.patronvault.app.VaultInstance;
import org.patronvault.core.log.Act;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;

/** How many entries the log takes, and how fast all of them are verified without a key. */
final class AppendFigure implements Figure {
    static final int CALLERS = 256;
    private static final Actor CLERK = new Actor(Actor.Kind.STAFF, "clerk", "circulation", "NC");

    @Override
    public String name() {
        return "append";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        Options options = rig.options();
        Path home = rig.scratch("log-home");
        rig.vault().prepare(home);
        double empty = verifySeconds(rig, home);
        double[] appended = new double[options.rounds()];
        try (VaultInstance vault = open(home)) {
            perSecond(List.of(vault.log()), options.warmSeconds());
            for (int round = 0; round < options.rounds(); round++) {
                appended[round] = perSecond(List.of(vault.log()), options.seconds());
                Bench.tell("append: %.0f entries/s", appended[round]);
            }
        }
        double[] verified = new double[options.rounds()];
        long entries = 0;
        for (int round = 0; round < options.rounds(); round++) {
            long start = System.nanoTime();
            entries = rig.vault().verify(home);
            verified[round] = entries / ((System.nanoTime() - start) / 1e9 - empty);
            Bench.tell("verify: %.0f entries/s", verified[round]);
        }
        return List.of(
                Reading.of(
                                "append",
                                "entries appended",
                                "entries/s",
                                new Series(appended),
                                CALLERS + " callers, each of whom waits for its receipt; one patron and field an entry;"
                                        + " every entry on disk, one commit for as many as wait")
                        .atLeast(20_000),
                Reading.of(
                                "verify",
                                "log verify",
                                "entries/s",
                                new Series(verified),
                                "the command on those " + entries + " entries, heap " + options.heap()
                                        + ", less what it takes on a log of a few")
                        .atLeast(500_000));
    }

    /** Opens that home in this process. */
    static VaultInstance open(Path home) {
        byte[] passphrase = VaultSide.PASSPHRASE.getBytes(StandardCharsets.UTF_8);
        return PendingUnseal.of(
                        new Home(home), keys -> keys.unseal(passphrase), Clock.systemUTC(), AppendFigure::broken)
                .unsealed();
    }

    private static void broken(String why) {
        throw new IllegalStateException(why);
    }

    private static double verifySeconds(Rig rig, Path home) throws IOException, InterruptedException {
        long start = System.nanoTime();
        long unused = rig.vault().verify(home);
        return (System.nanoTime() - start) / 1e9;
    }

    /** Entries a second of callers who go to each log in turn, and wait for their receipt there. */
    static double perSecond(List<AuditLog> logs, int seconds) throws InterruptedException {
        AtomicLong done = new AtomicLong();
        AtomicLong underWay = new AtomicLong(CALLERS);
        AtomicBoolean stop = new AtomicBoolean();
        for (int caller = 0; caller < CALLERS; caller++) {
            append(logs.get(caller % logs.size()), caller, done, underWay, stop);
        }
        TimeUnit.MILLISECONDS.sleep(200);
        long first = done.get();
        long start = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        double rate = (done.get() - first) / ((System.nanoTime() - start) / 1e9);
        stop.set(true);
        while (underWay.get() > 0) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return rate;
    }

    private static void append(AuditLog log, long caller, AtomicLong done, AtomicLong underWay, AtomicBoolean stop) {
        Act<AuditReceipt> reveal =
                AuditLog.entry(log.event(CLERK, ActKind.REVEAL, Outcome.DISCLOSED, AuditLog.newRequest())
                        .forPurpose(Purpose.ACCOUNT_SERVICE)
                        .on(List.of(Subject.opened(new PatronId(caller), Set.of(PatronField.PHONE)))));
        CompletableFuture<AuditReceipt> unused = log.submit(reveal, Lane.DESK).whenComplete((receipt, failure) -> {
            if (failure != null || stop.get()) {
                underWay.decrementAndGet();
            } else {
                done.incrementAndGet();
                append(log, caller, done, underWay, stop);
            }
        });
    }
}
