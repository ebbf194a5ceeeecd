package org.patronvault.model;

import java.io.Serializable;
import java.time.Instant;
import java.util.Optional;

/**
 * The caller's fault, or a state the caller can do something about: one plain sentence says what and where, and never
 * repeats a value that was sent. Carries no stack trace, since it is an answer and not a failure of ours.
 */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Who is at work in the way, under a canonical name, and since when. */
    public record Holder(String by, Instant since) implements Serializable {}

    private final Problem problem;
    private final int retryAfterSeconds;
    private final boolean inLog;
    private final Alert alert;
    private final Holder holder;
    private final String state;

    /** A refusal with the sentence to show. */
    public Refused(Problem problem, String sentence) {
        this(problem, sentence, 0);
    }

    /** A refusal that ends by itself after {@code retryAfterSeconds}, if that is above 0. */
    public Refused(Problem problem, String sentence, int retryAfterSeconds) {
        this(problem, sentence, retryAfterSeconds, false, null, null, null);
    }

    private Refused(
            Problem problem,
            String sentence,
            int retryAfterSeconds,
            boolean inLog,
            Alert alert,
            Holder holder,
            String state) {
        super(sentence, null, false, false);
        this.problem = problem;
        this.retryAfterSeconds = retryAfterSeconds;
        this.inLog = inLog;
        this.alert = alert;
        this.holder = holder;
        this.state = state;
    }

    /** The same refusal, now that the access log says it happened. */
    public Refused logged() {
        return new Refused(problem, getMessage(), retryAfterSeconds, true, alert, holder, state);
    }

    /** The same refusal, of which somebody is to be told. */
    public Refused alerting(Alert what) {
        return new Refused(problem, getMessage(), retryAfterSeconds, inLog, what, holder, state);
    }

    /** The same refusal, naming who is in the way. */
    public Refused heldBy(Holder who) {
        return new Refused(problem, getMessage(), retryAfterSeconds, inLog, alert, who, state);
    }

    /** The same refusal, naming the state that it is refused in. */
    public Refused inState(String which) {
        return new Refused(problem, getMessage(), retryAfterSeconds, inLog, alert, holder, which);
    }

    /** The state it is refused in, if the refusal is for that. */
    public Optional<String> state() {
        return Optional.ofNullable(state);
    }

    /** Who is in the way, if the refusal is for that. */
    public Optional<Holder> holder() {
        return Optional.ofNullable(holder);
    }

    /** What somebody is to be told of it, if anything. */
    public Optional<Alert> alert() {
        return Optional.ofNullable(alert);
    }

    /** Whether the access log says already that it happened. */
    public boolean inLog() {
        return inLog;
    }

    /** Why. */
    public Problem problem() {
        return problem;
    }

    /** Seconds after which another try makes sense; 0 if time does not help. */
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
