package org.patronvault.log.witness;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.access.external.BoundedHttpCall;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.log.tree.WitnessPeer;
import org.patronvault.core.model.Alert;
import org.patronvault.core.tlog.AddCheckpoint;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.SignedNote;
import org.patronvault.core.tlog.UnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The task that has one witness sign each new checkpoint. It logs when the witness falls behind or sees another log
 * than this one. The log goes on meanwhile. One thread makes turns; any thread may read the state.
 */
final class WitnessCosigning {
    private static final Logger LOG = LoggerFactory.getLogger(WitnessCosigning.class);
    private static final long FIRST_PAUSE = TimeUnit.SECONDS.toNanos(3);
    private static final long LONGEST_PAUSE = TimeUnit.MINUTES.toNanos(1);
    private static final Duration ANSWER_TIME = Duration.ofSeconds(5);
    private static final int MAX_ANSWER_BYTES = 16 * 1024;

    /** A witness that answered, and will not sign this log as it is. */
    private static final class Unfit extends Exception {
        private static final long serialVersionUID = 1L;

        private Unfit(String why) {
            super(why);
        }
    }

    /** An answer, which nothing is trusted in. The body is text of at most 16 KiB. */
    private record Answer(int status, String body) {}

    private final AuditLog log;
    private final WitnessPeer peer;
    private final URI url;
    private final BoundedHttpCall call = new BoundedHttpCall();
    private final long waitNanos;
    private final LongSupplier nanoTime;
    private final OngoingAlert behind;
    private final OngoingAlert refused;
    private long known;
    private long notBefore;
    private long pause;
    private volatile long signed;
    private volatile long behindSince;
    private volatile boolean isBehind;
    private volatile String trouble = "";

    /**
     * Creates the task. The witness's first answer says what it signed last.
     *
     * @param waitMinutes how long it may sign nothing new before that is logged
     * @param nanoTime a monotonic clock, in nanoseconds
     */
    WitnessCosigning(AuditLog log, WitnessPeer peer, int waitMinutes, LongSupplier nanoTime) {
        this.log = log;
        this.peer = peer;
        this.url = URI.create(peer.url().toString().replaceAll("/+$", "") + "/add-checkpoint");
        this.waitNanos = TimeUnit.MINUTES.toNanos(waitMinutes);
        this.nanoTime = nanoTime;
        this.notBefore = nanoTime.getAsLong();
        this.behind = new OngoingAlert(log, ActKind.CHECKPOINT, Alert.WITNESS_BEHIND, peer.name(), nanoTime);
        this.refused = new OngoingAlert(log, ActKind.CHECKPOINT, Alert.WITNESS_REFUSED, peer.name(), nanoTime);
    }

    WitnessPeer peer() {
        return peer;
    }

    /** Returns the state of this witness. */
    Witnesses.State state() {
        long entries = isBehind ? Math.max(0, log.reader().size() - signed) : 0;
        long seconds = isBehind ? TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong() - behindSince) : 0;
        return new Witnesses.State(peer.name(), signed, entries, seconds, trouble);
    }

    /** Has new checkpoints signed, unless the witness was in trouble a moment ago. */
    void turn() throws InterruptedException {
        Optional<SignedCheckpoint> newest = log.signedHere();
        if (newest.isEmpty()) {
            return;
        }
        if (newest.get().size() == signed || isCosigned(newest.get())) {
            caughtUp(newest.get().size());
            return;
        }
        long now = nanoTime.getAsLong();
        if (!isBehind) {
            behindSince = now;
            isBehind = true;
        }
        if (now - notBefore >= 0) {
            try {
                submit(newest.get(), false);
                caughtUp(newest.get().size());
                return;
            } catch (Unfit e) {
                trouble(e.getMessage());
                refused.say();
            } catch (IOException e) {
                trouble(e.getMessage());
            }
        }
        if (nanoTime.getAsLong() - behindSince >= waitNanos) {
            behind.say();
        }
    }

    private boolean isCosigned(SignedCheckpoint checkpoint) {
        return checkpoint.parsed().isSignedBy(peer.key());
    }

    private void caughtUp(long size) {
        signed = size;
        isBehind = false;
        pause = 0;
        notBefore = nanoTime.getAsLong();
        behind.over();
        refused.over();
        if (!trouble.isEmpty()) {
            LOG.info("The witness {} signs again.", peer.name());
            trouble = "";
        }
    }

    private void trouble(String why) {
        if (!why.equals(trouble)) {
            LOG.warn("The witness {} has not signed the log: {}.", peer.name(), why);
        }
        trouble = why;
        pause = Math.min(LONGEST_PAUSE, Math.max(FIRST_PAUSE, 2 * pause));
        notBefore = nanoTime.getAsLong() + pause;
    }

    /** Sends a checkpoint, from the size that the witness turns out to have. */
    private void submit(SignedCheckpoint next, boolean handingOver) throws Unfit, IOException, InterruptedException {
        for (int tries = 0; tries < 3; tries++) {
            long from = known > next.size() ? 0 : known;
            List<byte[]> proof = from == 0 ? List.of() : log.reader().consistency(from, next.size());
            Answer answer = send(AddCheckpoint.of(from, proof, next.parsed()));
            switch (answer.status()) {
                case 200 -> {
                    accept(next, answer.body());
                    known = next.size();
                    return;
                }
                case 409 -> {
                    known = size(answer.body());
                    if (known > next.size()) {
                        requireOurs(known, handingOver);
                        return;
                    }
                }
                case 403 -> {
                    if (handingOver) {
                        throw new Unfit("it does not believe the key that signs this log");
                    }
                    handOver();
                }
                case 404 -> throw new Unfit("it does not know this log");
                case 422 -> throw new Unfit("it has seen another log under this name");
                default -> throw new IOException("it answers with status " + answer.status());
            }
        }
        throw new IOException("it does not keep to what it says");
    }

    private Answer send(AddCheckpoint request) throws IOException, InterruptedException {
        HttpRequest post = HttpRequest.newBuilder(url)
                .timeout(ANSWER_TIME)
                .header("Content-Type", "text/plain; charset=utf-8")
                .POST(HttpRequest.BodyPublishers.ofString(request.toText()))
                .build();
        HttpResponse<byte[]> got = call.send(post, ANSWER_TIME.multipliedBy(2), MAX_ANSWER_BYTES);
        return new Answer(got.statusCode(), new String(got.body(), StandardCharsets.UTF_8));
    }

    /**
     * Fails because the witness has signed more than this node sent. Another node may have been quicker, but no node
     * can have sent more than the log has.
     */
    private void requireOurs(long size, boolean handingOver) throws Unfit, IOException {
        if (size > log.reader().size()) {
            known = 0;
            throw new Unfit("it has seen a longer log under this name");
        }
        if (!handingOver) {
            throw new IOException("it has signed a newer checkpoint");
        }
    }

    /** Leads the witness from the key that it knows to the current key. */
    private void handOver() throws Unfit, IOException, InterruptedException {
        List<String> notes = log.reader().signers().handOvers();
        if (notes.isEmpty()) {
            throw new Unfit("it does not believe the key that signs this log");
        }
        for (String note : notes) {
            submit(SignedCheckpoint.of(note), true);
        }
    }

    private void accept(SignedCheckpoint of, String body) throws Unfit {
        try {
            SignedNote both = SignedNote.parse(of.note() + body);
            both.verify(List.of(peer.key()));
            log.cosigned(of, both.signedOnlyBy(List.of(peer.key())).signatures().get(0));
        } catch (MalformedException | UnverifiedException e) {
            throw new Unfit("what it answers is not its signature");
        }
    }

    private static long size(String body) throws IOException {
        String text = body.strip();
        if (!text.matches("0|[1-9][0-9]{0,17}")) {
            throw new IOException("it answers with what is no size");
        }
        return Long.parseLong(text);
    }
}
