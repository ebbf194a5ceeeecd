package org.patronvault.core.keys.slot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.SecureRandom;
import org.patronvault.core.crypto.Argon2Parameters;
import org.patronvault.core.crypto.CanonicalBytes;

/**
 * A slot that a passphrase opens: Argon2id (RFC 9106) derives the slot key from it. The parameters are part of the
 * wrap's AAD. Their upper and lower bounds are checked before use.
 */
public record PassphraseSlot(Head head, Argon2Parameters parameters, byte[] salt, byte[] wrap) implements Slot {
    static final String KIND = "passphrase";
    private static final int SALT_SIZE_BYTES = 16;

    static PassphraseSlot create(String vaultId, Head head, byte[] passphrase, byte[] root, SecureRandom random) {
        byte[] salt = new byte[SALT_SIZE_BYTES];
        random.nextBytes(salt);
        Argon2Parameters parameters = Argon2Parameters.ROOT;
        byte[] key = SlotKdf.derive(passphrase, salt, parameters);
        return new PassphraseSlot(head, parameters, salt, Slot.wrap(key, aad(vaultId, head, parameters, salt), root));
    }

    /** Returns the root key. Throws an IntegrityException if the passphrase is wrong or the slot was changed. */
    public byte[] open(String vaultId, byte[] passphrase) {
        parameters.requireWithinRootBounds();
        return unwrap(vaultId, SlotKdf.derive(passphrase, salt, parameters));
    }

    /** Opens the slot with the key that {@link SlotKdf} derived, and wipes that key. */
    byte[] unwrap(String vaultId, byte[] key) {
        return Slot.unwrap(key, aad(vaultId, head, parameters, salt), wrap);
    }

    private static CanonicalBytes aad(String vaultId, Head head, Argon2Parameters p, byte[] salt) {
        return head.aad(vaultId, KIND)
                .u32(p.memoryKiB())
                .u32(p.passes())
                .u32(p.lanes())
                .lp(salt);
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public String openedBy() {
        return SlotFacts.BY_PASSPHRASE;
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode json = head.json(KIND);
        json.putObject("argon2id")
                .put("memoryKiB", parameters.memoryKiB())
                .put("passes", parameters.passes())
                .put("lanes", parameters.lanes())
                .put("salt", Slot.text(salt));
        return json.put("wrap", Slot.text(wrap));
    }

    static PassphraseSlot ofJson(JsonNode json) {
        JsonNode argon = json.path("argon2id");
        Argon2Parameters parameters = new Argon2Parameters(
                argon.path("memoryKiB").asInt(),
                argon.path("passes").asInt(),
                argon.path("lanes").asInt());
        byte[] salt = Slot.bytes(argon, "salt");
        if (salt.length != SALT_SIZE_BYTES) {
            throw Slot.unreadable();
        }
        return new PassphraseSlot(Head.ofJson(json), parameters, salt, Slot.bytes(json, "wrap"));
    }
}
