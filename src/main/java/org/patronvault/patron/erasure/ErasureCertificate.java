package org.patronvault.patron.erasure;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.patronvault.core.crypto.SigningKey;
import org.patronvault.core.keys.ring.KeysInUse;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Approver;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

/**
 * A signed certificate that a patron, or one field of a patron, was erased (P6).
 *
 * @param members the certified facts; signed in the form of RFC 8785
 * @param keys the keys, or their later versions, whose earlier versions open older copies
 * @param signature Ed25519, Base64
 * @param key Base64 of 0x01 and the public key, like the end of a verifier key
 * @param entry the log entry of the erasure
 */
public record ErasureCertificate(
        Map<String, Object> members, KeysInUse keys, String signature, String key, long entry) {
    private static final ObjectMapper CANONICAL = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    /**
     * The certificate of an erasure.
     *
     * @param field the field that was erased alone; empty for the whole patron
     * @param event the logged event, with the keys in use then as {@code about}
     * @param horizonDays days until every key an old copy needs is rotated and destroyed by the schedule, if there is
     *     one
     */
    static ErasureCertificate of(
            PatronId patron,
            Optional<PatronField> field,
            AccessEvent event,
            long entry,
            UnsealedKeys keys,
            OptionalInt horizonDays) {
        KeysInUse then = event.about().flatMap(KeysInUse::parse).orElseGet(() -> KeysInUse.of(keys));
        List<String> left =
                then.left(keys).stream().map(KeysInUse.Version::toString).toList();
        Map<String, Object> members = new TreeMap<>();
        members.put("patron", patron.toString());
        field.ifPresent(one -> members.put("field", one.wireName()));
        members.put("erased", event.time().toString());
        members.put("entry", entry);
        members.put("by", event.actor().name());
        event.second().map(Approver::name).ifPresent(name -> members.put("second", name));
        horizonDays.ifPresent(days -> members.put("horizonDays", days));
        members.put("keysDestroyed", left.isEmpty() ? "done" : "due");
        members.put("keysLeft", left);
        members.put("notCovered", notCovered(!left.isEmpty()));
        members.put("vault", keys.vaultId());
        return signed(members, then, keys.statements().newest(), entry);
    }

    private static List<String> notCovered(boolean copiesOpen) {
        List<String> notCovered = new ArrayList<>();
        if (copiesOpen) {
            notCovered.add(
                    "Copies of the database made before the erasure, and remains on its disk, until the keys of that"
                            + " time are destroyed.");
        }
        notCovered.add("Copies of keys/ that hold those keys, in the register or not.");
        notCovered.add("What other systems, printouts and people keep.");
        return notCovered;
    }

    private static ErasureCertificate signed(
            Map<String, Object> members, KeysInUse then, SigningKey signing, long entry) {
        ByteArrayOutputStream key = new ByteArrayOutputStream();
        key.write(1);
        key.writeBytes(signing.publicKey());
        Base64.Encoder base64 = Base64.getEncoder();
        return new ErasureCertificate(
                members,
                then,
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

    /** The text of one member; empty if it is not there. */
    public String text(String member) {
        return members.getOrDefault(member, "").toString();
    }

    /** The answer in the form kept for a repeated request. */
    public String json() {
        return document().toString();
    }

    /** The certificate, its keys, signature and entry as a JSON object. */
    public ObjectNode document() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("certificate", CANONICAL.valueToTree(members));
        return json.put("signature", signature).put("key", key).put("entry", entry);
    }
}
