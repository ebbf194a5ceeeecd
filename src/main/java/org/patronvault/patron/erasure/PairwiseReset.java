package org.patronvault.patron.erasure;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.patronvault.access.client.Clients;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.keys.LedgerLine;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.vault.PairwiseResets;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.patron.change.PatronPatch;
import org.patronvault.patron.lookup.PairwiseSubjects;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronWriter;

/**
 * The reset of a patron's subject at a vendor that checks entitlements: the vendor gets a new subject that cannot be
 * linked to the old one (P8). No log entry names the vendor, since a list of which patron uses which vendor must not
 * exist. Opens nothing.
 */
public final class PairwiseReset {

    /** The patron's new version. */
    public record Result(PatronId id, long version) {

        /** The answer in the form kept for a repeated request. */
        public String json() {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("id", id.toString())
                    .put("version", version)
                    .toString();
        }
    }

    private final PatronContext parts;
    private final PatronWriter writer;
    private final PairwiseSubjects subjects;
    private final SealedPairwiseReset sealing;

    public PairwiseReset(PatronContext parts) {
        this.parts = parts;
        this.writer = new PatronWriter(parts);
        this.subjects = new PairwiseSubjects(parts.custody());
        this.sealing = new SealedPairwiseReset(parts.custody());
    }

    /** A line of keys/ledger, encrypted again under the newest version of the key. */
    public LedgerLine sealedAgain(LedgerLine line) {
        return sealing.again(line);
    }

    /**
     * The vendors at which patrons may ask to be forgotten, by name; ended vendors too, since they still know the
     * patrons.
     */
    public List<String> vendors() {
        return parts.access().clients().list().stream()
                .filter(this::isVendor)
                .map(Clients.Facts::name)
                .toList();
    }

    private boolean isVendor(Clients.Facts client) {
        return parts.access().may(client.caller(), Permission.ENTITLEMENT);
    }

    /**
     * Resets the patron's subject at a vendor, from the next check on.
     *
     * @param expected the version the caller saw, if the caller states one
     * @param client the vendor, as written; read once the patron was found
     */
    public Result forget(
            Caller caller,
            Optional<PatronId> id,
            OptionalLong expected,
            Supplier<String> client,
            Optional<IdempotencyStore.Key> replay,
            byte[] request) {
        return parts.aimed(caller, ActKind.FORGET, Permission.CONSENT, id, request, (attempt, stored) -> {
            if (expected.isPresent()) {
                PatronPatch.requireVersion(stored, expected);
            }
            return forget(stored, subjects.tag(vendor(client.get())), attempt.ending(Outcome.WRITTEN), replay);
        });
    }

    private String vendor(String client) {
        Clients.Facts found = parts.access().clients().find(client);
        if (!isVendor(found)) {
            throw new Refused(Problem.NOT_FOUND, "There is no such vendor.");
        }
        return found.name();
    }

    private Result forget(StoredPatron stored, long tag, AccessEvent event, Optional<IdempotencyStore.Key> replay) {
        PatronMeta was = parts.vault().facts(stored);
        PairwiseResets now = was.forgotten().with(tag);
        PatronWriter.Change change =
                writer.prepare(stored, was, stored.row().next(false), Map.of(), was.forgetting(now), null);
        Result written = new Result(stored.id(), change.row().version());
        // Before the write, since the log cannot complete it: it does not name the vendor.
        parts.log().ledger().note(sealing.seal(stored.id(), tag, now.times(tag)));
        writer.write(event, change, replay, written.json());
        return written;
    }
}
