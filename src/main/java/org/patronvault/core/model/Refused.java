package org.patronvault.core.model;

import java.io.Serializable;
import java.time.Instant;
import java.util.Optional;

/**
 * A refusal of a call: the caller's fault, or a state the caller can change. One plain sentence says what and where,
 * and never repeats a value of the request. It has no stack trace, since it is an answer and not a failure of the
 * vault.
 */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The holder of a resource that the call needs, under a canonical name, and since when. */
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

    /** Returns a copy that is marked as already in the access log. */
    public Refused logged() {
        return new Refused(problem, getMessage(), retryAfterSeconds, true, alert, holder, state);
    }

    /** Returns a copy that raises the alert {@code what} when it is logged. */
    public Refused alerting(Alert what) {
        return new Refused(problem, getMessage(), retryAfterSeconds, inLog, what, holder, state);
    }

    /** Returns a copy that names the holder who blocks the call. */
    public Refused heldBy(Holder who) {
        return new Refused(problem, getMessage(), retryAfterSeconds, inLog, alert, who, state);
    }

    /** Returns a copy that names the state in which the call is refused. */
    public Refused inState(String which) {
        return new Refused(problem, getMessage(), retryAfterSeconds, inLog, alert, holder, which);
    }

    /** The state in which the call is refused, if that is the reason. */
    public Optional<String> state() {
        return Optional.ofNullable(state);
    }

    /** The holder who blocks the call, if that is the reason. */
    public Optional<Holder> holder() {
        return Optional.ofNullable(holder);
    }

    /** The alert to raise, if there is one. */
    public Optional<Alert> alert() {
        return Optional.ofNullable(alert);
    }

    /** Whether the access log already has the refusal. */
    public boolean inLog() {
        return inLog;
    }

    /** The reason. */
    public Problem problem() {
        return problem;
    }

    /** Seconds after which another try makes sense; 0 if time does not help. */
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
