package org.patronvault.privacy.entitlement;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.patronvault.access.OutsideAddress;
import org.patronvault.access.OutsideProgram;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.model.Sensitive;

/**
 * Whether a PIN is a card's, as the library's own system says: a program or an address is given both, a few at a time,
 * whatever is known of the card. The vault keeps no PIN. Where nobody is named no PIN is right. Blocks for as long as the
 * system takes, seconds at most; safe for use by many threads.
 */
final class PinCheck {
    private static final int AT_ONCE = 8;
    private static final int WAITING = 8;
    private static final int WAIT_SECONDS = 3;
    private static final int LONGEST = 100;
    private static final int WRONG_PIN = 1;
    private static final int FORBIDDEN = 403;

    /** What came of it. */
    enum Said {
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
    private final Semaphore turns = new Semaphore(AT_ONCE);
    private final Semaphore places = new Semaphore(AT_ONCE + WAITING);

    PinCheck(PinSettings settings) {
        Optional<Verifier> program = Optional.of(settings.command())
                .filter(words -> !words.isEmpty())
                .map(words -> new OutsideProgram(words, settings.directory()))
                .map(outside -> question -> ask(outside, question));
        Optional<Verifier> address = settings.url()
                .map(url -> new OutsideAddress(url, settings.tokenFile()))
                .map(outside -> question -> ask(outside, question));
        this.verifier = program.or(() -> address);
    }

    /** Whether somebody is asked. */
    boolean isAsked() {
        return verifier.isPresent();
    }

    /**
     * Whether it is right. Of those who come while others wait already, each is refused at once, so that a system that
     * hangs holds up nobody else.
     *
     * @throws Refused {@code verifier-unavailable} if whoever is asked gives no answer
     */
    Said ask(String card, Sensitive<String> pin) {
        if (verifier.isEmpty()
                || card.length() > LONGEST
                || pin.reveal().isEmpty()
                || pin.reveal().length() > LONGEST) {
            return Said.UNASKED;
        }
        byte[] question = JsonNodeFactory.instance
                .objectNode()
                .put("card", card)
                .put("pin", pin.reveal())
                .toString()
                .concat("\n")
                .getBytes(StandardCharsets.UTF_8);
        if (!places.tryAcquire()) {
            throw unavailable();
        }
        try {
            return askInTurn(question) ? Said.RIGHT : Said.WRONG;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable();
        } finally {
            places.release();
        }
    }

    private boolean askInTurn(byte[] question) throws InterruptedException {
        if (!turns.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
            throw unavailable();
        }
        try {
            return verifier.orElseThrow().ask(question).orElseThrow(PinCheck::unavailable);
        } finally {
            turns.release();
        }
    }

    private static Optional<Boolean> ask(OutsideProgram program, byte[] question) throws InterruptedException {
        try {
            int code = program.exitCode(question);
            return code == 0 || code == WRONG_PIN ? Optional.of(code == 0) : Optional.empty();
        } catch (OutsideProgram.Unended e) {
            return Optional.empty();
        }
    }

    private static Optional<Boolean> ask(OutsideAddress address, byte[] question) throws InterruptedException {
        try {
            int status = address.post(question);
            boolean right = status >= 200 && status <= 299;
            return right || status == FORBIDDEN ? Optional.of(right) : Optional.empty();
        } catch (OutsideAddress.Unanswered e) {
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
