package org.patronvault.sip2;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.patronvault.core.policy.Caller;
import org.patronvault.privacy.entitlement.Entitlements;

/**
 * The dialog of one connection: nothing but a login first, then questions, answered in order. A repeated message gets
 * the same bytes as answer, and counts once. For one thread at a time.
 */
final class Sip2Session {
    private static final int MOST_BROKEN = 20;
    private static final int MOST_BROKEN_LOGINS = 5;
    private static final long LATE = TimeUnit.SECONDS.toNanos(3);

    /**
     * The result of a message.
     *
     * @param answer the bytes to send, if any
     * @param ends whether the connection ends then
     * @param outside the slow work that is left before there is an answer
     */
    record Result(Optional<byte[]> answer, boolean ends, Optional<Supplier<Result>> outside) {
        private static final Result NOTHING = new Result(Optional.empty(), false, Optional.empty());
        private static final Result END = new Result(Optional.empty(), true, Optional.empty());

        private static Result of(byte[] answer) {
            return new Result(Optional.of(answer), false, Optional.empty());
        }

        private static Result again(LastExchange last) {
            return last.answer().map(Result::of).orElse(NOTHING);
        }

        private static Result last(byte[] answer) {
            return new Result(Optional.of(answer), true, Optional.empty());
        }
    }

    /**
     * The last message and its answer.
     *
     * @param asked stands for the message
     * @param at by the monotonic clock, in nanoseconds
     */
    private record LastExchange(byte[] asked, Optional<byte[]> answer, long at) {
        private static final LastExchange NOTHING = new LastExchange(new byte[0], Optional.empty(), 0);
    }

    private final Logins logins;
    private final EntitlementPort desk;
    private final Replies replies;
    private final String address;
    private final LongSupplier nanoTime;
    private final long repeatedNanos;
    private volatile Optional<Logins.Live> signedIn = Optional.empty();
    private final byte[] salt = new byte[16];
    private final AtomicReference<LastExchange> last = new AtomicReference<>(LastExchange.NOTHING);
    private Optional<Supplier<Result>> unanswered = Optional.empty();
    private int broken;
    private boolean isOver;

    /**
     * Creates the session of a connection from an address.
     *
     * @param repeated how long a repeated message gets the stored answer
     * @param nanoTime a monotonic clock, in nanoseconds
     */
    Sip2Session(
            Logins logins,
            EntitlementPort desk,
            Replies replies,
            String address,
            Duration repeated,
            LongSupplier nanoTime) {
        this.logins = logins;
        this.desk = desk;
        this.replies = replies;
        this.address = address;
        this.repeatedNanos = repeated.toNanos();
        this.nanoTime = nanoTime;
        new SecureRandom().nextBytes(salt);
    }

    /** Returns the client of the vault that the signed-in account acts as; empty before. */
    String client() {
        return signedIn.map(live -> live.account().client()).orElse("");
    }

    /** Whether an account is signed in. */
    boolean isSignedIn() {
        return signedIn.isPresent();
    }

    /** Ends the session. Must be called once, when the connection is over. */
    synchronized void end() {
        isOver = true;
        signOut();
    }

    /** Gives its place back, once. */
    private void signOut() {
        signedIn.ifPresent(Logins.Live::end);
        signedIn = Optional.empty();
    }

    /** Takes a place. Returns whether there was one. A connection that is over takes none, in any order of threads. */
    private synchronized boolean signIn(Logins.Live live) {
        signOut();
        signedIn = Optional.of(live).filter(one -> !isOver && logins.begin(one));
        return signedIn.isPresent();
    }

    /**
     * Forgets an answer that can no longer be repeated. The last answer holds a card, and even a hash of a PIN asked
     * with it is enough to guess the PIN. For any thread.
     */
    void forget() {
        LastExchange old = last.get();
        if (nanoTime.getAsLong() - old.at() >= repeatedNanos) {
            last.compareAndSet(old, LastExchange.NOTHING);
        }
    }

    /** Takes a message; never throws. */
    Result take(byte[] bytes) {
        signedIn.ifPresent(Logins.Live::heard);
        if (desk.isSealed()) {
            return Result.END;
        }
        Sip2Frame frame;
        try {
            frame = Sip2Frame.of(bytes);
        } catch (Sip2Frame.Malformed e) {
            return broken();
        }
        try {
            return take(frame, bytes);
        } catch (RuntimeException e) {
            // Sealed meanwhile, a revoked client, a store that is busy: the client asks again.
            return Result.END;
        }
    }

    private Result take(Sip2Frame frame, byte[] bytes) {
        Optional<MessageType> type = frame.type();
        Optional<Logins.Live> live = signedIn;
        if (live.isEmpty()) {
            return type.filter(MessageType.LOGIN::equals)
                    .map(login -> remembered(mark(bytes), login(frame)))
                    .orElse(Result.END);
        }
        Sip2Account account = live.get().account();
        if (desk.caller(account).isEmpty()) {
            return Result.END;
        }
        if (account.requiresErrorDetection() && !frame.isDetected()) {
            return broken();
        }
        broken = 0;
        if (type.isEmpty()) {
            // A later version's message, or a lending message: BX says that it is not understood.
            return Result.NOTHING;
        }
        if (type.get() == MessageType.RESEND) {
            return Result.again(last.get());
        }
        byte[] mark = mark(bytes);
        LastExchange before = last.get();
        if (frame.isDetected()
                && Arrays.equals(mark, before.asked())
                && nanoTime.getAsLong() - before.at() < repeatedNanos) {
            return Result.again(before);
        }
        return answer(frame, type.get(), account, mark);
    }

    private Result answer(Sip2Frame frame, MessageType type, Sip2Account account, byte[] mark) {
        return switch (type) {
            case LOGIN -> remembered(mark, login(frame));
            case STATUS -> remembered(mark, Result.of(replies.status(frame, account)));
            case END_SESSION -> remembered(mark, Result.of(replies.endOfSession(frame, account)));
            case PATRON_STATUS, PATRON_INFORMATION -> patron(frame, type, account, mark);
            case RESEND -> throw new IllegalStateException("answered before");
        };
    }

    private Result remembered(byte[] asked, Result turn) {
        unanswered = Optional.empty();
        last.set(new LastExchange(asked, turn.answer(), nanoTime.getAsLong()));
        return turn;
    }

    private Result broken() {
        signedIn.ifPresent(Logins.Live::broken);
        broken++;
        return broken > (isSignedIn() ? MOST_BROKEN : MOST_BROKEN_LOGINS)
                ? Result.END
                : Result.of(Replies.askAgain(signedIn.map(Logins.Live::account)));
    }

    private Result login(Sip2Frame frame) {
        boolean inClear = "00".equals(frame.fixed(0, 2));
        Optional<Logins.Live> proven = Optional.of(frame)
                .filter(asked -> inClear)
                .flatMap(asked -> logins.prove(
                        asked.field("CN").orElse(""), asked.field("CO").orElse(""), address))
                .filter(live -> desk.caller(live.account()).isPresent());
        if (proven.isEmpty() || !signIn(proven.get())) {
            Optional<Sip2Account> known = proven.or(() -> signedIn).map(Logins.Live::account);
            return Result.last(Replies.login(frame, known, false));
        }
        proven.get().heard();
        return Result.of(Replies.login(frame, Optional.of(proven.get().account()), true));
    }

    private Result patron(Sip2Frame frame, MessageType type, Sip2Account account, byte[] mark) {
        Optional<Caller> caller = desk.caller(account);
        if (caller.isEmpty()) {
            return Result.END;
        }
        // An empty PIN is none, and counts as a wrong PIN if one is required.
        Optional<String> pin = frame.field("AD")
                .map(sent -> Replies.ofCharset(sent, account))
                .filter(sent -> !sent.isEmpty())
                .or(() -> account.requiresPin() ? Optional.of("") : Optional.empty());
        Entitlements.Check check = desk.check(
                account,
                Replies.ofCharset(frame.field("AA").orElse(""), account).strip(),
                pin);
        if (!desk.asksOutside(check)) {
            boolean entitled = desk.isEntitled(caller.get(), check);
            return remembered(mark, Result.of(replies.patron(frame, type, account, pin.isPresent(), entitled)));
        }
        long asked = nanoTime.getAsLong();
        Supplier<Result> noAnswer = () -> {
            desk.countUnanswered(caller.get(), check);
            return remembered(mark, Result.of(replies.patron(frame, type, account, true, false)));
        };
        unanswered = Optional.of(noAnswer);
        return new Result(Optional.empty(), false, Optional.of(guarded(() -> {
            // A client that waits in vain asks again; nothing is asked for an answer that nobody waits for.
            if (nanoTime.getAsLong() - asked > LATE) {
                return noAnswer.get();
            }
            boolean entitled = desk.isEntitled(caller.get(), check);
            return remembered(mark, Result.of(replies.patron(frame, type, account, true, entitled)));
        })));
    }

    /** Returns the answer to a question that could not be asked outside. Must be called once, in place of the work. */
    Result unanswered() {
        return unanswered.map(Supplier::get).orElse(Result.END);
    }

    private static Supplier<Result> guarded(Supplier<Result> answer) {
        return () -> {
            try {
                return answer.get();
            } catch (RuntimeException e) {
                return Result.END;
            }
        };
    }

    /** Returns a value that tells a message from others without holding it: no PIN may stay here. */
    private byte[] mark(byte[] message) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(salt);
            return digest.digest(message);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is not available", e);
        }
    }
}
