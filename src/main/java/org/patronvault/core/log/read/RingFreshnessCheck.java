package org.patronvault.core.log.read;

import java.util.Optional;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.RingRevision;
import org.patronvault.core.log.entry.LatestEntryFacts;
import org.patronvault.core.log.entry.Leaf;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;

/** A check that the ring in use is the newest ring that the log knows (postgresql.md, "Several nodes"). */
public final class RingFreshnessCheck {
    private static final int RETRY_SECONDS = 5;

    private RingFreshnessCheck() {}

    /** Refuses keys of another vault. */
    public static void requireOfThisVault(Store store, KeyCustody custody) {
        String stored = store.read(tx -> tx.fact("vault")).orElse("");
        if (!stored.equals(custody.keys().vaultId())) {
            throw new Refused(Problem.KEYS_REFUSED, "keys/ and the database belong to two different vaults.");
        }
    }

    /**
     * Refuses a ring that differs from the log's last key event, unless it is newer by exactly the change that was
     * under way. The entry of the opening then records that change, since it names the ring as it is.
     */
    public static void require(Store store, KeyCustody custody) {
        difference(store, custody).ifPresent(how -> {
            throw new Refused(Problem.KEYS_REFUSED, how);
        });
        store.read(RingFreshnessCheck::lastKeyEvent).ifPresent(custody::logged);
    }

    /** Returns how the ring differs from the one that the log knows. Empty if it does not. */
    public static Optional<String> difference(Store store, KeyCustody custody) {
        Optional<RingRevision> logged = store.read(RingFreshnessCheck::lastKeyEvent);
        if (logged.isEmpty()) {
            return Optional.of("The access log's last key event is not where it was. Run `log verify`, and put back the"
                    + " database that belongs to this home.");
        }
        RingRevision now = custody.mark();
        boolean older = now.revision() < logged.get().revision();
        if (older) {
            return Optional.of("keys/ is older than what the log has seen; put the newest back.");
        }
        boolean newer = now.revision() > logged.get().revision();
        // The log may know more than the ring recorded: one transaction can log a state and then make a month's key.
        boolean knewMore = custody.after()
                .filter(mark -> mark.revision() >= logged.get().revision() && !mark.isSame(logged.get()))
                .isPresent();
        if (newer && knewMore) {
            return Optional.of("keys/ has changes that the access log in the database does not know: it is an older"
                    + " database. Put back the one that belongs to this home.");
        }
        boolean other = !newer && !now.isSame(logged.get());
        return other
                ? Optional.of(
                        "keys/ring.json is not the one that the log has seen, but as old: a copy of the keys that was"
                                + " made while one waited to be destroyed, or one that was changed; put the newest back.")
                : Optional.empty();
    }

    /** Whether the ring in use is not older than the one in the snapshot's last key event. */
    public static boolean knowsAllOf(Tx tx, KeyCustody custody) {
        return lastKeyEvent(tx)
                .filter(mark -> custody.mark().revision() >= mark.revision())
                .isPresent();
    }

    /**
     * Reloads the ring from disk if the snapshot's last key event names a newer ring, since another node changed it.
     *
     * @throws Refused if the one on disk is older too
     */
    public static void follow(Tx tx, KeyCustody custody) {
        lastKeyEvent(tx).ifPresent(custody::logged);
        if (!knowsAllOf(tx, custody)) {
            custody.follow();
            if (custody.isSealed() || !knowsAllOf(tx, custody)) {
                throw new Refused(
                        Problem.LOG_UNAVAILABLE,
                        "keys/ is older than what the log has seen, so nothing was done; see that every node has the"
                                + " newest.",
                        RETRY_SECONDS);
            }
        }
    }

    /** Returns the index of the last key event, as stored. While it is unchanged, no reload is needed. */
    public static String lastKeyEntry(Tx tx) {
        return tx.fact(LatestEntryFacts.KEY).orElse("");
    }

    private static Optional<RingRevision> lastKeyEvent(Tx tx) {
        try {
            return tx.fact(LatestEntryFacts.KEY)
                    .flatMap(index -> tx.log().leaf(Long.parseLong(index)))
                    .flatMap(leaf -> Leaf.parse(leaf).event().mark());
        } catch (NumberFormatException | IntegrityException e) {
            return Optional.empty();
        }
    }
}
