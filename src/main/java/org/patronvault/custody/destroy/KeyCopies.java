package org.patronvault.custody.destroy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.patronvault.access.Access;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.core.dual.ApprovalGrant;
import org.patronvault.core.dual.ApprovalTerms;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.KeysCopy;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * The exported copies of the keys, and their register. A key version that is destroyed here survives in an earlier
 * copy. So each copy is in the register on disk before its first byte is handed out. It counts as held until it is
 * attested gone. The caller has already proved the {@code custody} permission.
 */
public final class KeyCopies {
    private static final String EXPORT = "keys.export";
    private static final String ABOUT = "key-copy";
    private static final String RECIPIENT = "recipient's certificate, SHA-256";
    private static final String ROWS = "key-copy";
    private static final String HELD = "held";
    private static final String GONE = "gone";
    private static final int ID_BYTES = 8;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * An exported copy.
     *
     * @param id 16 hexadecimal digits
     * @param by the requester
     * @param second the approver; empty during commissioning
     * @param ringRevision of the ring in it
     * @param recipient SHA-256 of the recipient's certificate, in hexadecimal
     * @param state {@code held}, or {@code gone} once that was attested
     * @param destroyed key versions in it that the vault has destroyed, unless it is gone
     */
    public record Copy(
            String id,
            Instant made,
            String by,
            String second,
            long ringRevision,
            String recipient,
            String state,
            List<String> destroyed) {

        /** Returns the JSON of an answer. */
        public ObjectNode json() {
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("id", id)
                    .put("made", made.toString())
                    .put("by", by)
                    .put("second", second)
                    .put("recipient", recipient)
                    .put("state", state);
            destroyed.forEach(json.putArray("destroyed")::add);
            return json;
        }
    }

    /**
     * A copy not known to be gone, from its row with an unchecked MAC. For a reader that has no key and decides nothing
     * by it.
     *
     * @param versions of keys in it, as {@link KeysCopy#version} writes them
     * @param slots the IDs of the slots that open it
     */
    public record UnverifiedCopy(String id, Instant made, List<String> versions, List<Integer> slots) {}

    /** A copy encrypted to its recipient, CMS in BER. */
    public record ExportedCopy(String id, byte[] sealed) {}

    /** The stored row; {@code made} in Unix seconds. */
    private record StoredCopy(
            long made,
            String by,
            String second,
            long ringRevision,
            String recipient,
            List<String> versions,
            List<Integer> slots,
            String state) {

        /** In a row from before slots were recorded, none is known to open the copy. */
        StoredCopy {
            slots = slots == null ? List.of() : List.copyOf(slots);
        }

        Copy of(String id, UnsealedKeys now) {
            List<String> destroyed = isHeld() ? KeysCopy.destroyed(versions, now) : List.of();
            return new Copy(id, Instant.ofEpochSecond(made), by, second, ringRevision, recipient, state, destroyed);
        }

        boolean isHeld() {
            return state.equals(HELD);
        }

        StoredCopy gone() {
            return new StoredCopy(made, by, second, ringRevision, recipient, versions, slots, GONE);
        }
    }

    private final Store store;
    private final KeyCustody custody;
    private final Approvals approvals;
    private final Authority authority;
    private final AuditLog log;
    private final Clock clock;
    private volatile Function<Tx, List<KeyVersionToDestroy>> waiting = tx -> List.of();

    /** Opens the register of that store. */
    public KeyCopies(Store store, KeyCustody custody, Access access, AuditLog log, Clock clock) {
        this.store = store;
        this.custody = custody;
        this.approvals = access.approvals();
        this.authority = access.authority();
        this.log = log;
        this.clock = clock;
        approvals.registerLeave(
                EXPORT,
                ActKind.KEY_EXPORT,
                SecondPerson.CUSTODY,
                ask -> "Hand out a copy of the keys, for the certificate " + ask.one(RECIPIENT) + " alone.");
    }

    /**
     * Excludes key versions that wait to be destroyed from new copies. Two people have attested that every copy with
     * them is gone.
     */
    void leaveOut(Function<Tx, List<KeyVersionToDestroy>> theWaiting) {
        waiting = theWaiting;
    }

    /**
     * Returns those versions that no value needs. A key in use again, as after a restore, is not destroyed, so it is
     * not excluded.
     */
    private Set<String> leftOut(Tx tx) {
        return waiting.apply(tx).stream()
                .filter(doomed -> doomed.isRetired(custody.keys()))
                .flatMap(KeyVersionToDestroy::versions)
                .collect(Collectors.toSet());
    }

    /** Asks for permission to make a copy for that recipient, once. */
    public ApprovalGrant mayExport(Approvals.Requester asking, CmsRecipient recipient) {
        return approvals.leave(
                asking, new ApprovalTerms(EXPORT, ABOUT, Map.of(RECIPIENT, List.of(recipient.fingerprint()))));
    }

    /**
     * Makes a copy for that recipient, registered and logged when this returns. If its ring lacks a version, the log
     * entry names the ring in use, so this vault never accepts the copy's ring.
     */
    public ExportedCopy export(Actor by, Optional<Approver> second, CmsRecipient recipient) {
        String id = newId();
        AccessEvent event = log.event(by, ActKind.KEY_EXPORT, Outcome.KEY, AuditLog.newRequest())
                .about(id)
                .with(second);
        KeysCopy copy = log.logging(event.ending(Outcome.REFUSED), () -> custody.copy(store.read(this::leftOut)));
        byte[] sealed = recipient.seal(copy.zip());
        StoredCopy row = new StoredCopy(
                clock.instant().getEpochSecond(),
                by.name(),
                second.map(Approver::name).orElse(""),
                copy.revision(),
                recipient.fingerprint(),
                copy.versions(),
                copy.slots(),
                HELD);
        log.call(event, now -> {
            Refused changed = new Refused(Problem.CHANGED_MEANWHILE, "The keys were changed meanwhile; ask once more.");
            if (!copy.isWithin(custody.keys(), leftOut(now.tx()))) {
                throw changed;
            }
            authority.insert(now.tx(), ROWS, id, row, changed);
            return Decision.done(copy.whole() ? event : event.marking(custody.mark()));
        });
        return new ExportedCopy(id, sealed);
    }

    private static String newId() {
        byte[] id = new byte[ID_BYTES];
        RANDOM.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    /** Returns every copy ever made, newest first. */
    public List<Copy> all() {
        return store.read(tx -> authority.all(tx, ROWS, StoredCopy.class)).stream()
                .map(held -> held.body().of(held.name(), custody.keys()))
                .sorted(Comparator.comparing(Copy::made).reversed().thenComparing(Copy::id))
                .toList();
    }

    /** Returns the copies not known to be gone that hold that key version, by their content and not by any clock. */
    public List<Copy> holding(Tx tx, String name, int version) {
        return authority.all(tx, ROWS, StoredCopy.class).stream()
                .filter(held -> held.body().isHeld())
                .filter(held -> held.body().versions().contains(KeysCopy.version(name, version)))
                .map(held -> held.body().of(held.name(), custody.keys()))
                .toList();
    }

    /** Returns the copies not known to be gone, the newest first, without checking MACs. */
    public static List<UnverifiedCopy> heldWritten(Tx tx) {
        return tx.authority().all(ROWS).stream()
                .flatMap(row -> Optional.of(Authority.unproven(row, StoredCopy.class))
                        .filter(StoredCopy::isHeld)
                        .map(held -> new UnverifiedCopy(
                                row.name(), Instant.ofEpochSecond(held.made()), held.versions(), held.slots()))
                        .stream())
                .sorted(Comparator.comparing(UnverifiedCopy::made).reversed())
                .toList();
    }

    /** Returns the IDs of those copies that hold a matching version of that key, without checking MACs. */
    public static List<String> holdingWritten(Tx tx, String name, IntPredicate version) {
        return heldWritten(tx).stream()
                .filter(copy -> copy.versions().stream().anyMatch(one -> KeysCopy.isVersion(one, name, version)))
                .map(UnverifiedCopy::id)
                .toList();
    }

    /**
     * Records those copies as gone, as people attest in the same act.
     *
     * @throws Refused with {@code not-found} if one of them was never made
     */
    public void attestGone(WriteTx tx, Collection<String> ids) {
        for (String id : ids) {
            Authority.Versioned<StoredCopy> held = authority
                    .find(tx, ROWS, id, StoredCopy.class)
                    .orElseThrow(() -> new Refused(Problem.NOT_FOUND, "There is no such copy of the keys."));
            if (held.body().isHeld()) {
                authority.replace(tx, ROWS, held, held.body().gone());
            }
        }
    }
}
