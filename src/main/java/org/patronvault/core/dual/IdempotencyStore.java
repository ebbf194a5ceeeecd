package org.patronvault.core.dual;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.VersionedBox;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.WriteTx;

/**
 * The store of answers to writes with an Idempotency-Key. A repeated write has one effect and one answer. Key and
 * request are stored as MACs under a ring key, and the answer is sealed. So a copy of the database does not show which
 * patrons were found similar.
 */
public final class IdempotencyStore {

    /** An Idempotency-Key, with the MACs of it and of the request. */
    public static final class Key {
        private final byte[] key;
        private final byte[] request;
        private final Optional<Refused> fault;

        private Key(byte[] key, byte[] request, Optional<Refused> fault) {
            this.key = key;
            this.request = request;
            this.fault = fault;
        }

        /** Returns an unusable key. The write is refused for it, after every other reason to refuse. */
        public static Key unusable(Refused fault) {
            return new Key(new byte[0], new byte[0], Optional.of(fault));
        }

        private void requireUsable() {
            fault.ifPresent(refused -> {
                throw refused;
            });
        }
    }

    /**
     * A write that must have one effect.
     *
     * @param key its idempotency key, if it has one
     * @param json makes the stored answer
     */
    public record Once<T>(Optional<Key> key, Function<T, String> json) {

        /** Returns a write without an idempotency key. */
        public static <T> Once<T> withoutKey() {
            return new Once<>(Optional.empty(), done -> "");
        }
    }

    /** The stored answer is padded with blanks to a multiple of this length before it is sealed. */
    public static final int STEP_BYTES = 256;

    private static final long HOUR_SECONDS = 3_600;
    private static final long KEPT_SECONDS = 48 * HOUR_SECONDS;

    private final Store store;
    private final KeyCustody custody;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private long seen;
    private long seenAt;

    /** Makes the store; {@code nanoTime} is the monotonic clock by which answers age, in nanoseconds. */
    public IdempotencyStore(Store store, KeyCustody custody, Clock clock, LongSupplier nanoTime) {
        this.store = store;
        this.custody = custody;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** Returns the key a caller sent with a request; empty if none was sent. */
    public Optional<Key> key(Caller caller, Optional<String> sent, String methodAndPath, byte[] body) {
        return sent.map(text -> {
            Prf prf = custody.keys().fingerprints().newest();
            byte[] key = prf.full(CanonicalBytes.begin("idempotency-key")
                    .lp(caller.actor().kind().name())
                    .lp(caller.actor().name())
                    .lp(text)
                    .bytes());
            byte[] request = prf.full(CanonicalBytes.begin("idempotency-request")
                    .lp(methodAndPath.getBytes(StandardCharsets.UTF_8))
                    .lp(body)
                    .bytes());
            return new Key(key, request, Optional.empty());
        });
    }

    /** Returns the stored answer to the first request with that key. */
    public Optional<String> answered(Optional<Key> key) {
        if (key.isEmpty() || key.get().fault.isPresent()) {
            return Optional.empty();
        }
        return store.read(tx -> tx.idempotency().find(key.get().key)).map(kept -> {
            if (!MessageDigest.isEqual(kept.request(), key.get().request)) {
                throw reused();
            }
            return new String(box().open(aad(key.get()), kept.answer()), StandardCharsets.UTF_8).stripTrailing();
        });
    }

    /** Refuses an unusable key, before anything is done. */
    public void requireUsable(Optional<Key> key) {
        key.ifPresent(Key::requireUsable);
    }

    /** Refuses a write that another request has just carried out. Call it first in the write's act. */
    public void requireFirst(WriteTx tx, Optional<Key> key) {
        key.ifPresent(Key::requireUsable);
        if (key.isPresent() && tx.idempotency().find(key.get().key).isPresent()) {
            throw new Refused(Problem.CHANGED_MEANWHILE, "The same request was carried out just now; ask again.");
        }
    }

    /** Stores the result, in the act of the write itself. */
    public <T> void keep(WriteTx tx, Once<T> once, T done) {
        if (once.key().isPresent()) {
            keep(tx, once.key(), once.json().apply(done));
        }
    }

    /** Stores the answer, in the act of the write itself. */
    public void keep(WriteTx tx, Optional<Key> key, String answer) {
        if (key.isEmpty()) {
            return;
        }
        key.get().requireUsable();
        long now = time(tx);
        byte[] sealed = box().seal(aad(key.get()), padded(answer));
        if (!tx.idempotency().keep(key.get().key, key.get().request, sealed, now)) {
            throw new Refused(Problem.CHANGED_MEANWHILE, "The same request is being carried out; ask again.");
        }
    }

    /**
     * Returns the stored time of an answer. It does not come from a clock that can be set: one minute ahead of time
     * would expire all answers. It is the time of the newest answer. It advances by an hour once this process has seen
     * it unchanged for an hour. So it never runs faster than real time, on any number of nodes and restarts. If nobody
     * writes for long it stops, and no answer needs to expire.
     */
    private synchronized long time(WriteTx tx) {
        long nanos = nanoTime.getAsLong();
        long newest = tx.idempotency().newest().orElseGet(() -> clock.instant().getEpochSecond());
        if (newest != seen) {
            seen = newest;
            seenAt = nanos;
        } else if (nanos - seenAt >= TimeUnit.SECONDS.toNanos(HOUR_SECONDS)) {
            seen += HOUR_SECONDS;
            seenAt = nanos;
            tx.idempotency().forgetBefore(seen - KEPT_SECONDS);
        }
        return seen;
    }

    /** Pads an answer with blanks, so that its length does not show how many patrons were found similar. */
    private static byte[] padded(String answer) {
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(bytes, (bytes.length + STEP_BYTES - 1) / STEP_BYTES * STEP_BYTES);
        Arrays.fill(padded, bytes.length, padded.length, (byte) ' ');
        return padded;
    }

    private VersionedBox box() {
        byte[] label = CanonicalBytes.begin("idempotency-answer").bytes();
        return custody.keys().boxOfFingerprint(label);
    }

    private static byte[] aad(Key key) {
        return CanonicalBytes.begin("idempotency-answer")
                .lp(key.key)
                .lp(key.request)
                .bytes();
    }

    private static Refused reused() {
        return new Refused(Problem.IDEMPOTENCY_KEY_REUSED, "That Idempotency-Key came with another request before.");
    }
}
