package org.patronvault.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import org.patronvault.crypto.Argon2Parameters;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.crypto.SealedBox;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * A slot that a passphrase opens: Argon2id (RFC 9106) makes a key from it, which seals the root key. The parameters
 * are bound to the wrap, and bounded both ways before they are used.
 */
record PassphraseSlot(int id, long createdSeconds, Argon2Parameters parameters, byte[] salt, byte[] wrap) {
    static final String KIND = "passphrase";
    private static final int SALT_SIZE_BYTES = 16;

    static PassphraseSlot create(
            String vaultId, int id, long createdSeconds, byte[] passphrase, byte[] root, SecureRandom random) {
        byte[] salt = new byte[SALT_SIZE_BYTES];
        random.nextBytes(salt);
        Argon2Parameters parameters = Argon2Parameters.ROOT;
        byte[] key = SlotKdf.derive(passphrase, salt, parameters);
        try {
            byte[] wrap = SealedBox.seal(key, aad(vaultId, id, parameters, salt), root);
            return new PassphraseSlot(id, createdSeconds, parameters, salt, wrap);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /** The root key. Throws an IntegrityException if the passphrase is wrong or the slot was changed. */
    byte[] open(String vaultId, byte[] passphrase) {
        parameters.requireWithinRootBounds();
        byte[] key = SlotKdf.derive(passphrase, salt, parameters);
        try {
            return SealedBox.open(key, aad(vaultId, id, parameters, salt), wrap);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static byte[] aad(String vaultId, int id, Argon2Parameters p, byte[] salt) {
        return CanonicalBytes.begin("pv1.slot")
                .lp(vaultId)
                .lp(KIND)
                .u32(id)
                .u32(p.memoryKiB())
                .u32(p.passes())
                .u32(p.lanes())
                .lp(salt)
                .bytes();
    }

    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", id);
        json.put("kind", KIND);
        json.put("created", java.time.Instant.ofEpochSecond(createdSeconds).toString());
        json.putObject("argon2id")
                .put("memoryKiB", parameters.memoryKiB())
                .put("passes", parameters.passes())
                .put("lanes", parameters.lanes())
                .put("salt", Base64.getEncoder().encodeToString(salt));
        json.put("wrap", Base64.getEncoder().encodeToString(wrap));
        return json;
    }

    static PassphraseSlot ofJson(JsonNode json) {
        try {
            JsonNode argon = json.path("argon2id");
            Argon2Parameters parameters = new Argon2Parameters(
                    argon.path("memoryKiB").asInt(),
                    argon.path("passes").asInt(),
                    argon.path("lanes").asInt());
            return new PassphraseSlot(
                    json.path("id").asInt(),
                    java.time.Instant.parse(json.path("created").asText()).getEpochSecond(),
                    parameters,
                    Base64.getDecoder().decode(argon.path("salt").asText()),
                    Base64.getDecoder().decode(json.path("wrap").asText()));
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            throw new Refused(Problem.KEYS_REFUSED, "keys/slots.json has a slot that cannot be read.");
        }
    }
}
