package org.patronvault.patron.record;

import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.RowKeyRotation;
import org.patronvault.core.dual.SealedText;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.Consents;

/**
 * The stored list of patrons who withdrew the consent to the service and wait for a confirmed erasure (P6). A copy of
 * the database shows how many there are, but not which. Safe for use by many threads; writes run inside an act.
 */
public final class ErasureRequests {

    /** A patron who withdrew the consent to the service, the day, and the account that recorded it. */
    public record PendingRequest(PatronId patron, LocalDate asked, String by) {}

    private static final String KIND = "erasure-request";

    /** The row. Encrypted in it: the patron's id, the day, and the account that recorded it, separated by blanks. */
    private record Row(String request) {}

    private final Authority authority;
    private final KeyCustody custody;
    private final SealedText sealing;

    public ErasureRequests(Access access, KeyCustody custody) {
        this.authority = access.authority();
        this.custody = custody;
        this.sealing = new SealedText(custody, KIND);
        authority
                .renewal()
                .add(
                        KIND,
                        Row.class,
                        held -> renewed(sealing.open(held.name(), held.body().request())));
    }

    private RowKeyRotation.RekeyedRow<Row> renewed(String request) {
        String name = names(asked(request).patron()).get(0);
        return new RowKeyRotation.RekeyedRow<>(name, new Row(sealing.seal(name, request)));
    }

    /** The row's names under each version of the key, the newest first: a rotation gives the row another name. */
    private List<String> names(PatronId patron) {
        return custody.keys()
                .fingerprintNames(
                        CanonicalBytes.begin(KIND).u64(patron.number()).bytes());
    }

    private Optional<Authority.Versioned<Row>> find(Tx tx, PatronId patron) {
        return authority.findAny(tx, KIND, names(patron), Row.class);
    }

    /** All requests, the oldest first. */
    public List<PendingRequest> all(Tx tx) {
        return authority.all(tx, KIND, Row.class).stream()
                .map(row -> asked(sealing.open(row.name(), row.body().request())))
                .sorted(Comparator.comparing(PendingRequest::asked))
                .toList();
    }

    private static PendingRequest asked(String request) {
        String[] words = request.split(" ", 3);
        return new PendingRequest(PatronId.parse(words[0]).orElseThrow(), LocalDate.parse(words[1]), words[2]);
    }

    /** Adds or removes the patron's request, as the consents now say. */
    void follow(WriteTx tx, PatronId patron, Consents consents) {
        boolean everWithdrawn =
                consents.history().stream().anyMatch(one -> one.purpose().equals(Consent.SERVICE) && !one.given());
        if (consents.isWithdrawn()) {
            add(tx, patron, consents.last(Consent.SERVICE).orElseThrow());
        } else if (everWithdrawn) {
            remove(tx, patron);
        }
    }

    private void add(WriteTx tx, PatronId patron, Consent withdrawn) {
        if (find(tx, patron).isEmpty()) {
            String name = names(patron).get(0);
            Row row = new Row(sealing.seal(
                    name, String.join(" ", patron.toString(), withdrawn.on().toString(), withdrawn.by())));
            authority.put(tx, KIND, name, Optional.empty(), row);
        }
    }

    /** Whether that patron waits to be erased. */
    public boolean holds(Tx tx, PatronId patron) {
        return find(tx, patron).isPresent();
    }

    /** Removes the request of an erased patron. */
    void remove(WriteTx tx, PatronId patron) {
        find(tx, patron).ifPresent(held -> authority.remove(tx, held));
    }
}
