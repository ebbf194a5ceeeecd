package org.patronvault.access.limit;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.ExpiredRowCleanup;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.policy.LimitSettings;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The limits on what one person or client may open, see or search. They are reservations inside the act, exact
 * across threads, sessions, processes and restarts. Ten-minute windows are counted in whole minutes, rounded against
 * the person.
 */
public final class Limits {
    private static final String KIND = "limit";
    private static final String VERIFY_KIND = "limit-verify";

    /** The name of the row that counts erasures of all people. */
    private static final String EVERYBODY = Actor.Kind.VAULT.name() + ":" + Actor.VAULT.name();

    private static final int WINDOW_MINUTES = LimitUse.WINDOW_MINUTES;
    private static final int SEEN_SIZE_BYTES = 16;

    /** The prefix of the row that counts a maker's new accounts together. */
    private static final String MAKER = "MAKER:";

    private static final String LIMIT_OF_POLICY = "The limit of the policy is reached; ask a supervisor.";
    private static final String LIMIT_OF_MAKER =
            "The accounts that one administrator made in the last 24 hours have together reached the limit of one person."
                    + " Wait, or ask a person whose account is older.";

    /**
     * A count of one person, client or maker.
     *
     * @param of the name of the row
     * @param sentence the reason for refusing more
     */
    private record Count(String of, String sentence) {}

    /** Failed verifications of a patron: the minute of each in the last hour, the newest last. */
    record Failed(List<Long> minutes) {
        private Failed with(long minute) {
            List<Long> more = new ArrayList<>(minutes);
            more.add(minute);
            return new Failed(more);
        }

        private Failed withoutNewest() {
            return new Failed(minutes.subList(0, minutes.size() - 1));
        }
    }

    private final Authority authority;
    private final KeyCustody custody;
    private final CurrentPolicy policy;
    private final Clock clock;

    public Limits(Authority authority, KeyCustody custody, CurrentPolicy policy, Clock clock) {
        this.authority = authority;
        this.custody = custody;
        this.policy = policy;
        this.clock = clock;
    }

    /**
     * Returns a reservation for one call.
     *
     * @param opened patrons opened beyond a result's name; a repeat on the same day is free
     * @param names how many names are shown in results
     * @param searches 1 for a search, else 0
     */
    public Reservation of(Caller caller, Collection<PatronId> opened, int names, int searches) {
        if (!caller.limited() || (!caller.isPerson() && opened.isEmpty())) {
            return Reservation.NONE;
        }
        return tx -> take(tx, caller, opened, names, searches);
    }

    /** Says that {@link #of} will count these patrons in this transaction, so that it reads for many calls at once. */
    public void expect(WriteTx tx, Caller caller, Collection<PatronId> opened) {
        if (!caller.limited() || (!caller.isPerson() && opened.isEmpty())) {
            return;
        }
        expect(tx, name(caller), opened);
        caller.maker().filter(any -> !opened.isEmpty()).ifPresent(maker -> expect(tx, MAKER + maker, opened));
    }

    private void expect(WriteTx tx, String actor, Collection<PatronId> opened) {
        tx.expectAuthority(KIND, actor);
        long day = LimitUse.day(minute(List.of()));
        for (Prf key : custody.keys().fingerprints().all()) {
            tx.limits()
                    .expect(
                            actor,
                            day,
                            opened.stream()
                                    .map(id -> seenMac(key, actor, day, id))
                                    .toList());
        }
    }

    private Set<Alert> take(WriteTx tx, Caller caller, Collection<PatronId> opened, int names, int searches) {
        Set<Alert> own = take(tx, caller, new Count(name(caller), LIMIT_OF_POLICY), opened, names, searches);
        if (caller.maker().isEmpty() || opened.isEmpty()) {
            return own;
        }
        Count count = new Count(MAKER + caller.maker().get(), LIMIT_OF_MAKER);
        Set<Alert> together = take(tx, caller, count, opened, 0, 0);
        return own.isEmpty() ? together : own;
    }

    private Set<Alert> take(
            WriteTx tx, Caller caller, Count count, Collection<PatronId> opened, int names, int searches) {
        String actor = count.of();
        Optional<Authority.Versioned<LimitUse>> held = authority.find(tx, KIND, actor, LimitUse.class);
        LimitUse before = usedToday(tx, actor, held);
        int fresh = remember(tx, actor, before.day(), opened);
        LimitUse after = before.with(new LimitUse.Minute(minuteOf(before), fresh, names, searches));
        if (caller.isPerson()) {
            requirePerson(after, count.sentence(), fresh, names, searches);
        } else if (fresh > 0 && after.openedToday() > caller.daily().orElse(Integer.MAX_VALUE)) {
            throw refused(
                    Problem.REVEAL_LIMIT, "This client's daily number of patrons is reached.", secondsToMidnight());
        }
        if (fresh == 0
                && !caller.isPerson()
                && held.filter(one -> one.body().equals(before)).isPresent()) {
            // For a client only opened patrons count.
            return Set.of();
        }
        authority.put(tx, KIND, actor, held, after);
        return passesHalf(caller, after, fresh, names) ? Set.of(Alert.LIMIT_HALF) : Set.of();
    }

    /** Remembers opened patrons as MACs; returns how many were not opened that day, under any version of the key. */
    private int remember(WriteTx tx, String actor, long day, Collection<PatronId> opened) {
        List<Prf> versions = custody.keys().fingerprints().all();
        Set<PatronId> fresh = new HashSet<>(opened);
        for (Prf older : versions.subList(1, versions.size())) {
            fresh.removeIf(id -> isSeen(tx, actor, day, seenMac(older, actor, day, id)));
        }
        Stream<byte[]> macs = fresh.stream().map(id -> seenMac(versions.get(0), actor, day, id));
        return tx.limits().remember(actor, day, macs.toList());
    }

    private static boolean isSeen(WriteTx tx, String actor, long day, byte[] mac) {
        return !tx.limits().present(actor, day, List.of(mac)).isEmpty();
    }

    private static byte[] seenMac(Prf prf, String actor, long day, PatronId patron) {
        byte[] input = CanonicalBytes.begin("limit-seen")
                .lp(actor)
                .u64(day)
                .u64(patron.number())
                .bytes();
        return prf.truncated(input, SEEN_SIZE_BYTES);
    }

    /** Whether this call passes half of the limit on opened patrons or on names. */
    private boolean passesHalf(Caller caller, LimitUse after, int fresh, int names) {
        if (!caller.isPerson()) {
            return passesHalf(after.openedToday(), fresh, caller.daily().orElse(Integer.MAX_VALUE));
        }
        LimitSettings limits = policy.now().limits();
        return passesHalf(after.openedToday(), fresh, limits.openedDay())
                || passesHalf(after.sum(LimitUse.Minute::opened), fresh, limits.openedTenMinutes())
                || passesHalf(after.namesToday(), names, limits.namesDay())
                || passesHalf(after.sum(LimitUse.Minute::names), names, limits.namesTenMinutes());
    }

    private static boolean passesHalf(int used, int now, int limit) {
        return 2L * used >= limit && 2L * (used - now) < limit;
    }

    private void requirePerson(LimitUse used, String sentence, int fresh, int names, int searches) {
        LimitSettings limits = policy.now().limits();
        if (fresh > 0) {
            require(used.openedToday() <= limits.openedDay(), Problem.REVEAL_LIMIT, sentence, secondsToMidnight());
            require(
                    used.sum(LimitUse.Minute::opened) <= limits.openedTenMinutes(),
                    Problem.REVEAL_LIMIT,
                    sentence,
                    WINDOW_MINUTES * 60);
        }
        if (names > 0) {
            require(used.namesToday() <= limits.namesDay(), Problem.SEARCH_LIMIT, sentence, secondsToMidnight());
            require(
                    used.sum(LimitUse.Minute::names) <= limits.namesTenMinutes(),
                    Problem.SEARCH_LIMIT,
                    sentence,
                    WINDOW_MINUTES * 60);
        }
        if (searches > 0) {
            require(
                    used.sum(LimitUse.Minute::searches) <= limits.searchesTenMinutes(),
                    Problem.SEARCH_LIMIT,
                    sentence,
                    WINDOW_MINUTES * 60);
        }
    }

    private static void require(boolean within, Problem problem, String sentence, int retryAfterSeconds) {
        if (!within) {
            throw refused(problem, sentence, retryAfterSeconds);
        }
    }

    private static Refused refused(Problem problem, String sentence, int retryAfterSeconds) {
        return new Refused(problem, sentence, retryAfterSeconds).alerting(Alert.LIMIT_REACHED);
    }

    private int secondsToMidnight() {
        return (int) (86_400 - clock.instant().getEpochSecond() % 86_400);
    }

    /**
     * Whether this person, or all people together, erased so many today that the next erasure needs a second person.
     */
    public boolean needsSecondToErase(Tx tx, Caller caller) {
        LimitSettings limits = policy.now().limits();
        return caller.limited()
                && caller.isPerson()
                && (erasedToday(tx, name(caller)) >= limits.erasuresDay()
                        || erasedToday(tx, EVERYBODY) >= limits.erasuresInAllDay());
    }

    private int erasedToday(Tx tx, String who) {
        return usedToday(authority.find(tx, KIND, who, LimitUse.class)).erasedToday();
    }

    /**
     * Returns a reservation for one erasure, of the person and of all people together.
     *
     * @param two whether a second person approved, so that no limit applies
     */
    public Reservation erasing(Caller caller, boolean two) {
        if (!caller.limited() || !caller.isPerson()) {
            return Reservation.NONE;
        }
        return tx -> {
            LimitSettings limits = policy.now().limits();
            boolean own = isFirstBeyond(tx, name(caller), limits.erasuresDay(), two);
            boolean all = isFirstBeyond(tx, EVERYBODY, limits.erasuresInAllDay(), two);
            return own || all ? Set.of(Alert.ERASURE_LIMIT) : Set.of();
        };
    }

    /** Counts one erasure. */
    private boolean isFirstBeyond(WriteTx tx, String who, int most, boolean two) {
        Optional<Authority.Versioned<LimitUse>> held = authority.find(tx, KIND, who, LimitUse.class);
        LimitUse before = usedToday(tx, who, held);
        if (!two && before.erasedToday() >= most) {
            throw new Refused(
                    Problem.CHANGED_MEANWHILE,
                    "The day's number was reached meanwhile. Send the request again: a second person must agree.");
        }
        authority.put(
                tx,
                KIND,
                who,
                held,
                before.with(new LimitUse.Minute(minuteOf(before), 0, 0, 0)).withErasure());
        return before.erasedToday() == most;
    }

    /** Returns today's use of a person or client, without the use of another day. */
    private LimitUse usedToday(WriteTx tx, String actor, Optional<Authority.Versioned<LimitUse>> held) {
        LimitUse today = usedToday(held);
        if (held.filter(one -> one.body().day() == today.day()).isEmpty()) {
            tx.limits().forgetBefore(actor, today.day());
        }
        return today;
    }

    private LimitUse usedToday(Optional<Authority.Versioned<LimitUse>> held) {
        return held.map(Authority.Versioned::body).map(this::asOfNow).orElseGet(() -> LimitUse.none(minute(List.of())));
    }

    private static String name(Caller caller) {
        return caller.actor().kind().name() + ":" + caller.actor().name();
    }

    /**
     * Returns a reservation for one try to verify a patron. It counts as failed until {@link #verified} takes it back,
     * so parallel tries cannot pass the limit.
     */
    public Reservation verifying(PatronId patron) {
        return tx -> {
            Optional<Authority.Versioned<Failed>> held = failed(tx, patron);
            Failed before = current(held);
            if (before.minutes().size() >= policy.now().limits().failedVerifiesHour()) {
                throw refused(Problem.VERIFY_LIMIT, "Too many failed tries for this patron; wait an hour.", 3_600);
            }
            authority.put(tx, VERIFY_KIND, verifyKeys(patron).get(0), held, before.with(minute(before.minutes())));
            return Set.of();
        };
    }

    /** Takes back the count of {@link #verifying}: the try was right. */
    public void verified(WriteTx tx, PatronId patron) {
        Optional<Authority.Versioned<Failed>> held = failed(tx, patron);
        Failed before = current(held);
        if (!before.minutes().isEmpty()) {
            authority.put(tx, VERIFY_KIND, verifyKeys(patron).get(0), held, before.withoutNewest());
        }
    }

    private Optional<Authority.Versioned<Failed>> failed(Tx tx, PatronId patron) {
        return authority.findAny(tx, VERIFY_KIND, verifyKeys(patron), Failed.class);
    }

    private Failed current(Optional<Authority.Versioned<Failed>> held) {
        return current(held.map(Authority.Versioned::body).map(Failed::minutes).orElse(List.of()));
    }

    private Failed current(List<Long> minutes) {
        long minute = minute(minutes);
        return new Failed(
                asOfNow(minutes).stream().filter(then -> minute - then < 60).toList());
    }

    private long minuteOf(LimitUse used) {
        return minute(used.minutes().stream().map(LimitUse.Minute::minute).toList());
    }

    private LimitUse asOfNow(LimitUse used) {
        return used.at(minuteOf(used));
    }

    /** Counts in a future minute, from a clock that was wrong, move to this minute. */
    private List<Long> asOfNow(List<Long> counted) {
        long minute = minute(counted);
        return counted.stream().map(then -> Math.min(then, minute)).toList();
    }

    /**
     * Returns this minute, or a newer one counted by another node whose clock is ahead, so no count is lost. A clock
     * ahead by more than a window is wrong.
     */
    private long minute(List<Long> counted) {
        long now = clock.instant().getEpochSecond() / 60;
        return counted.stream().filter(then -> then <= now + WINDOW_MINUTES).reduce(now, Math::max);
    }

    private List<String> verifyKeys(PatronId patron) {
        byte[] input = CanonicalBytes.begin("limit-verify").u64(patron.number()).bytes();
        return custody.keys().fingerprintNames(input);
    }

    /**
     * Returns the cleanup of use before today, and of failed verifications of hours ago. Counts by a clock that was
     * ahead are redated to now. A person at a limit adds no count, so without that they would stay ahead.
     */
    public List<ExpiredRowCleanup.Kind<?>> tidied() {
        ExpiredRowCleanup.Kind<LimitUse> used = new ExpiredRowCleanup.Kind<>(
                KIND,
                LimitUse.class,
                (tx, held) -> held.body().isOver(clock.instant().getEpochSecond() / 60),
                (tx, actor) -> tx.limits().forgetBefore(actor, clock.instant().getEpochSecond() / 86_400),
                row -> row.isAheadOf(minuteOf(row)) ? row.settledAt(minuteOf(row)) : row);
        return List.of(
                used,
                ExpiredRowCleanup.Kind.of(
                        VERIFY_KIND, Failed.class, this::isOver, failed -> new Failed(asOfNow(failed.minutes()))));
    }

    private boolean isOver(Failed failed) {
        return current(failed.minutes()).minutes().isEmpty();
    }
}
