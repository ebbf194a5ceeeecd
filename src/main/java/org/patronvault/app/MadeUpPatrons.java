package org.patronvault.app;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.patronvault.model.Address;
import org.patronvault.model.Category;
import org.patronvault.model.Consent;
import org.patronvault.model.Name;
import org.patronvault.model.Status;
import org.patronvault.patron.ImportRow;
import org.patronvault.patron.PatronDraft;
import org.patronvault.patron.PatronReader;

/** People who do not exist, the same ones for the same seed, with cards whose check digit holds. */
final class MadeUpPatrons implements PatronReader {
    private static final List<String> GIVEN = List.of(
            "Katherine",
            "Marcus",
            "Inés",
            "Wei",
            "Oluwaseun",
            "Hannah",
            "Dmitri",
            "Priya",
            "Tomás",
            "Aaliyah",
            "Noah",
            "Grace",
            "Søren",
            "Maya",
            "Ibrahim",
            "Lucía",
            "Owen",
            "Yuki",
            "Zofia",
            "Daniel");
    private static final List<String> FAMILY = List.of(
            "Smith",
            "Johnson",
            "Williams",
            "Brown",
            "García",
            "Miller",
            "O'Sullivan",
            "Nguyen",
            "de la Cruz",
            "Kim",
            "Okafor",
            "Schröder",
            "Patel",
            "Ng",
            "Rossi",
            "Kowalski",
            "Abdullah",
            "Larsen",
            "Smith-Jones",
            "Tran");
    private static final List<String> STREETS =
            List.of("South Elm St", "Main St", "Oak Ridge Rd", "Harbor Ave", "Mill Pond Ln", "Church Hill Rd");
    private static final List<String> LIBRARIES = List.of("NC", "NC", "NC", "DA", "WI");

    private final Random random;
    private final LocalDate today;
    private final int size;
    private int made;

    MadeUpPatrons(long seed, int size, LocalDate today) {
        this.random = new Random(seed);
        this.size = size;
        this.today = today;
    }

    @Override
    public Optional<ImportRow> next() {
        if (made == size) {
            return Optional.empty();
        }
        made++;
        return Optional.of(new ImportRow.Accepted(made, draft(made), Set.of()));
    }

    private PatronDraft draft(int n) {
        Name name = new Name(pick(FAMILY), pick(GIVEN), "", "", "");
        Address address =
                new Address(1 + random.nextInt(1_900) + " " + pick(STREETS), "", "New Canaan", "CT", "06840", "US");
        String phone = String.format("+1203555%04d", random.nextInt(10_000));
        List<String> email = random.nextInt(5) == 0 ? List.of() : List.of("patron" + n + "@example.org");
        return new PatronDraft(
                card(n),
                name,
                address,
                List.of(phone),
                email,
                pick(LIBRARIES),
                random.nextInt(6) == 0 ? Category.JUVENILE : Category.ADULT,
                Optional.of(today.plusDays(random.nextInt(1_500) - 100)),
                random.nextInt(40) == 0 ? Status.BLOCKED : Status.ACTIVE,
                Optional.of(new Consent(Consent.SERVICE, "2018-05", today, "desk", true)),
                Optional.of(YearMonth.from(today.minusMonths(random.nextInt(60)))));
    }

    private String pick(List<String> words) {
        return words.get(random.nextInt(words.size()));
    }

    /** The n-th card: 14 digits, the last one by the mod-10 rule. */
    static String card(int n) {
        String body = String.format("21234%08d", n);
        int sum = 0;
        for (int i = 0; i < body.length(); i++) {
            int digit = body.charAt(body.length() - 1 - i) - '0';
            int doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
            sum += i % 2 == 0 ? doubled : digit;
        }
        return body + (10 - sum % 10) % 10;
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
