package org.patronvault.privacy.entitlement;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.patronvault.access.ExternalEndpoint;
import org.patronvault.access.ExternalProgram;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.model.Sensitive;

/**
 * Whether a PIN is a card's, as the library's own system says: a program or an address is given both, a few at a time,
 * whatever is known of the card, and none of the clients takes so many of the places that others have none. The vault keeps
 * no PIN. Where nobody is named no PIN is right. Blocks for as long as the
 * system takes, seconds at most; safe for use by many threads.
 */
final class PinCheck {
    private static final int AT_ONCE = 8;
    private static final int PLACES = 24;
    private static final int OF_ONE_CLIENT = 8;
    private static final int WAIT_SECONDS = 3;
    private static final int LONGEST = 100;
    private static final int WRONG_PIN = 1;
    private static final int FORBIDDEN = 403;

    /** What came of it. */
    enum Verdict {
        RIGHT,
        WRONG,
        /** Nobody was asked: there is no PIN, or nobody knows PINs. That is no. */
        UNASKED
    }

    /** Whoever knows. */
    @FunctionalInterface
    private interface Verifier {
        /** Empty for no answer that means anything. */
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

    /** Whether somebody is asked. */
    boolean isAsked() {
        return verifier.isPresent();
    }

    /**
     * Whether it is right. Of those who come while too many wait already, of this client or of all, each is refused at
     * once, so that a system that hangs holds up nobody else, and no client another.
     *
     * @throws Refused {@code verifier-unavailable} if whoever is asked gives no answer
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
