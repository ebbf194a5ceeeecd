package org.patronvault.core.index;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.patronvault.core.model.PatronId;

/**
 * The terms of all patrons, in memory and nowhere else, as short numbers ({@link TermsCell}). Segments of up to 65,536
 * patrons are built once ({@link TermSegment}). Patrons written since stand in a small table, which becomes a segment of
 * its own later. A patron is found in one place only, with the highest index generation that
 * came.
 *
 * <p>Safe for use by any number of threads that search and write, one thread that loads and one that maintains. Nothing
 * is built while others wait: a search or a write waits for microseconds.
 */
public final class TermIndex {
    /** The bytes that one patron takes at most, as a rule; measured are 175 to 190 with 26 terms. */
    private static final long BYTES_EACH = 215;

    private static final int RECENT = 4_096;
    private static final int JOINED = 4;
    private static final int STALE_PART = 20;

    /**
     * A patron that has all terms of a search. The row decides: it may have another index generation by now.
     *
     * @param generation the index generation of the row that the terms are from
     */
    public record Candidate(PatronId patron, long generation) {}

    private final int segmentPatrons;
    private final int mostRecent;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final List<TermSegment> segments = new ArrayList<>();
    private RecentTerms recent = new RecentTerms();

    /** The recent patrons, while a segment is built of them. */
    private RecentTerms ripe = new RecentTerms();

    /** Patrons removed while others are loaded. The loader may have read their rows before. */
    private final Set<Long> removed = new HashSet<>();

    private boolean isLoaded;

    /** Another one after each wipe: work that began before it is dropped. */
    private Object epoch = new Object();

    /** Makes an empty index, to be loaded. */
    public TermIndex() {
        this(TermSegment.MOST_PATRONS, RECENT);
    }

    TermIndex(int segmentPatrons, int mostRecent) {
        this.segmentPatrons = segmentPatrons;
        this.mostRecent = mostRecent;
    }

    /** Returns the heap that so many patrons take, in bytes. */
    public static long bytesFor(long patrons) {
        return patrons * BYTES_EACH;
    }

    /** Patrons written lately, also by term. */
    private static final class RecentTerms {
        private final Map<Long, TermSegment.Terms> patrons = new HashMap<>();
        private final Map<Long, Set<Long>> byTerm = new HashMap<>();

        private void put(TermSegment.Terms written) {
            remove(written.patron());
            patrons.put(written.patron(), written);
            for (long term : written.terms()) {
                byTerm.computeIfAbsent(term, any -> new HashSet<>()).add(written.patron());
            }
        }

        private void remove(long patron) {
            TermSegment.Terms old = patrons.remove(patron);
            if (old == null) {
                return;
            }
            for (long term : old.terms()) {
                Set<Long> others = byTerm.get(term);
                others.remove(patron);
                if (others.isEmpty()) {
                    byTerm.remove(term);
                }
            }
        }

        private long generation(long patron) {
            TermSegment.Terms known = patrons.get(patron);
            return known == null ? 0 : known.generation();
        }

        private boolean find(long[] terms, TermSegment.Finder finder) {
            Set<Long> fewest = null;
            for (long term : terms) {
                Set<Long> with = byTerm.getOrDefault(term, Set.of());
                fewest = fewest == null || with.size() < fewest.size() ? with : fewest;
            }
            for (long patron : fewest) {
                if (hasAll(patron, terms) && !finder.found(patron, generation(patron))) {
                    return false;
                }
            }
            return true;
        }

        private boolean hasAll(long patron, long[] terms) {
            for (long term : terms) {
                if (!byTerm.getOrDefault(term, Set.of()).contains(patron)) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * Puts the terms of a patron, who is found by them as soon as this returns. A generation that is not above the known
     * one changes nothing. The caller does it once the write is known to be committed.
     *
     * @param terms ascending, each once
     */
    public void put(PatronId patron, long generation, long[] terms) {
        write(() -> {
            if (generationOf(patron.number()) < generation) {
                removed.remove(patron.number());
                leaveOut(patron.number());
                recent.put(new TermSegment.Terms(patron.number(), generation, terms));
            }
            return null;
        });
    }

    /** Removes an erased patron, who is not found any more once this returns, whatever is being loaded. */
    public void remove(PatronId patron) {
        write(() -> {
            leaveOut(patron.number());
            if (!isLoaded) {
                removed.add(patron.number());
            }
            return null;
        });
    }

    private void leaveOut(long patron) {
        recent.remove(patron);
        ripe.remove(patron);
        segments.forEach(segment -> segment.leaveOut(patron));
    }

    private long generationOf(long patron) {
        long known = Math.max(recent.generation(patron), ripe.generation(patron));
        for (TermSegment segment : segments) {
            known = Math.max(known, segment.generation(patron));
        }
        return known;
    }

    /**
     * Loads patrons, in any order. A patron who is written or removed meanwhile stays so. For one thread, which then
     * calls {@link #end}.
     */
    public final class Loading {
        private final List<TermSegment.Terms> slice = new ArrayList<>();
        private final Object begun;

        private Loading(Object begun) {
            this.begun = begun;
        }

        /** Adds a patron as read from the database. Builds a segment now and then, which takes some 50 ms. */
        public void add(PatronId patron, long generation, long[] terms) {
            slice.add(new TermSegment.Terms(patron.number(), generation, terms));
            if (slice.size() == segmentPatrons) {
                publish();
            }
        }

        private void publish() {
            slice.sort(Comparator.comparingLong(TermSegment.Terms::patron));
            TermSegment built = TermSegment.of(slice);
            List<TermSegment.Terms> loaded = List.copyOf(slice);
            slice.clear();
            write(() -> {
                if (epoch != begun) {
                    built.wipe();
                    return null;
                }
                for (TermSegment.Terms one : loaded) {
                    if (removed.contains(one.patron()) || generationOf(one.patron()) >= one.generation()) {
                        built.leaveOut(one.patron());
                    } else {
                        TermIndex.this.leaveOut(one.patron());
                    }
                }
                segments.add(built);
                return null;
            });
        }

        /** Ends the loading: from now on every patron is found. Does nothing if the index was wiped meanwhile. */
        public void end() {
            if (!slice.isEmpty()) {
                publish();
            }
            write(() -> {
                if (epoch == begun) {
                    isLoaded = true;
                    removed.clear();
                }
                return null;
            });
        }
    }

    /** Begins to load. Until it ends, a search may miss patrons. */
    public Loading load() {
        return read(() -> new Loading(epoch));
    }

    /** Whether all patrons were loaded. */
    public boolean isLoaded() {
        return read(() -> isLoaded);
    }

    /**
     * Returns patrons that have all these terms, each once, in no order.
     *
     * @param terms at least one
     * @param limit the most to return
     */
    public List<Candidate> find(long[] terms, int limit) {
        List<Candidate> found = new ArrayList<>();
        TermSegment.Finder finder = (patron, generation) -> {
            found.add(new Candidate(new PatronId(patron), generation));
            return found.size() < limit;
        };
        return read(() -> {
            boolean more = recent.find(terms, finder) && ripe.find(terms, finder);
            for (int i = 0; more && i < segments.size(); i++) {
                more = segments.get(i).find(terms, finder);
            }
            return found;
        });
    }

    /** Returns how many patrons have a term; may count some who do not have it any more. */
    public long count(long term) {
        return read(() -> {
            long count = recent.byTerm.getOrDefault(term, Set.of()).size();
            count += ripe.byTerm.getOrDefault(term, Set.of()).size();
            for (TermSegment segment : segments) {
                count += segment.count(term);
            }
            return count;
        });
    }

    /** Returns the index generation under which a patron is found, or 0. */
    public long generation(PatronId patron) {
        return read(() -> generationOf(patron.number()));
    }

    /** Returns how many patrons are found. */
    public long size() {
        return read(() -> (long) recent.patrons.size()
                + ripe.patrons.size()
                + segments.stream().mapToLong(TermSegment::size).sum());
    }

    /** Returns the bytes of all segments. */
    public long bytes() {
        return read(() -> segments.stream().mapToLong(TermSegment::bytes).sum());
    }

    /** Returns the number of segments. */
    int segments() {
        return read(segments::size);
    }

    /**
     * Does one piece of work that keeps searches fast. It builds a segment of the recent patrons, joins small segments, or
     * replaces a segment of which a twentieth is stale. Takes some 50 ms, in which others search and write.
     *
     * @return whether there was work
     */
    public boolean maintain() {
        return ripen() || rebuild(read(this::due));
    }

    private boolean ripen() {
        boolean isDue = write(() -> {
            if (recent.patrons.size() < mostRecent) {
                return false;
            }
            ripe = recent;
            recent = new RecentTerms();
            return true;
        });
        if (isDue) {
            RecentTerms taken = read(() -> ripe);
            List<TermSegment.Terms> patrons = read(() -> new ArrayList<>(taken.patrons.values()));
            patrons.sort(Comparator.comparingLong(TermSegment.Terms::patron));
            List<TermSegment> built = built(patrons);
            write(() -> {
                if (ripe == taken) {
                    built.forEach(this::keepWhatIsStillRipe);
                    segments.addAll(built);
                    ripe = new RecentTerms();
                } else {
                    built.forEach(TermSegment::wipe);
                }
                return null;
            });
        }
        return isDue;
    }

    private void keepWhatIsStillRipe(TermSegment built) {
        for (int place = 0; place < built.places(); place++) {
            if (ripe.generation(built.patron(place)) == 0) {
                built.leaveOut(built.patron(place));
            }
        }
    }

    private List<TermSegment> built(List<TermSegment.Terms> patrons) {
        List<TermSegment> built = new ArrayList<>();
        for (int from = 0; from < patrons.size(); from += segmentPatrons) {
            built.add(TermSegment.of(patrons.subList(from, Math.min(from + segmentPatrons, patrons.size()))));
        }
        return built;
    }

    /** The segments to build one new segment of: some small ones, or one with many stale patrons. */
    private List<TermSegment> due() {
        List<TermSegment> bySize = new ArrayList<>(segments);
        bySize.sort(Comparator.comparingInt(TermSegment::size));
        List<TermSegment> small = new ArrayList<>();
        int patrons = 0;
        for (TermSegment segment : bySize) {
            patrons += segment.size();
            if (patrons > segmentPatrons) {
                break;
            }
            small.add(segment);
        }
        if (small.size() >= JOINED) {
            return small;
        }
        return segments.stream()
                .filter(segment -> (segment.places() - segment.size()) * STALE_PART > segment.places())
                .findFirst()
                .map(List::of)
                .orElse(List.of());
    }

    private boolean rebuild(List<TermSegment> old) {
        if (old.isEmpty()) {
            return false;
        }
        List<TermSegment.Terms> patrons = new ArrayList<>();
        // The arrays do not change, and a patron who becomes stale meanwhile is looked for below.
        old.forEach(segment -> patrons.addAll(segment.all()));
        patrons.sort(Comparator.comparingLong(TermSegment.Terms::patron));
        List<TermSegment> built = built(patrons);
        write(() -> {
            if (segments.containsAll(old)) {
                built.forEach(segment -> keepWhatIsStillIn(old, segment));
                segments.removeAll(old);
                segments.addAll(built);
            } else {
                built.forEach(TermSegment::wipe);
            }
            return null;
        });
        return true;
    }

    private static void keepWhatIsStillIn(List<TermSegment> old, TermSegment built) {
        for (int place = 0; place < built.places(); place++) {
            long patron = built.patron(place);
            if (old.stream().allMatch(segment -> segment.generation(patron) == 0)) {
                built.leaveOut(patron);
            }
        }
    }

    /** Overwrites and forgets everything, as far as Java lets it. The index is then empty and not loaded. */
    public void wipe() {
        write(() -> {
            segments.forEach(TermSegment::wipe);
            segments.clear();
            recent = new RecentTerms();
            ripe = new RecentTerms();
            removed.clear();
            isLoaded = false;
            epoch = new Object();
            return null;
        });
    }

    private <T> T read(Supplier<T> work) {
        lock.readLock().lock();
        try {
            return work.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    private <T> T write(Supplier<T> work) {
        lock.writeLock().lock();
        try {
            return work.get();
        } finally {
            lock.writeLock().unlock();
        }
    }
}
