package org.patronvault.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.crypto.SealedBox;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * The ring as it lies in {@code keys/ring.json}: sealed under the root key, bound to vault, revision and
 * the number of the root, by which slots are told apart that open an earlier one.
 */
record RingFile(String vaultId, long revision, int root, byte[] sealed) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FORM = "pv1.ring";

    static RingFile seal(KeyRing ring, int rootNumber, byte[] root) {
        byte[] payload = ring.encode();
        try {
            byte[] sealed = SealedBox.seal(root, aad(ring.vaultId(), ring.revision(), rootNumber), payload);
            return new RingFile(ring.vaultId(), ring.revision(), rootNumber, sealed);
        } finally {
            Arrays.fill(payload, (byte) 0);
        }
    }

    /** Whether that root key, which is wiped, opens it. */
    boolean isUnder(int rootNumber, byte[] rootKey) {
        try {
            if (rootNumber == root) {
                open(rootKey).wipe();
                return true;
            }
        } catch (IntegrityException e) {
            // Another root that has the same number.
        } finally {
            Arrays.fill(rootKey, (byte) 0);
        }
        return false;
    }

    KeyRing open(byte[] rootKey) {
        byte[] payload = SealedBox.open(rootKey, aad(vaultId, revision, root), sealed);
        try {
            KeyRing ring = KeyRing.decode(payload);
            if (!ring.vaultId().equals(vaultId) || ring.revision() != revision) {
                throw new IntegrityException("key ring: revision");
            }
            return ring;
        } finally {
            Arrays.fill(payload, (byte) 0);
        }
    }

    private static byte[] aad(String vaultId, long revision, int root) {
        return CanonicalBytes.begin(FORM).lp(vaultId).u64(revision).u32(root).bytes();
    }

    /** Whether both say the same, byte for byte. */
    boolean isSame(RingFile other) {
        return revision == other.revision
                && root == other.root
                && vaultId.equals(other.vaultId)
                && Arrays.equals(sealed, other.sealed);
    }

    /** What the log's key events say of this state of the ring. */
    byte[] digest() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(sealed);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static RingFile read(Path file) {
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(file));
            if (!FORM.equals(json.path("format").asText())) {
                throw new Refused(Problem.KEYS_REFUSED, "keys/ring.json is not a key ring of this version.");
            }
            return new RingFile(
                    json.path("vault").asText(),
                    json.path("revision").asLong(),
                    json.path("root").asInt(),
                    Base64.getDecoder().decode(json.path("sealed").asText()));
        } catch (IOException | IllegalArgumentException e) {
            throw new Refused(Problem.KEYS_REFUSED, "keys/ring.json cannot be read; put back the last copy of keys/.");
        }
    }

    void write(Path file) {
        ObjectNode json = JSON.createObjectNode();
        json.put("format", FORM);
        json.put("vault", vaultId);
        json.put("revision", revision);
        json.put("root", root);
        json.put("sealed", Base64.getEncoder().encodeToString(sealed));
        DurableFile.write(file, json.toPrettyString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
