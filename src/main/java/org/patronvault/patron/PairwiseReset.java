package org.patronvault.patron;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.patronvault.access.Caller;
import org.patronvault.access.Clients;
import org.patronvault.access.IdempotencyStore;
import org.patronvault.access.Permission;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.Outcome;
import org.patronvault.keys.LedgerLine;
import org.patronvault.model.PatronId;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import org.patronvault.store.StoredPatron;

/**
 * Has a vendor that asks whether cards are entitled know a patron by a new subject, which nobody can link to the old one
 * (P8). Which vendor is in no entry of the log: a list of who uses which is what there must not be. Opens nothing.
 */
public final class PairwiseReset {

    /** What was written. */
    public record Result(PatronId id, long version) {

        /** The answer, as it is kept for a request that is sent again. */
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

    PairwiseReset(PatronContext parts) {
        this.parts = parts;
        this.writer = new PatronWriter(parts);
        this.subjects = new PairwiseSubjects(parts.custody());
        this.sealing = new SealedPairwiseReset(parts.custody());
    }

    /** A line of keys/ledger with what is sealed in it under the newest version of the key. */
    public LedgerLine sealedAgain(LedgerLine line) {
        return sealing.again(line);
    }

    /** The vendors at which patrons may ask to be forgotten, by name: those that were ended still know them. */
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
     * Forgets a patron at a vendor, from the next check on.
     *
     * @param expected the version the caller saw, if the caller says
     * @param client the vendor, as written; asked for once the patron was found
     */
    public Result forget(
            Caller caller,
            Optional<PatronId> id,
            OptionalLong expected,
            Supplier<String> client,
            Optional<IdempotencyStore.Key> replay,
            byte[] request) {
        return parts.aimed(caller, Act.FORGET, Permission.CONSENT, id, request, (attempt, stored) -> {
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
        // Before it is done, since the log, from which it could be completed, does not say which vendor.
        parts.log().ledger().note(sealing.seal(stored.id(), tag, now.times(tag)));
        writer.write(event, change, replay, written.json());
        return written;
    }
}
