package org.patronvault.privacy.entitlement;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.patronvault.access.Access;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Sensitive;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.EntitlementCheckPolicy;
import org.patronvault.core.policy.NotEntitledReason;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.policy.VendorService;
import org.patronvault.core.store.Store;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.lookup.PairwiseSubjects;
import org.patronvault.patron.lookup.PatronDirectory;
import org.patronvault.search.CardNumbers;

/**
 * The check whether a card is entitled to a vendor's service, and nothing else (P8). Unknown, former, expired, blocked
 * and uncovered cards and wrong PINs get one answer, after equal work, unless the policy lets the vendor learn the
 * reason. The subject is pairwise: two clients cannot compare theirs. Safe for use by many threads.
 */
public final class Entitlements {
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final Duration ONE_DAY = Duration.ofDays(1);
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final int RETRY_SECONDS = 60;
    private static final String NO_CARD = "";

    /**
     * A check.
     *
     * @param card as it was scanned or typed
     * @param service by its name in the policy
     */
    public record Check(String card, Optional<Sensitive<String>> pin, String service) {}

    /**
     * The answer: whether entitled, until when, and the subject for this client.
     *
     * @param told the reason against it, if the policy lets this vendor learn it
     */
    public record Answer(
            boolean entitled,
            Optional<Instant> validUntil,
            Optional<String> subject,
            Optional<NotEntitledReason> told) {
        private static Answer no(Optional<NotEntitledReason> told) {
            return new Answer(false, Optional.empty(), Optional.empty(), told);
        }
    }

    private final Access access;
    private final AuditLog log;
    private final PairwiseSubjects subjects;
    private final Patrons patrons;
    private final Clock clock;
    private final PinCheck pins;
    private final CheckCounts counts;
    private final SlidingCounts ofCard = new SlidingCounts(MINUTE, System::nanoTime);
    private final SlidingCounts ofClient = new SlidingCounts(MINUTE, System::nanoTime);
    private final Map<String, Instant> halfUsed = new ConcurrentHashMap<>();
    private final CardGuesses guesses;
    private final WrongPins wrongPins;
    private final RepeatedChecks<Answer> repeats = new RepeatedChecks<>(System::nanoTime);

    /**
     * Entitlements over those rules and patrons; {@code settings} names the system that verifies PINs.
     *
     * @param clock the end of a card's last day is in its time zone
     */
    public Entitlements(
            Store store,
            KeyCustody custody,
            Access access,
            AuditLog log,
            Patrons patrons,
            PinSettings settings,
            Clock clock) {
        this.access = access;
        this.log = log;
        this.subjects = new PairwiseSubjects(custody);
        this.patrons = patrons;
        this.pins = new PinCheck(settings);
        this.counts = new CheckCounts(log);
        this.guesses = new CardGuesses(patrons.cardRuns(), System::nanoTime);
        this.clock = clock;
        this.wrongPins = new WrongPins(
                store,
                custody,
                clock,
                System::nanoTime,
                () -> access.policy().checks().wrongPins());
    }

    /** Checks that the caller may check at all; called before the request is read. */
    public void admit(Caller caller) {
        access.require(
                caller,
                Permission.ENTITLEMENT,
                log.event(caller.actor(), ActKind.ENTITLEMENT, Outcome.REFUSED, AuditLog.newRequest()));
    }

    /** Whether a PIN makes an outside system part of the check, so that the answer may take long or fail. */
    public boolean asksOutside(Check check) {
        return check.pin().isPresent() && pins.isAsked();
    }

    /**
     * Answers a check. No card is entitled to a service that the policy does not have for this client.
     *
     * @param key the caller's key for repeating a check: within a minute it is answered and counted once
     * @throws Refused {@code too-many-attempts}, whatever is known of the card; {@code verifier-unavailable};
     *     {@code idempotency-key-reused} for another check under the same key
     */
    public Answer check(Caller caller, Check check, Optional<String> key) {
        admit(caller);
        Supplier<Answer> paced = () -> counting(caller, check, () -> answer(caller, check));
        // A check with an outside system may take long, and must not keep a thread for each repetition that arrives
        // meanwhile.
        boolean isQuick = !asksOutside(check);
        return key.map(mark -> repeats.once(caller.actor().name(), mark, said(check), isQuick, paced))
                .orElseGet(paced);
    }

    private static byte[] said(Check check) {
        return CanonicalBytes.plain()
                .lp(check.card())
                .lp(check.pin().map(Sensitive::reveal).orElse(""))
                .u8(check.pin().isPresent() ? 1 : 0)
                .lp(check.service())
                .bytes();
    }

    /**
     * Answers a check of a gateway that recognizes repeated messages itself.
     *
     * @throws Refused {@code too-many-attempts}; {@code verifier-unavailable}
     */
    public Answer check(Caller caller, Check check) {
        admit(caller);
        return counting(caller, check, () -> answer(caller, check));
    }

    /** Counts a check of a gateway whose PIN could not be verified in time. */
    public void countUnanswered(Caller caller, Check check) {
        count(caller, check, Optional.of(Problem.VERIFIER_UNAVAILABLE));
    }

    private Answer counting(Caller caller, Check check, Supplier<Answer> work) {
        try {
            Answer answer = work.get();
            count(caller, check, answer.entitled() ? Optional.empty() : Optional.of(Problem.NOT_ENTITLED));
            return answer;
        } catch (Refused e) {
            count(caller, check, Optional.of(e.problem()));
            throw e;
        }
    }

    private void count(Caller caller, Check check, Optional<Problem> reason) {
        Optional<String> named = access.policy().service(check.service()).map(known -> check.service());
        counts.count(caller.actor(), named, reason);
    }

    /** Refuses a check beyond the limit; returns how often the client asked about that card in a minute. */
    private int requirePace(Caller caller, String card) {
        EntitlementCheckPolicy policy = access.policy().checks();
        String client = caller.actor().name();
        int most = caller.checks().orElse(policy.clientMinute());
        int asked = ofClient.addUpTo(most, client);
        if (2L * asked >= most) {
            halfUsed.put(client, clock.instant());
        }
        int times = asked > most ? 0 : ofCard.addUpTo(policy.cardMinute(), client, card);
        if (asked > most || times > policy.cardMinute()) {
            throw tooMany();
        }
        return times;
    }

    /** The clients that used half of their checks a minute within the last day, as far as this process knows. */
    public Set<String> halfUsed() {
        Instant yesterday = clock.instant().minus(ONE_DAY);
        halfUsed.values().removeIf(yesterday::isAfter);
        return new TreeSet<>(halfUsed.keySet());
    }

    private static Refused tooMany() {
        return new Refused(
                Problem.TOO_MANY_ATTEMPTS,
                "Too many checks of this card or by this client; wait a minute.",
                RETRY_SECONDS);
    }

    /** The key that counts all spellings of one card together; texts that are no card count together. */
    private static String sameFor(String card) {
        try {
            return CardNumbers.canonical(card);
        } catch (Refused e) {
            return NO_CARD;
        }
    }

    private Answer answer(Caller caller, Check check) {
        String card = sameFor(check.card());
        boolean again = requirePace(caller, card) > 1;
        Optional<VendorService> service = access.policy()
                .service(check.service())
                .filter(known -> known.isFor(caller.actor().name()));
        Optional<PatronDirectory.Entry> holder = patrons.directory().holder(check.card());
        if (!again && guesses.take(caller.actor(), card, holder.isPresent())) {
            tellOfGuesses(caller.actor());
        }
        // Verified whatever is known of the card, and even if it makes no difference, so that the time reveals nothing.
        boolean right = check.pin()
                .map(pin -> isRight(caller.actor().name(), card, check.card(), holder.isPresent(), pin))
                .orElse(true);
        if (service.isEmpty() || holder.isEmpty() || !right) {
            return Answer.no(Optional.empty());
        }
        PatronDirectory.Entry patron = holder.get();
        LocalDate today = LocalDate.now(clock);
        if (patron.facts().consents().isWithdrawn()) {
            return Answer.no(Optional.empty());
        }
        Optional<NotEntitledReason> why = service.get().denies(patron.attributes(), today);
        if (why.isPresent()) {
            return Answer.no(why.filter(service.get().tells()::contains));
        }
        return new Answer(
                true,
                Optional.of(validUntil(service.get().lastDay(patron.attributes()))),
                Optional.of(subjects.of(caller.actor().name(), patron)),
                Optional.empty());
    }

    /** Raises the alert for guesses; no check waits for it or fails because of it. */
    private void tellOfGuesses(Actor client) {
        AccessEvent event = log.event(client, ActKind.ENTITLEMENT, Outcome.COUNTED, AuditLog.newRequest());
        CompletableFuture<AuditReceipt> unused =
                log.submit(AuditLog.entry(event.alerting(Alert.SEQUENTIAL_CARDS)), Lane.DESK);
    }

    private boolean isRight(String client, String same, String card, boolean held, Sensitive<String> pin) {
        PinCheck.Verdict said = pins.ask(client, same.equals(NO_CARD) ? card.strip() : same, pin);
        if (said == PinCheck.Verdict.UNASKED) {
            return false;
        }
        return !wrongPins.areTooMany(same, said == PinCheck.Verdict.WRONG, held) && said == PinCheck.Verdict.RIGHT;
    }

    private Instant validUntil(Optional<LocalDate> last) {
        Instant longest =
                Instant.ofEpochSecond(clock.instant().getEpochSecond()).plus(LONGEST);
        return last.map(day -> day.plusDays(1).atStartOfDay(clock.getZone()).toInstant())
                .filter(end -> end.isBefore(longest))
                .orElse(longest);
    }

    /** Logs the numbers since the last call, for each client and without any patron. */
    public void logCounts() {
        repeats.tidy();
        counts.log();
        wrongPins.share();
    }

    /** Shares the wrong PINs of this node with the other nodes; for a turn of every second or so. */
    public void sharePins() {
        wrongPins.share();
    }
}
