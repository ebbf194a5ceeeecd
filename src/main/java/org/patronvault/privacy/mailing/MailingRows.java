package org.patronvault.privacy.mailing;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.ExpiredRowCleanup;
import org.patronvault.core.dual.ValidityPeriod;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/** The stored rows of mailings. They hold no patron and no count of patrons. Safe for use by many threads. */
final class MailingRows {
    private static final String KIND = "mailing";
    private static final Duration GOOD_FOR = Duration.ofHours(24);

    /**
     * One mailing.
     *
     * @param certificate the recipient's, in PEM
     * @param recipient SHA-256 of the certificate
     * @param made in Unix seconds
     * @param files how often the whole file was fetched
     */
    record StoredMailing(
            String by,
            String second,
            String purpose,
            List<String> libraries,
            int limit,
            String certificate,
            String recipient,
            long made,
            int files) {

        static StoredMailing of(MailingTerms terms, String by, String second, Instant made) {
            return new StoredMailing(
                    by,
                    second,
                    terms.purpose(),
                    terms.libraries(),
                    terms.limit(),
                    terms.recipient().pem(),
                    terms.recipient().fingerprint(),
                    made.getEpochSecond(),
                    0);
        }

        Mailing of(String id) {
            Instant when = Instant.ofEpochSecond(made);
            return new Mailing(id, purpose, libraries, limit, recipient, by, second, when, when.plus(GOOD_FOR), files);
        }

        private StoredMailing fetched() {
            return new StoredMailing(by, second, purpose, libraries, limit, certificate, recipient, made, files + 1);
        }

        private StoredMailing madeAt(long when) {
            return new StoredMailing(by, second, purpose, libraries, limit, certificate, recipient, when, files);
        }
    }

    private final Authority authority;
    private final Clock clock;

    MailingRows(Access access, Clock clock) {
        this.authority = access.authority();
        this.clock = clock;
        access.tidying().add(ExpiredRowCleanup.Kind.of(KIND, StoredMailing.class, this::isPast, this::asOfNow));
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }

    private boolean isPast(StoredMailing row) {
        return now() >= row.made() + GOOD_FOR.toSeconds();
    }

    /** Treats a row made while the clock was ahead as if it were made now that the clock is right. */
    private StoredMailing asOfNow(StoredMailing row) {
        return ValidityPeriod.isAhead(row.made(), now()) ? row.madeAt(now()) : row;
    }

    void insert(WriteTx tx, String id, StoredMailing row) {
        authority.put(tx, KIND, id, Optional.empty(), row);
    }

    /** How many addresses an account may export by current mailings without a second person. */
    long alone(Tx tx, String by) {
        return authority.all(tx, KIND, StoredMailing.class).stream()
                .map(Authority.Versioned::body)
                .filter(row -> row.by().equals(by) && row.second().isEmpty() && !isPast(row))
                .mapToLong(StoredMailing::limit)
                .sum();
    }

    /** A current mailing that the account requested. */
    StoredMailing require(Tx tx, String id, String by) {
        return authority
                .find(tx, KIND, id, StoredMailing.class)
                .map(Authority.Versioned::body)
                .filter(row -> row.by().equals(by) && !ValidityPeriod.isOver(row.made(), GOOD_FOR.toSeconds(), now()))
                .orElseThrow(() -> new Refused(
                        Problem.NOT_FOUND, "There is no such mailing of yours, or it has expired; ask for a new one."));
    }

    /** Counts that the whole file was fetched. */
    void fetched(WriteTx tx, String id) {
        authority
                .find(tx, KIND, id, StoredMailing.class)
                .ifPresent(held -> authority.replace(tx, KIND, held, held.body().fetched()));
    }
}
