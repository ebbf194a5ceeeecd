package org.patronvault.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.crypto.SealedBox;
import org.patronvault.crypto.SecureBytes;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * A slot that an HSM opens: a random slot key seals the root key, and a key that never leaves the HSM's token encrypts
 * the slot key. Both are bound to vault, slot and root.
 */
record HsmSlot(int id, int root, long createdSeconds, HsmAddress address, byte[] inToken, byte[] wrap) {
    static final String KIND = "hsm";
    private static final int SLOT_KEY_BYTES = 32;

    /** Makes the slot, and the key in the token if it has none of that label; the PIN is wiped. */
    static HsmSlot create(
            String vaultId, int id, int root, long createdSeconds, HsmAddress address, char[] pin, byte[] rootKey) {
        byte[] key = SecureBytes.random(SLOT_KEY_BYTES);
        try {
            byte[] inToken = Pkcs11Token.wrap(address, pin, tokenAad(vaultId, id, root), key);
            byte[] wrap = SealedBox.seal(key, aad(vaultId, id, root, address), rootKey);
            return new HsmSlot(id, root, createdSeconds, address, inToken, wrap);
        } finally {
            SecureBytes.wipe(key);
        }
    }

    /**
     * The root key; the PIN is wiped.
     *
     * @throws Refused as {@link Pkcs11Token} says
     * @throws IntegrityException if the slot was changed, or is of another vault or another key of the same name
     */
    byte[] open(String vaultId, char[] pin) {
        if (inToken.length != SLOT_KEY_BYTES + Pkcs11Token.OVERHEAD_BYTES) {
            throw new IntegrityException("hsm slot: length");
        }
        byte[] key = Pkcs11Token.unwrap(address, pin, tokenAad(vaultId, id, root), inToken);
        try {
            return SealedBox.open(key, aad(vaultId, id, root, address), wrap);
        } finally {
            SecureBytes.wipe(key);
        }
    }

    private static byte[] tokenAad(String vaultId, int id, int root) {
        return CanonicalBytes.begin("pv1.hsm").lp(vaultId).u32(id).u32(root).bytes();
    }

    private static byte[] aad(String vaultId, int id, int root, HsmAddress address) {
        return CanonicalBytes.begin("pv1.slot")
                .lp(vaultId)
                .lp(KIND)
                .u32(id)
                .u32(root)
                .lp(address.token())
                .lp(address.key())
                .bytes();
    }

    String kind() {
        return KIND;
    }

    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", id);
        json.put("kind", KIND);
        json.put("root", root);
        json.put("created", Instant.ofEpochSecond(createdSeconds).toString());
        json.put("library", address.library());
        json.put("token", address.token());
        json.put("key", address.key());
        json.put("inToken", Base64.getEncoder().encodeToString(inToken));
        json.put("wrap", Base64.getEncoder().encodeToString(wrap));
        return json;
    }

    static HsmSlot ofJson(JsonNode json) {
        try {
            return new HsmSlot(
                    json.path("id").asInt(),
                    json.path("root").asInt(),
                    Instant.parse(json.path("created").asText()).getEpochSecond(),
                    new HsmAddress(
                            json.path("library").asText(),
                            json.path("token").asText(),
                            json.path("key").asText()),
                    Base64.getDecoder().decode(json.path("inToken").asText()),
                    Base64.getDecoder().decode(json.path("wrap").asText()));
        } catch (IllegalArgumentException | DateTimeException | Refused e) {
            throw new Refused(Problem.KEYS_REFUSED, "keys/slots.json has a slot that cannot be read.");
        }
    }
}
