package org.patronvault.upkeep.doctor;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.tree.LogAnchor;
import org.patronvault.core.log.tree.WitnessPeer;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.log.witness.Witnesses;
import org.patronvault.upkeep.backup.DailyCheckpoint;
import org.patronvault.upkeep.check.CheckState;

/** The doctor's check of outside copies of the log's checkpoints, and of the last sweep against the log. */
public final class LogLook implements Doctor.Look {
    private static final String CHECK = "witness";
    private static final Duration OLD = Duration.ofDays(7);

    /**
     * The settings in {@code vault.yaml} for these.
     *
     * @param checkDays days between automatic sweeps, 0 for never
     */
    public record Outside(List<WitnessPeer> witnesses, int waitMinutes, boolean daily, int checkDays) {}

    private final Supplier<StoreSettings> settings;
    private final Supplier<Outside> outside;
    private final Path node;
    private final Clock clock;

    /**
     * Creates the check.
     *
     * @param settings reads vault.yaml, and throws Refused if it is wrong
     * @param outside reads vault.yaml, and throws Refused if it is wrong
     */
    public LogLook(Supplier<StoreSettings> settings, Supplier<Outside> outside, Path node, Clock clock) {
        this.settings = settings;
        this.outside = outside;
        this.node = node;
        this.clock = clock;
    }

    @Override
    public List<Doctor.Line> look() {
        // Read before the database, to which a server may add entries meanwhile.
        long known = LogAnchor.unproven(node).map(LogAnchor.Known::seen).orElse(0L);
        try (Store store = Store.openToRead(settings.get())) {
            Outside named = outside.get();
            List<Doctor.Line> lines = new ArrayList<>();
            anchor(known, store.read(LogReader::size)).ifPresent(lines::add);
            for (WitnessPeer peer : named.witnesses()) {
                lines.add(store.read(tx -> witness(Witnesses.written(tx, peer), named.waitMinutes())));
            }
            if (named.daily()) {
                lines.add(daily(DailyCheckpoint.lastSent(node)));
            }
            if (named.witnesses().isEmpty() && !named.daily()) {
                lines.add(nobody());
            }
            lines.add(check(CheckState.unproven(node), named.checkDays()));
            return lines;
        } catch (Refused | StoreException | IntegrityException | UncheckedIOException e) {
            return List.of(new Doctor.Line(
                    CHECK, Doctor.Verdict.WRONG, "Who signed the log cannot be read; see settings and database."));
        }
    }

    static Optional<Doctor.Line> anchor(long known, long entries) {
        return entries >= known
                ? Optional.empty()
                : Optional.of(new Doctor.Line(
                        "log",
                        Doctor.Verdict.WRONG,
                        "node/head knows " + known + " entries of the log, and the database has " + entries
                                + ": a file of the database was deleted, replaced or cut. Start nothing, and see"
                                + " custody-backup.md."));
    }

    private static Doctor.Line nobody() {
        return new Doctor.Line(
                CHECK,
                Doctor.Verdict.NOTE,
                "No checkpoint is kept elsewhere: a log written anew with the vault's own keys would not be found. Name a"
                        + " witness, or log.dailyCheckpoint, in vault.yaml (witness.md).");
    }

    private Doctor.Line witness(Witnesses.StoredWitness written, int waitMinutes) {
        long behind = written.entries() - written.signed();
        if (written.at().isEmpty()) {
            return new Doctor.Line(
                    CHECK,
                    Doctor.Verdict.WRONG,
                    written.name() + " has signed none of the newest checkpoints: see that it runs, knows this log"
                            + " (witness --log), and that its address and key in vault.yaml are right.");
        }
        boolean late = behind > 0
                && Duration.between(written.at().get(), clock.instant()).compareTo(Duration.ofMinutes(waitMinutes)) > 0;
        return new Doctor.Line(
                CHECK,
                late ? Doctor.Verdict.WRONG : Doctor.Verdict.FINE,
                written.name() + " has signed " + written.signed() + " of " + written.entries() + " entries, last at "
                        + written.at().get() + "."
                        + (late
                                ? " See that it runs and can be reached, and what the vault's standard error says."
                                : ""));
    }

    private Doctor.Line check(Optional<CheckState.SweepProgress> last, int everyDays) {
        Optional<CheckState.FinishedSweep> ended = last.flatMap(CheckState.SweepProgress::lastEnded);
        if (ended.isEmpty()) {
            return new Doctor.Line(
                    "check",
                    Doctor.Verdict.NOTE,
                    "No sweep of the store has ended yet. "
                            + (everyDays > 0
                                    ? "The vault makes the first after a quiet hour, or within a day. To make one now, run"
                                            + " `check`."
                                    : "The vault makes none (check.every is 0). Run `check`."));
        }
        // The findings of an unfinished sweep count too.
        long findings = Math.max(
                ended.get().findings(),
                last.map(CheckState.SweepProgress::findings).orElse(0L));
        Instant when = ended.get().when();
        boolean old = Duration.between(when, clock.instant()).compareTo(OLD.plusDays(everyDays)) > 0;
        String says = "The last sweep of the store ended at " + when + "; "
                + (findings == 0 ? "nothing was wrong." : findings + " things are not as they were written.");
        return new Doctor.Line(
                "check",
                findings > 0 ? Doctor.Verdict.WRONG : old ? Doctor.Verdict.NOTE : Doctor.Verdict.FINE,
                findings > 0 ? says + " `check` names them; see check.md." : old ? says + " Run `check`." : says);
    }

    private Doctor.Line daily(Optional<Instant> sent) {
        boolean late = sent.map(last ->
                        Duration.between(last, clock.instant()).compareTo(DailyCheckpoint.PERIOD.multipliedBy(2)) > 0)
                .orElse(true);
        String says = sent.map(last -> "The daily checkpoint was handed over last at " + last + ".")
                .orElse("No daily checkpoint was handed over yet.");
        return new Doctor.Line(
                "checkpoint",
                sent.isPresent() && !late ? Doctor.Verdict.FINE : Doctor.Verdict.WRONG,
                late ? says + " See that the service runs, and that log.dailyCheckpoint ends with exit code 0." : says);
    }
}
