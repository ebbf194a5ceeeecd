package org.patronvault.core.keys.slot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.keys.hsm.HsmAddress;
import org.patronvault.core.keys.hsm.Pkcs11Token;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;

/** A slot that an HSM opens. A key that never leaves the HSM's token encrypts the slot key, with the wrap's AAD. */
public record HsmSlot(Head head, HsmAddress address, byte[] inToken, byte[] wrap) implements Slot {
    static final String KIND = "hsm";
    private static final int SLOT_KEY_BYTES = 32;

    /** Makes the slot, and the key in the token if it has none with that label; the PIN is wiped. */
    public static HsmSlot create(String vaultId, Head head, HsmAddress address, char[] pin, byte[] root) {
        byte[] key = SecureBytes.random(SLOT_KEY_BYTES);
        try {
            byte[] inToken = Pkcs11Token.wrap(address, pin, tokenAad(vaultId, head), key);
            return new HsmSlot(head, address, inToken, Slot.wrap(key, aad(vaultId, head, address), root));
        } finally {
            SecureBytes.wipe(key);
        }
    }

    /**
     * Returns the root key; the PIN is wiped.
     *
     * @throws Refused as {@link Pkcs11Token} says
     * @throws IntegrityException if the slot was changed, or is of another vault or another key of the same name
     */
    public byte[] open(String vaultId, char[] pin) {
        if (inToken.length != SLOT_KEY_BYTES + Pkcs11Token.OVERHEAD_BYTES) {
            throw new IntegrityException("hsm slot: length");
        }
        byte[] key = Pkcs11Token.unwrap(address, pin, tokenAad(vaultId, head), inToken);
        return Slot.unwrap(key, aad(vaultId, head, address), wrap);
    }

    private static byte[] tokenAad(String vaultId, Head head) {
        return CanonicalBytes.begin("pv1.hsm")
                .lp(vaultId)
                .u32(head.id())
                .u32(head.root())
                .bytes();
    }

    private static CanonicalBytes aad(String vaultId, Head head, HsmAddress address) {
        return head.aad(vaultId, KIND).lp(address.token()).lp(address.key());
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public String openedBy() {
        return SlotFacts.byHsm(address);
    }

    @Override
    public ObjectNode toJson() {
        return head.json(KIND)
                .put("library", address.library())
                .put("token", address.token())
                .put("key", address.key())
                .put("inToken", Slot.text(inToken))
                .put("wrap", Slot.text(wrap));
    }

    static HsmSlot ofJson(JsonNode json) {
        try {
            HsmAddress address = new HsmAddress(
                    json.path("library").asText(),
                    json.path("token").asText(),
                    json.path("key").asText());
            return new HsmSlot(Head.ofJson(json), address, Slot.bytes(json, "inToken"), Slot.bytes(json, "wrap"));
        } catch (Refused e) {
            // Not the address's own message, since nobody typed it.
            throw Slot.unreadable();
        }
    }
}
