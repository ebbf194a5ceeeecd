package org.patronvault.patron;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.patronvault.app.madeup.MadeUpPatron;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.policy.Caller;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.lookup.SearchQuery;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;

/**
 * A town of patrons, with clerks who search for them by surname, day after day and within their limits. Few surnames
 * are frequent, and many are rare.
 */
final class SearchedTown {
    private static final int PATRONS = LongRun.times(300, 400);
    private static final int SURNAMES = LongRun.times(110, 150);

    /** Shares of surnames are those of ranks from here on, so the most frequent one has about five in a hundred. */
    private static final int FIRST_RANK = 6;

    private static final int CLERKS = LongRun.times(10, 40);
    private static final int DAYS = LongRun.times(1, 10);
    private static final int TURNS_A_DAY = 5;
    private static final int SEARCHES_A_TURN = 10;
    private static final int THREADS = 8;

    /** How many searches {@link #search} makes: 500 in each build, 20,000 in the long run. */
    static final int SEARCHES = DAYS * TURNS_A_DAY * CLERKS * SEARCHES_A_TURN;

    private final OpenVault vault;
    private final Random random;
    private final List<String> surnames = new ArrayList<>();
    private final Map<PatronId, Integer> surnameOf = new LinkedHashMap<>();

    /** Registers the patrons in that vault, in an order that has nothing to do with their names. */
    SearchedTown(OpenVault vault, long seed) throws InterruptedException, ExecutionException {
        this.vault = vault;
        this.random = new Random(seed);
        MadeUpPatrons people = new MadeUpPatrons(seed, 20 * PATRONS, today());
        for (int n = 1; surnames.size() < SURNAMES; n++) {
            String name = people.patron(n).name().family();
            if (!surnames.contains(name)) {
                surnames.add(name);
            }
        }
        List<Callable<Map.Entry<PatronId, Integer>>> registrations = new ArrayList<>();
        for (int n = 1; n <= PATRONS; n++) {
            int surname = drawSurname();
            PatronDraft draft = draft(people.patron(n), n, surname);
            registrations.add(() -> Map.entry(register(draft), surname));
        }
        Collections.shuffle(registrations, random);
        for (Map.Entry<PatronId, Integer> one : together(registrations)) {
            surnameOf.put(one.getKey(), one.getValue());
        }
    }

    private LocalDate today() {
        return LocalDate.ofInstant(vault.clock().instant(), ZoneOffset.UTC);
    }

    /** Shares fall with the rank (Zipf's law). */
    private int drawSurname() {
        double sum = 0;
        for (int rank = 0; rank < SURNAMES; rank++) {
            sum += 1.0 / (FIRST_RANK + rank);
        }
        double at = random.nextDouble() * sum;
        int rank = 0;
        for (at -= 1.0 / FIRST_RANK; at > 0; at -= 1.0 / (FIRST_RANK + rank)) {
            rank++;
        }
        return Math.min(rank, SURNAMES - 1);
    }

    private PatronDraft draft(MadeUpPatron person, int n, int surname) {
        Name name = person.name();
        return new PatronDraft(
                person.card(),
                new Name(surnames.get(surname), name.given(), name.middle(), name.suffix(), name.preferred()),
                person.address(),
                List.of(String.format("+1475555%04d", n)),
                person.email(),
                "NC",
                person.category(),
                person.expires(),
                person.status(),
                Optional.of(new Consent(Consent.SERVICE, "2018-05", today(), "desk", true)),
                Optional.of(person.registered()));
    }

    /** The first three letters. */
    private static String beginning(String name) {
        String letters = name.replaceAll("\\P{L}", "");
        return letters.substring(0, Math.min(3, letters.length()));
    }

    private PatronId register(PatronDraft draft) {
        IdempotencyStore replay = vault.patrons().replay();
        Caller clerk = clerk(0);
        Optional<IdempotencyStore.Key> key = replay.key(
                clerk,
                Optional.of("key of " + draft.card()),
                "POST /v1/patrons",
                draft.card().getBytes(StandardCharsets.UTF_8));
        return vault.patrons()
                .registration()
                .register(clerk, draft, key, AuditLog.newRequest())
                .id();
    }

    private static Caller clerk(int n) {
        Actor actor = new Actor(Actor.Kind.STAFF, "clerk-" + n, "circulation", "NC");
        return new Caller(actor, Set.of(), Optional.empty(), Optional.empty(), OptionalInt.empty(), true);
    }

    private static <T> List<T> together(List<Callable<T>> acts) throws InterruptedException, ExecutionException {
        ExecutorService desks = Executors.newFixedThreadPool(THREADS);
        try {
            List<T> done = new ArrayList<>();
            for (Future<T> one : desks.invokeAll(acts)) {
                done.add(one.get());
            }
            return done;
        } finally {
            desks.shutdown();
        }
    }

    /** The ids of the patrons. */
    List<PatronId> patrons() {
        return List.copyOf(surnameOf.keySet());
    }

    /** The surname of each of {@link #patrons}. */
    int[] surnames() {
        return surnameOf.values().stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * Makes {@link #SEARCHES} searches, day after day, each clerk's ten at a time. Three in four are by a surname, the
     * others by its beginning; a frequent surname is searched more often. Each clerk opens one of the patrons found
     * last.
     *
     * @return for the entry of each search, the patrons shown by name
     */
    Map<Long, Set<PatronId>> search() throws InterruptedException, ExecutionException {
        Map<Long, Set<PatronId>> shown = new HashMap<>();
        for (int day = 0; day < DAYS; day++) {
            for (int turn = 0; turn < TURNS_A_DAY; turn++) {
                List<Callable<Map<Long, Set<PatronId>>>> desks = new ArrayList<>();
                for (int n = 0; n < CLERKS; n++) {
                    Caller clerk = clerk(n);
                    Random own = new Random(random.nextLong());
                    desks.add(() -> atDesk(clerk, own));
                }
                together(desks).forEach(shown::putAll);
                vault.clock().advance(Duration.ofMinutes(turn < TURNS_A_DAY - 1 ? 11 : 24 * 60 - 44));
            }
        }
        return shown;
    }

    private Map<Long, Set<PatronId>> atDesk(Caller clerk, Random own) {
        List<Integer> borne = List.copyOf(surnameOf.values());
        List<CompletableFuture<Lookup.Result>> answers = new ArrayList<>();
        for (int n = 0; n < SEARCHES_A_TURN; n++) {
            int surname = borne.get(own.nextInt(borne.size()));
            String name = surnames.get(surname);
            String typed = own.nextInt(4) < 3 ? name : beginning(name);
            answers.add(vault.patrons().lookup().find(clerk, query(typed), AuditLog.newRequest()));
        }
        Map<Long, Set<PatronId>> shown = new HashMap<>();
        List<Lookup.Hit> hits = List.of();
        for (CompletableFuture<Lookup.Result> answer : answers) {
            Lookup.Result found = AuditLog.await(answer);
            hits = found.hits();
            shown.put(
                    found.entry(),
                    hits.stream()
                            .filter(hit -> hit.data().name().isPresent())
                            .map(Lookup.Hit::id)
                            .collect(Collectors.toSet()));
        }
        PatronId opened = hits.get(own.nextInt(hits.size())).id();
        var ignored = AuditLog.await(vault.patrons()
                .lookup()
                .reveal(
                        clerk,
                        Optional.of(opened),
                        Set.of(PatronField.ADDRESS),
                        Optional.of(Purpose.ACCOUNT_SERVICE),
                        Optional.empty(),
                        AuditLog.newRequest()));
        return shown;
    }

    private static SearchQuery query(String typed) {
        return SearchQuery.ofBox(
                Optional.of(typed),
                Optional.of(Purpose.ACCOUNT_SERVICE),
                Lookup.MAX_RESULTS,
                Set.of(),
                Optional.empty());
    }
}
