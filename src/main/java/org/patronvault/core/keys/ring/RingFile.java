package org.patronvault.core.keys.ring;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.SealedBox;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.keys.file.SmallFile;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The sealed ring in {@code keys/ring.json}. It is sealed under the root key, with vault, revision and root number as
 * AAD. The root number shows which slots open an earlier ring.
 *
 * @param after the last state of the ring that the log spoke of when this one was written; empty if unknown
 */
public record RingFile(String vaultId, long revision, int root, Optional<RingRevision> after, byte[] sealed) {
    /** The file has only a few texts and numbers. */
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxTokenCount(1_000).build())
            .build());

    private static final String FORM = "pv1.ring";

    /** More than a ring with the most possible keys has. */
    private static final int MAX_BYTES = 16 << 20;

    public static RingFile seal(KeyRing ring, int rootNumber, byte[] root, Optional<RingRevision> after) {
        byte[] payload = ring.encode();
        try {
            byte[] sealed = SealedBox.seal(root, aad(ring.vaultId(), ring.revision(), rootNumber, after), payload);
            return new RingFile(ring.vaultId(), ring.revision(), rootNumber, after, sealed);
        } finally {
            Arrays.fill(payload, (byte) 0);
        }
    }

    /** Whether a root key opens it; wipes the key. */
    public boolean isUnder(int rootNumber, byte[] rootKey) {
        try {
            if (rootNumber == root) {
                open(rootKey).wipe();
                return true;
            }
        } catch (IntegrityException e) {
            // Another root has the same number.
        } finally {
            Arrays.fill(rootKey, (byte) 0);
        }
        return false;
    }

    public KeyRing open(byte[] rootKey) {
        byte[] payload = SealedBox.open(rootKey, aad(vaultId, revision, root, after), sealed);
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

    private static byte[] aad(String vaultId, long revision, int root, Optional<RingRevision> after) {
        CanonicalBytes bytes =
                CanonicalBytes.begin(FORM).lp(vaultId).u64(revision).u32(root);
        after.ifPresent(mark -> bytes.u64(mark.revision()).lp(mark.digest()));
        return bytes.bytes();
    }

    /** Whether both files have equal bytes. */
    public boolean isSame(RingFile other) {
        return revision == other.revision
                && root == other.root
                && vaultId.equals(other.vaultId)
                && after.isPresent() == other.after.isPresent()
                && after.filter(mark -> !mark.isSame(other.after.orElseThrow())).isEmpty()
                && Arrays.equals(sealed, other.sealed);
    }

    /** Returns the digest of this state of the ring for the log's key events. */
    public byte[] digest() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(sealed);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads a ring file; refuses a malformed one with {@code keys-refused}. */
    public static RingFile read(Path file) {
        try {
            return parse(SmallFile.read(file, MAX_BYTES));
        } catch (IOException e) {
            throw unreadable();
        }
    }

    static RingFile parse(byte[] written) {
        try {
            JsonNode json = JSON.readTree(written);
            if (!FORM.equals(json.path("format").asText())) {
                throw new Refused(Problem.KEYS_REFUSED, "keys/ring.json is not a key ring of this version.");
            }
            RingFile file = new RingFile(
                    json.path("vault").asText(),
                    json.path("revision").asLong(),
                    json.path("root").asInt(),
                    after(json.path("after")),
                    Base64.getDecoder().decode(json.path("sealed").asText()));
            // A number or text that cannot be part of the AAD is refused here, and not later when the ring is opened.
            byte[] unused = aad(file.vaultId, file.revision, file.root, file.after);
            return file;
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable();
        }
    }

    private static Optional<RingRevision> after(JsonNode mark) {
        return mark.isMissingNode()
                ? Optional.empty()
                : Optional.of(new RingRevision(
                        mark.path("revision").asLong(),
                        Base64.getDecoder().decode(mark.path("digest").asText())));
    }

    private static Refused unreadable() {
        return new Refused(Problem.KEYS_REFUSED, "keys/ring.json cannot be read; put back the last copy of keys/.");
    }

    public void write(Path file) {
        DurableFile.write(file, bytes());
    }

    public byte[] bytes() {
        ObjectNode json = JSON.createObjectNode();
        json.put("format", FORM);
        json.put("vault", vaultId);
        json.put("revision", revision);
        json.put("root", root);
        after.ifPresent(mark -> json.putObject("after")
                .put("revision", mark.revision())
                .put("digest", Base64.getEncoder().encodeToString(mark.digest())));
        json.put("sealed", Base64.getEncoder().encodeToString(sealed));
        return json.toPrettyString().getBytes(StandardCharsets.UTF_8);
    }
}
