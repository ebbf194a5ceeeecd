package org.patronvault.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.crypto.Prf;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.VersionedBox;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.Store;
import org.patronvault.store.WriteTx;

/**
 * Writes that are sent again with the same Idempotency-Key have one effect and one answer. Key and request are kept as
 * MACs under a ring key and the answer is sealed, so that a copy does not show which patrons were found similar.
 */
public final class IdempotencyStore {

    /** A key as sent, and the MACs that stand for it and for what was asked. */
    public static final class Key {
        private final byte[] key;
        private final byte[] request;
        private final Optional<Refused> fault;

        private Key(byte[] key, byte[] request, Optional<Refused> fault) {
            this.key = key;
            this.request = request;
            this.fault = fault;
        }

        /** One that cannot be used: the write is refused for it, after everything that is refused first. */
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
     * A write that is to have one effect.
     *
     * @param key it is sent again with, if it is
     * @param json what is kept as the answer to it
     */
    public record Once<T>(Optional<Key> key, Function<T, String> json) {

        /** Without a key to repeat it by. */
        public static <T> Once<T> withoutKey() {
            return new Once<>(Optional.empty(), done -> "");
        }
    }

    /** An answer is kept with as many blanks as make it a multiple of this long, before it is sealed. */
    public static final int STEP_BYTES = 256;

    private static final long HOUR_SECONDS = 3_600;
    private static final long KEPT_SECONDS = 48 * HOUR_SECONDS;

    private final Store store;
    private final KeyCustody custody;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private long seen;
    private long seenAt;

    /** Answers in that store; by the monotonic clock, in nanoseconds, they get older. */
    IdempotencyStore(Store store, KeyCustody custody, Clock clock, LongSupplier nanoTime) {
        this.store = store;
        this.custody = custody;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** The key a caller sent with a request; empty if none was sent. */
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

    /** What was answered when this came first. */
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

    /** Refuses a key that cannot be one, before anything is done. */
    public void requireUsable(Optional<Key> key) {
        key.ifPresent(Key::requireUsable);
    }

    /** Refuses, in the unit of the write and before anything else, what is being carried out already. */
    public void requireFirst(WriteTx tx, Optional<Key> key) {
        key.ifPresent(Key::requireUsable);
        if (key.isPresent() && tx.idempotency().find(key.get().key).isPresent()) {
            throw new Refused(Problem.CHANGED_MEANWHILE, "The same request was carried out just now; ask again.");
        }
    }

    /** Keeps what became of it, in the unit of the write itself. */
    public <T> void keep(WriteTx tx, Once<T> once, T done) {
        if (once.key().isPresent()) {
            keep(tx, once.key(), once.json().apply(done));
        }
    }

    /** Keeps the answer, in the unit of the write itself. */
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
     * What is written down as the time of an answer. No clock that can be set says it, since one that is ahead for a minute
     * would forget all answers: it is that of the newest there is, and an hour later once this process has seen that stand
     * for an hour. So it never goes on faster than time does, however many nodes there are and however often they are
     * started; where nobody writes for long it stands still, and nothing is there to be forgotten.
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

    /** With blanks, so that its length does not say how many patrons were found similar. */
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
