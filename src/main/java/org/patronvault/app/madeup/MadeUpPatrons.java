package org.patronvault.app.madeup;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.model.Consent;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.transfer.format.PatronReader;

/**
 * A reproducible sequence of made-up patrons. One seed and day give one sequence, and the first thousand of a million
 * are the thousand of that seed. Cards are unique. Only members of a household can share a telephone number or an email
 * address. Beyond eight million patrons telephone numbers repeat. Not thread safe.
 */
public final class MadeUpPatrons implements PatronReader {
    private static final int BLOCK = 60;
    private static final int[] HOUSEHOLD_SIZES = {40, 28, 13, 12, 5, 2};
    private static final int LAYOUT = 1;
    private static final int HOUSEHOLD = 2;
    private static final int PERSON = 3;

    /** A person's place in a household. */
    private record Place(int household, int size, int member, int first) {}

    private final long seed;
    private final int size;
    private final LocalDate today;
    private int made;
    private long layoutOf = -1;
    private List<Place> layout = List.of();

    /**
     * Creates {@code size} patrons.
     *
     * @param today the reference day: some patrons expired before it
     */
    public MadeUpPatrons(long seed, int size, LocalDate today) {
        this.seed = seed;
        this.size = size;
        this.today = today;
    }

    /** The most frequent surnames of the United States, most frequent first. */
    public static List<String> frequentSurnames() {
        return Household.frequentSurnames();
    }

    public int size() {
        return size;
    }

    /** Returns the patron with a number from 1 to {@link #size}. Random access is nearly as fast as sequential. */
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

    /**
     * The households of sixty people. Members of one household are near each other and not in a row, as in real files.
     */
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
        // Nothing to close.
    }
}
