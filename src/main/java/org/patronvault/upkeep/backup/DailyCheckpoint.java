package org.patronvault.upkeep.backup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.access.external.ExternalProgram;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.model.Alert;
import org.patronvault.log.witness.OngoingAlert;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daily export of a signed checkpoint to a program, so that nobody with the vault's keys can change all copies. A
 * file keeps the last exported checkpoint, and its age tells whether the next is due. For one thread.
 */
public final class DailyCheckpoint {
    /** The name of the file with the last exported checkpoint. */
    public static final String SENT = "checkpoint-sent";

    public static final Duration PERIOD = Duration.ofDays(1);

    private static final Logger LOG = LoggerFactory.getLogger(DailyCheckpoint.class);
    private static final long TRIED_AGAIN = TimeUnit.HOURS.toNanos(1);

    private final AuditLog log;
    private final Optional<ExternalProgram> program;
    private final Path sent;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final OngoingAlert unsent;
    private boolean tried;
    private boolean failing;
    private long failingSince;
    private long triedAt;

    /**
     * Creates the export without running it.
     *
     * @param command the program and its arguments, or empty
     * @param home its working directory
     * @param node the directory of the last exported checkpoint
     */
    public DailyCheckpoint(AuditLog log, List<String> command, Path home, Path node, Clock clock) {
        this(log, command, home, node, clock, System::nanoTime);
    }

    /** Creates the export with another monotonic clock, in nanoseconds. */
    DailyCheckpoint(AuditLog log, List<String> command, Path home, Path node, Clock clock, LongSupplier nanoTime) {
        this.log = log;
        this.program = command.isEmpty() ? Optional.empty() : Optional.of(new ExternalProgram(command, home));
        this.sent = node.resolve(SENT);
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.unsent = new OngoingAlert(log, ActKind.CHECKPOINT, Alert.CHECKPOINT_UNSENT, "daily-checkpoint", nanoTime);
    }

    /** Returns the time of the last export. */
    public static Optional<Instant> lastSent(Path node) {
        Path file = node.resolve(SENT);
        try {
            return Files.exists(file)
                    ? Optional.of(Files.getLastModifiedTime(file).toInstant())
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("node/" + SENT + " cannot be read", e);
        }
    }

    /** Exports a checkpoint if one is due. */
    public void turn() {
        long now = nanoTime.getAsLong();
        if (program.isEmpty() || !isDue() || (tried && now - triedAt < TRIED_AGAIN)) {
            return;
        }
        tried = true;
        triedAt = now;
        SignedCheckpoint checkpoint = log.checkpoint();
        byte[] note = checkpoint.note().getBytes(StandardCharsets.UTF_8);
        Optional<String> wrong;
        try {
            wrong = program.get().run(note);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (wrong.isEmpty()) {
            DurableFile.write(sent, note);
            tried = false;
            failing = false;
            unsent.over();
        } else {
            failed(wrong.get(), now);
        }
    }

    /** A time far ahead counts like one far back: the clock was wrong once. */
    private boolean isDue() {
        return lastSent(sent.getParent())
                .map(last -> Duration.between(last, clock.instant()).abs().compareTo(PERIOD) >= 0)
                .orElse(true);
    }

    private void failed(String why, long now) {
        if (!failing) {
            LOG.warn("The program that vault.yaml names as log.dailyCheckpoint took no checkpoint: {}.", why);
            failing = true;
            failingSince = now;
        }
        if (now - failingSince >= PERIOD.toNanos()) {
            unsent.say();
        }
    }
}
