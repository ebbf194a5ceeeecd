package org.patronvault.core.keys.slot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.SealedBox;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * A way to recover the root key. Each kind of slot obtains a slot key of 32 bytes in its own way. The slot key encrypts
 * the root key, with vault, slot and root as AAD.
 */
public interface Slot {

    /**
     * The common part of every slot: its number, the number of the root it opens, and its creation time in Unix
     * seconds.
     */
    record Head(int id, int root, long createdSeconds) {

        /** Returns the AAD of the root key's wrap, to which the kind adds its own. */
        CanonicalBytes aad(String vaultId, String kind) {
            return CanonicalBytes.begin("pv1.slot").lp(vaultId).lp(kind).u32(id).u32(root);
        }

        ObjectNode json(String kind) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("id", id)
                    .put("kind", kind)
                    .put("root", root)
                    .put("created", Instant.ofEpochSecond(createdSeconds).toString());
        }

        static Head ofJson(JsonNode json) {
            int id = json.path("id").asInt();
            int root = json.path("root").asInt();
            // AAD has no negative numbers, and after the highest there would be no next slot.
            if (id < 0 || id == Integer.MAX_VALUE || root < 0) {
                throw unreadable();
            }
            try {
                return new Head(
                        id, root, Instant.parse(json.path("created").asText()).getEpochSecond());
            } catch (DateTimeException e) {
                throw unreadable();
            }
        }
    }

    Head head();

    /** Returns the name in files, answers and commands. */
    String kind();

    ObjectNode toJson();

    /** Returns the means that opens it, in words. */
    String openedBy();

    /** Returns its public facts. */
    default SlotFacts facts() {
        return new SlotFacts(head().id(), kind(), Instant.ofEpochSecond(head().createdSeconds()), 0, 0, openedBy());
    }

    static Refused unreadable() {
        return new Refused(Problem.KEYS_REFUSED, "keys/slots.json has a slot that cannot be read.");
    }

    static byte[] bytes(JsonNode json, String member) {
        return bytes(json.path(member));
    }

    static byte[] bytes(JsonNode base64) {
        try {
            return Base64.getDecoder().decode(base64.asText());
        } catch (IllegalArgumentException e) {
            throw unreadable();
        }
    }

    static String text(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** Encrypts the root key; wipes the slot key. */
    static byte[] wrap(byte[] slotKey, CanonicalBytes aad, byte[] root) {
        try {
            return SealedBox.seal(slotKey, aad.bytes(), root);
        } finally {
            SecureBytes.wipe(slotKey);
        }
    }

    /**
     * Returns the root key; wipes the slot key.
     *
     * @throws IntegrityException if the slot key is wrong, or the slot was changed
     */
    static byte[] unwrap(byte[] slotKey, CanonicalBytes aad, byte[] wrap) {
        try {
            return SealedBox.open(slotKey, aad.bytes(), wrap);
        } finally {
            SecureBytes.wipe(slotKey);
        }
    }
}
