package org.patronvault.privacy.retention;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.patronvault.access.Access;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.RowKeyRotation;
import org.patronvault.core.dual.SealedText;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.RetentionRule;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/** The stored reviews, as rows with a MAC. The list of patrons is encrypted, and padded to steps of {@value #STEP}. */
final class RetentionReviewRows {
    /** The most patrons of one review. */
    static final int MOST = 10_000;

    private static final String KIND = "retention-review";
    private static final int STEP = 500;
    private static final int ID_LENGTH = 17;
    private static final int GOOD_DAYS = 30;
    private static final String OPEN = "open";
    private static final String RUNNING = "running";
    private static final String DONE = "done";

    /**
     * The row, with an encrypted list.
     *
     * @param digest of the rule as it was
     * @param listed encrypted: ids of 16 hexadecimal digits with a blank after each, and blanks
     * @param second the approver of its run, or empty
     * @param agreed digest of the approved terms, or empty
     */
    record Row(
            String rule,
            String digest,
            String asOf,
            long matching,
            long patrons,
            String listed,
            String state,
            int erased,
            String second,
            String agreed) {

        static Row open(RetentionRule rule, LocalDate asOf, long matching, long patrons) {
            return new Row(
                    rule.name(),
                    RetentionReviewRows.digest(rule),
                    asOf.toString(),
                    matching,
                    patrons,
                    "",
                    OPEN,
                    0,
                    "",
                    "");
        }

        private Row listing(String sealed) {
            return new Row(rule, digest, asOf, matching, patrons, sealed, state, erased, second, agreed);
        }

        private Row agreed(String by, String to) {
            return new Row(rule, digest, asOf, matching, patrons, listed, state, erased, by, to);
        }

        private long erasedAlone() {
            if (state.equals(OPEN) || !second.isEmpty()) {
                return 0;
            }
            // An interrupted run has not counted its erasures.
            return state.equals(DONE) ? erased : Math.min(matching, MOST);
        }

        private Row in(String next, int more) {
            return new Row(rule, digest, asOf, matching, patrons, listed, next, erased + more, second, agreed);
        }
    }

    /** A review. */
    record StoredReview(Row row, List<PatronId> patrons) {}

    private final Authority authority;
    private final SealedText sealing;

    RetentionReviewRows(Access access, KeyCustody custody) {
        this.authority = access.authority();
        this.sealing = new SealedText(custody, KIND);
        authority
                .renewal()
                .add(
                        KIND,
                        Row.class,
                        held -> new RowKeyRotation.RekeyedRow<>(
                                held.name(),
                                held.body()
                                        .listing(sealing.again(
                                                held.name(), held.body().listed()))));
    }

    /** SHA-256 of a rule's text, in hexadecimal. */
    static String digest(RetentionRule rule) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(rule.words().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Adds a review, and removes expired ones. */
    void insert(WriteTx tx, String id, Row row, List<PatronId> patrons, LocalDate today) {
        for (Authority.Versioned<Row> old : authority.all(tx, KIND, Row.class)) {
            if (isOver(old.body(), today)) {
                authority.remove(tx, old);
            }
        }
        StringBuilder list = new StringBuilder();
        patrons.forEach(patron -> list.append(patron).append(' '));
        int steps = Math.max(1, (patrons.size() + STEP - 1) / STEP);
        list.append(" ".repeat(steps * STEP * ID_LENGTH - list.length()));
        authority.put(tx, KIND, id, Optional.empty(), row.listing(sealing.seal(id, list.toString())));
    }

    /** Returns a review; refused with {@code not-found} if there is none, or it has expired. */
    StoredReview find(Tx tx, String id, LocalDate today) {
        Row row = held(tx, id).body();
        if (isOver(row, today)) {
            throw none();
        }
        List<PatronId> patrons = Arrays.stream(
                        sealing.open(id, row.listed()).trim().split(" +", -1))
                .filter(word -> !word.isEmpty())
                .map(word -> PatronId.parse(word).orElseThrow())
                .collect(Collectors.toList());
        return new StoredReview(row, patrons);
    }

    private Authority.Versioned<Row> held(Tx tx, String id) {
        return authority.find(tx, KIND, id, Row.class).orElseThrow(RetentionReviewRows::none);
    }

    private static boolean isOver(Row row, LocalDate today) {
        return LocalDate.parse(row.asOf()).plusDays(GOOD_DAYS).isBefore(today);
    }

    private static Refused none() {
        return new Refused(Problem.NOT_FOUND, "There is no such review; reviews are good for " + GOOD_DAYS + " days.");
    }

    /** Notes that the review is run; with the approver and the approved terms, if a second person was needed. */
    void running(WriteTx tx, String id, Optional<String> second, String agreed) {
        change(tx, id, RUNNING, 0);
        if (second.isPresent()) {
            Authority.Versioned<Row> held = held(tx, id);
            authority.put(tx, KIND, id, Optional.of(held), held.body().agreed(second.get(), agreed));
        }
    }

    /** The number of patrons that other reviews erased to which no second person agreed. */
    long erasedAlone(Tx tx, String but) {
        return authority.all(tx, KIND, Row.class).stream()
                .filter(held -> !held.name().equals(but))
                .mapToLong(held -> held.body().erasedAlone())
                .sum();
    }

    /** Adds to the number of erased patrons; {@code all} says whether the run is finished. */
    void done(WriteTx tx, String id, int erased, boolean all) {
        change(tx, id, all ? DONE : RUNNING, erased);
    }

    private void change(WriteTx tx, String id, String state, int erased) {
        Authority.Versioned<Row> held = held(tx, id);
        authority.put(tx, KIND, id, Optional.of(held), held.body().in(state, erased));
    }
}
