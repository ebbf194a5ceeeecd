package org.patronvault.privacy.entitlement;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.patronvault.access.external.ExternalEndpoint;
import org.patronvault.access.external.ExternalProgram;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Sensitive;

/**
 * The verification of a card's PIN by the library's own system: a program or an address gets both. A few run at a time,
 * whatever is known of the card, and no client can take all places. The vault keeps no PIN. If no system is configured,
 * no PIN is right. Blocks for as long as the system takes, seconds at most; safe for use by many threads.
 */
final class PinCheck {
    private static final int AT_ONCE = 8;
    private static final int PLACES = 24;
    private static final int OF_ONE_CLIENT = 8;
    private static final int WAIT_SECONDS = 3;
    private static final int LONGEST = 100;
    private static final int WRONG_PIN = 1;
    private static final int FORBIDDEN = 403;

    /** The result of a verification. */
    enum Verdict {
        RIGHT,
        WRONG,
        /** No system was asked: there is no PIN, or no system is configured. That counts as wrong. */
        UNASKED
    }

    /** The library's system. */
    @FunctionalInterface
    private interface Verifier {
        /** Empty if there is no valid answer. */
        Optional<Boolean> ask(byte[] question) throws InterruptedException;
    }

    private final Optional<Verifier> verifier;
    private final Semaphore turns = new Semaphore(AT_ONCE, true);
    private final Semaphore places = new Semaphore(PLACES);
    private final Map<String, Semaphore> ofClient = new ConcurrentHashMap<>();

    PinCheck(PinSettings settings) {
        Optional<Verifier> program = Optional.of(settings.command())
                .filter(words -> !words.isEmpty())
                .map(words -> new ExternalProgram(words, settings.directory()))
                .map(outside -> question -> ask(outside, question));
        Optional<Verifier> address = settings.url()
                .map(url -> new ExternalEndpoint(url, settings.tokenFile()))
                .map(outside -> question -> ask(outside, question));
        this.verifier = program.or(() -> address);
    }

    /** Whether a system is configured. */
    boolean isAsked() {
        return verifier.isPresent();
    }

    /**
     * Verifies a PIN. If too many calls wait already, of this client or of all, the call is refused at once. So a
     * system that hangs blocks no other work, and no client blocks another.
     *
     * @throws Refused {@code verifier-unavailable} if the system gives no answer
     */
    Verdict ask(String client, String card, Sensitive<String> pin) {
        if (verifier.isEmpty()
                || card.length() > LONGEST
                || pin.reveal().isEmpty()
                || pin.reveal().length() > LONGEST) {
            return Verdict.UNASKED;
        }
        byte[] question = JsonNodeFactory.instance
                .objectNode()
                .put("card", card)
                .put("pin", pin.reveal())
                .toString()
                .concat("\n")
                .getBytes(StandardCharsets.UTF_8);
        Semaphore own = ofClient.computeIfAbsent(client, name -> new Semaphore(OF_ONE_CLIENT));
        return placed(own, () -> placed(places, () -> askInTurn(question))) ? Verdict.RIGHT : Verdict.WRONG;
    }

    private static boolean placed(Semaphore places, BooleanSupplier then) {
        if (!places.tryAcquire()) {
            throw unavailable();
        }
        try {
            return then.getAsBoolean();
        } finally {
            places.release();
        }
    }

    private boolean askInTurn(byte[] question) {
        try {
            if (!turns.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw unavailable();
            }
            try {
                return verifier.orElseThrow().ask(question).orElseThrow(PinCheck::unavailable);
            } finally {
                turns.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable();
        }
    }

    private static Optional<Boolean> ask(ExternalProgram program, byte[] question) throws InterruptedException {
        try {
            int code = program.exitCode(question);
            return code == 0 || code == WRONG_PIN ? Optional.of(code == 0) : Optional.empty();
        } catch (ExternalProgram.Unended e) {
            return Optional.empty();
        }
    }

    private static Optional<Boolean> ask(ExternalEndpoint address, byte[] question) throws InterruptedException {
        try {
            int status = address.post(question);
            boolean right = status >= 200 && status <= 299;
            return right || status == FORBIDDEN ? Optional.of(right) : Optional.empty();
        } catch (ExternalEndpoint.Unanswered e) {
            return Optional.empty();
        }
    }

    private static Refused unavailable() {
        return new Refused(
                Problem.VERIFIER_UNAVAILABLE,
                "The system that knows the PINs does not answer; try again.",
                WAIT_SECONDS);
    }
}
