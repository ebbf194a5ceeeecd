package org.patronvault.app.madeup;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.patronvault.model.Consent;
import org.patronvault.patron.ImportRow;
import org.patronvault.patron.PatronReader;

/**
 * People who do not exist. The same seed and day make the same ones, and the first thousand of a million are the
 * thousand of that seed. No two have the same card or, but for members of one household, the same telephone number
 * (up to eight million patrons; then numbers repeat) or e-mail address. Not safe for use by several threads.
 */
public final class MadeUpPatrons implements PatronReader {
    private static final int BLOCK = 60;
    private static final int[] HOUSEHOLD_SIZES = {40, 28, 13, 12, 5, 2};
    private static final int LAYOUT = 1;
    private static final int HOUSEHOLD = 2;
    private static final int PERSON = 3;

    /** Where in its household someone is. */
    private record Place(int household, int size, int member, int first) {}

    private final long seed;
    private final int size;
    private final LocalDate today;
    private int made;
    private long layoutOf = -1;
    private List<Place> layout = List.of();

    /**
     * As many as {@code size}.
     *
     * @param today the day on which they are patrons: some expired before it
     */
    public MadeUpPatrons(long seed, int size, LocalDate today) {
        this.seed = seed;
        this.size = size;
        this.today = today;
    }

    /** The most frequent surnames of the United States, the most frequent first. */
    public static List<String> frequentSurnames() {
        return Household.frequentSurnames();
    }

    /** How many there are. */
    public int size() {
        return size;
    }

    /** The patron with that number, from 1 to {@link #size}; at random as fast as in turn, or nearly. */
    public MadeUpPatron patron(int number) {
        if (number < 1 || number > size) {
            throw new NoSuchElementException("number must be 1 to " + size + ", was " + number);
        }
        int block = (number - 1) / BLOCK;
        Place place = layout(block).get((number - 1) % BLOCK);
        int first = block * BLOCK + place.first() + 1;
        long household = (long) block * BLOCK + place.household();
        return new PersonGenerator(
                        Household.draw(SeededRandom.of(seed, HOUSEHOLD, household), household, place.size()),
                        place.member(),
                        first,
                        number,
                        today,
                        SeededRandom.of(seed, PERSON, number))
                .patron();
    }

    /** Who of sixty lives with whom; a household's members are near each other and not in a row, as in real files. */
    private List<Place> layout(int block) {
        if (layoutOf == block) {
            return layout;
        }
        SeededRandom draw = SeededRandom.of(seed, LAYOUT, block);
        List<Integer> seats = new ArrayList<>();
        for (int seat = 0; seat < BLOCK; seat++) {
            seats.add(draw.below(seat + 1), seat);
        }
        List<Place> places = new ArrayList<>(Collections.nCopies(BLOCK, null));
        int taken = 0;
        for (int household = 0; taken < BLOCK; household++) {
            int members = Math.min(BLOCK - taken, 1 + draw.weighted(HOUSEHOLD_SIZES));
            for (int member = 0; member < members; member++) {
                places.set(seats.get(taken + member), new Place(household, members, member, seats.get(taken)));
            }
            taken += members;
        }
        layoutOf = block;
        layout = places;
        return places;
    }

    @Override
    public Optional<ImportRow> next() {
        if (made == size) {
            return Optional.empty();
        }
        made++;
        Consent consent = new Consent(Consent.SERVICE, "2018-05", today, "desk", true);
        return Optional.of(new ImportRow.Accepted(made, patron(made).draft(consent), Set.of()));
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
