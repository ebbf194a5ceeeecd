package org.patronvault.core.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.index.TermIndex.Candidate;
import org.patronvault.core.model.PatronId;

/** Tests of the index in memory, against a map that is searched patron by patron. */
final class TermIndexTest {
    private static final int ALL = Integer.MAX_VALUE;
    private static final int SEGMENT = 32;
    private static final int RECENT = 8;

    /** A patron of the model. */
    private record Known(long generation, long[] terms) {}

    private final TermIndex index = new TermIndex(SEGMENT, RECENT);
    private final Map<Long, Known> model = new TreeMap<>();
    private final Set<Long> gone = new HashSet<>();

    private static long[] terms(Random random, int most, int different) {
        return LongStream.generate(() -> term(random.nextInt(different)))
                .limit(1 + random.nextInt(most))
                .distinct()
                .sorted()
                .toArray();
    }

    /** Terms over the whole range of 48 bits, so that their halves are compared as unsigned numbers. */
    private static long term(int number) {
        return (number * 0x9E37_79B9_7F4BL + 1) & 0xFFFF_FFFF_FFFFL;
    }

    private void put(long patron, long generation, long[] terms) {
        index.put(new PatronId(patron), generation, terms);
        Known known = model.get(patron);
        if (known == null || known.generation() < generation) {
            model.put(patron, new Known(generation, terms));
        }
    }

    private void remove(long patron) {
        index.remove(new PatronId(patron));
        model.remove(patron);
    }

    private void assertFinds(long... sought) {
        Map<Long, Long> expected = model.entrySet().stream()
                .filter(one -> Arrays.stream(sought)
                        .allMatch(term -> Arrays.binarySearch(one.getValue().terms(), term) >= 0))
                .collect(Collectors.toMap(
                        Map.Entry::getKey, one -> one.getValue().generation()));
        List<Candidate> found = index.find(sought, ALL);
        assertThat(found).hasSameSizeAs(expected.keySet());
        assertThat(found.stream().collect(Collectors.toMap(one -> one.patron().number(), Candidate::generation)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void everySearchFindsWhatTheModelHas(long seed) {
        Random random = new Random(seed);
        Map<Long, Known> stored = new HashMap<>();
        for (int i = 0; i < 500; i++) {
            stored.put(random.nextLong(), new Known(1, terms(random, 6, 40)));
        }
        List<Long> order = new ArrayList<>(stored.keySet());
        TermIndex.Loading loading = index.load();
        for (int step = 0; step < 4_000; step++) {
            if (step < order.size()) {
                // Read before some of the writes below, and added after them.
                long patron = order.get(step);
                Known read = stored.get(patron);
                add(loading, patron, read);
            } else if (step == order.size()) {
                loading.end();
                assertThat(index.isLoaded()).isTrue();
            }
            change(random, stored, order);
            if (random.nextInt(3) == 0) {
                boolean unused = index.maintain();
            }
            if (step > order.size()) {
                assertFinds(term(random.nextInt(45)));
                assertFinds(term(random.nextInt(40)), term(random.nextInt(40)));
                assertFinds(term(random.nextInt(40)), term(random.nextInt(40)), term(random.nextInt(40)));
            }
        }
        assertThat(index.size()).isEqualTo(model.size());
        settle();
        assertThat(index.segments()).isLessThanOrEqualTo(4 * model.size() / SEGMENT + 3);
    }

    private void add(TermIndex.Loading loading, long patron, Known read) {
        loading.add(new PatronId(patron), read.generation(), read.terms());
        if (!gone.contains(patron)) {
            Known known = model.get(patron);
            if (known == null || known.generation() < read.generation()) {
                model.put(patron, read);
            }
        }
    }

    private void change(Random random, Map<Long, Known> stored, List<Long> order) {
        long patron = random.nextInt(4) == 0 ? random.nextLong() : order.get(random.nextInt(order.size()));
        if (gone.contains(patron)) {
            return;
        }
        if (random.nextInt(8) == 0) {
            remove(patron);
            gone.add(patron);
        } else {
            Known known = model.getOrDefault(patron, stored.get(patron));
            long before = known == null ? 0 : known.generation();
            // Sometimes an older write comes late. A generation never has two sets of terms.
            long generation = random.nextInt(5) == 0 ? before - 1 : before + 1;
            if (generation > 0) {
                put(patron, generation, terms(random, 6, 40));
            }
        }
    }

    private void settle() {
        while (index.maintain()) {
            assertThat(index.size()).isEqualTo(model.size());
        }
    }

    @Test
    void sliceThatWasReadBeforeAnErasureBringsNobodyBack() {
        TermIndex.Loading loading = index.load();
        loading.add(new PatronId(1), 1, new long[] {term(1)});
        index.remove(new PatronId(1));
        loading.end();
        assertThat(index.find(new long[] {term(1)}, ALL)).isEmpty();
    }

    @Test
    void sliceThatWasReadBeforeAWriteDoesNotTakeItsPlace() {
        TermIndex.Loading loading = index.load();
        loading.add(new PatronId(1), 1, new long[] {term(1)});
        index.put(new PatronId(1), 2, new long[] {term(2)});
        loading.end();
        assertThat(index.find(new long[] {term(1)}, ALL)).isEmpty();
        assertThat(index.find(new long[] {term(2)}, ALL)).containsExactly(new Candidate(new PatronId(1), 2));
    }

    @Test
    void patronWhoIsRestoredAfterAnErasureIsFoundAgain() {
        index.load().end();
        index.put(new PatronId(1), 1, new long[] {term(1)});
        index.remove(new PatronId(1));
        index.put(new PatronId(1), 3, new long[] {term(1)});
        assertThat(index.find(new long[] {term(1)}, ALL)).containsExactly(new Candidate(new PatronId(1), 3));
    }

    @Test
    void searchGivesNoMoreThanItsLimit() {
        TermIndex.Loading loading = index.load();
        for (int i = 0; i < 100; i++) {
            loading.add(new PatronId(i), 1, new long[] {term(1)});
        }
        loading.end();
        assertThat(index.find(new long[] {term(1)}, 7)).hasSize(7).doesNotHaveDuplicates();
        assertThat(index.count(term(1))).isEqualTo(100);
        assertThat(index.count(term(2))).isZero();
    }

    @Test
    void wipedIndexIsEmptyAndTakesNothingThatWasBegunBefore() {
        TermIndex.Loading loading = index.load();
        loading.add(new PatronId(1), 1, new long[] {term(1)});
        index.wipe();
        loading.end();
        assertThat(index.isLoaded()).isFalse();
        assertThat(index.size()).isZero();
        assertThat(index.bytes()).isZero();
    }

    @Test
    void fullSegmentTakesNoMoreThanIsPlannedForEachPatron() {
        TermIndex large = new TermIndex();
        TermIndex.Loading loading = large.load();
        Random random = new Random(7);
        for (int i = 0; i < TermSegment.MOST_PATRONS; i++) {
            // Half of the 26 terms are shared by some hundred patrons, as names are.
            long[] terms = IntStream.range(0, 26)
                    .mapToLong(n -> term(n % 2 == 0 ? random.nextInt(600) : random.nextInt()))
                    .distinct()
                    .sorted()
                    .toArray();
            loading.add(new PatronId(random.nextLong()), 1, terms);
        }
        loading.end();
        assertThat(large.bytes()).isLessThanOrEqualTo(TermIndex.bytesFor(TermSegment.MOST_PATRONS));
    }

    @Test
    void whoIsPutIsFoundAtOnceWhileOthersLoadMaintainAndSearch() throws Exception {
        TermIndex shared = new TermIndex(512, 64);
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Callable<Boolean>> others = List.of(
                () -> {
                    TermIndex.Loading loading = shared.load();
                    for (int i = 0; i < 20_000; i++) {
                        loading.add(new PatronId(i), 1, new long[] {term(i % 50)});
                    }
                    loading.end();
                    return true;
                },
                () -> {
                    while (!over.get()) {
                        boolean unused = shared.maintain();
                    }
                    return true;
                },
                () -> {
                    while (!over.get()) {
                        assertThat(shared.find(new long[] {term(3), term(60)}, ALL))
                                .allMatch(one -> one.generation() == 2);
                    }
                    return true;
                });
        try {
            List<Future<Boolean>> running = new ArrayList<>();
            others.forEach(other -> running.add(threads.submit(other)));
            for (int i = 0; i < 20_000; i += 3) {
                PatronId patron = new PatronId(i);
                long own = term(1_000 + i);
                shared.put(
                        patron,
                        2,
                        LongStream.of(term(3), term(60), own).sorted().toArray());
                assertThat(shared.find(new long[] {own}, ALL)).containsExactly(new Candidate(patron, 2));
            }
            assertThat(running.get(0).get()).isTrue();
            over.set(true);
            for (Future<Boolean> one : running) {
                assertThat(one.get()).isTrue();
            }
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
        assertThat(shared.size()).isEqualTo(20_000);
        assertThat(shared.find(new long[] {term(60)}, ALL)).hasSize((20_000 + 2) / 3);
        assertThat(shared.find(new long[] {term(4)}, ALL)).hasSize((int) IntStream.range(0, 20_000)
                .filter(i -> i % 50 == 4 && i % 3 != 0)
                .count());
    }
}
