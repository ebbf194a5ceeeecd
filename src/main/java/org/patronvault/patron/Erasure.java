package org.patronvault.patron;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.access.Question;
import org.patronvault.access.Replay;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.Act;
import org.patronvault.audit.Outcome;
import org.patronvault.audit.Subject;
import org.patronvault.audit.Unit;
import org.patronvault.crypto.SigningKey;
import org.patronvault.keys.UnsealedKeys;
import org.patronvault.model.PatronField;
import org.patronvault.model.PatronId;
import org.patronvault.store.StoredPatron;

/**
 * Erases a patron: index entries become dummies, the rows go, the id is never used again, and the pages and the
 * write-ahead log are cleared. Copies made before become unreadable when the KEK versions of that time are destroyed;
 * the certificate says so, and says what it does not cover.
 */
public final class Erasure {
    private static final long PURGE_PATIENCE_MILLIS = 500;
    private static final ObjectMapper CANONICAL = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    /**
     * A signed certificate.
     *
     * @param members what is certified; signed in the form of RFC 8785
     * @param signature Ed25519, Base64
     * @param key Base64 of 0x01 and the public key, like the end of a verifier key
     */
    public record Certificate(Map<String, Object> members, String signature, String key, long entry) {

        /** The answer, as it is kept for a request that is sent again. */
        public String json() {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.set("certificate", CANONICAL.valueToTree(members));
            return json.put("signature", signature)
                    .put("key", key)
                    .put("entry", entry)
                    .toString();
        }
    }

    /** A patron who took back the consent to the service, when, and who took that down. */
    public record Asked(PatronId patron, LocalDate asked, String by) {}

    private final Parts parts;
    private final PatronWriter writer;
    private final ErasureRequests requests;
    private final OptionalInt horizonDays;

    /**
     * Erasure over those parts.
     *
     * @param horizonDays until every key an old copy would need is rotated and destroyed by the schedule, if there is one
     */
    Erasure(Parts parts, OptionalInt horizonDays) {
        this.parts = parts;
        this.horizonDays = horizonDays;
        this.writer = new PatronWriter(parts);
        this.requests = new ErasureRequests(parts.access(), parts.custody());
    }

    /** Who is to be erased once somebody who may confirms it by erasing (P6), the oldest first. */
    public List<Asked> asked(Caller caller, byte[] request) {
        AccessEvent attempt = parts.attempt(caller, Act.ERASE, request);
        parts.access().require(caller, Question.may(Permission.ERASE), attempt);
        return parts.log().logging(attempt, () -> {
            List<Asked> all = parts.store().read(requests::all);
            parts.log().appendAndWait(Unit.of(attempt.ending(Outcome.SEARCHED)));
            return all;
        });
    }

    /** Erases; refused with {@code not-found} for a patron who is not, or no longer, here. */
    public Certificate erase(Caller caller, Optional<PatronId> id, Optional<Replay.Key> replay, byte[] request) {
        return parts.aimed(
                caller,
                Act.ERASE,
                Permission.ERASE,
                id,
                request,
                (attempt, stored) -> erase(caller, attempt, stored, replay));
    }

    private Certificate erase(Caller caller, AccessEvent attempt, StoredPatron stored, Optional<Replay.Key> replay) {
        AccessEvent event =
                attempt.ending(Outcome.ERASED).on(List.of(Subject.opened(stored.id(), Set.of(PatronField.values()))));
        Replay kept = parts.access().replay();
        AtomicReference<Certificate> certificate = new AtomicReference<>();
        parts.log().appendAndWait(Unit.writing(event, (tx, entry) -> {
            kept.requireFirst(tx, replay);
            writer.erase(tx, stored);
            certificate.set(certificate(caller, stored.id(), event.time(), entry));
            kept.keep(tx, replay, certificate.get().json());
            return event;
        }));
        parts.log().ledger().follow();
        parts.log().purge(PURGE_PATIENCE_MILLIS);
        return certificate.get();
    }

    private Certificate certificate(Caller caller, PatronId id, Instant time, long entry) {
        UnsealedKeys keys = parts.custody().keys();
        Map<String, Object> members = new TreeMap<>();
        members.put("patron", id.toString());
        members.put("erased", time.toString());
        members.put("entry", entry);
        members.put("by", caller.actor().name());
        horizonDays.ifPresent(days -> members.put("horizonDays", days));
        members.put("keysDestroyed", "due");
        members.put(
                "notCovered",
                List.of(
                        "Copies of the database made before the erasure, until the keys of that time are destroyed.",
                        "Exported copies of keys/ that hold those keys.",
                        "What other systems, printouts and people keep."));
        members.put("vault", keys.vaultId());
        SigningKey signing = keys.statements();
        ByteArrayOutputStream key = new ByteArrayOutputStream();
        key.write(1);
        key.writeBytes(signing.publicKey());
        Base64.Encoder base64 = Base64.getEncoder();
        return new Certificate(
                members,
                base64.encodeToString(signing.sign(canonical(members))),
                base64.encodeToString(key.toByteArray()),
                entry);
    }

    private static byte[] canonical(Map<String, Object> members) {
        try {
            return CANONICAL.writeValueAsBytes(members);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
