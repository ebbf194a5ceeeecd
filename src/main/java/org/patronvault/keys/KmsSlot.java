package org.patronvault.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.crypto.tink.Aead;
import java.security.GeneralSecurityException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Pattern;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.crypto.SealedBox;
import org.patronvault.crypto.SecureBytes;
import org.patronvault.model.IntegrityException;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * A slot that AWS KMS opens: a random slot key seals the root key, and KMS encrypts the slot key. Both are bound to
 * vault, slot and root.
 *
 * @param uri {@code aws-kms://} and the ARN of a key, as Tink writes it
 */
record KmsSlot(int id, int root, long createdSeconds, String uri, byte[] inKms, byte[] wrap) {
    static final String KIND = "kms";
    private static final String SCHEME = "aws-kms://";
    private static final Pattern URI = Pattern.compile(
            SCHEME + "arn:aws[a-z-]{0,20}:kms:[a-z]{2}(-[a-z]{1,12}){1,3}-\\d{1,2}:\\d{12}:key/[A-Za-z0-9-]{1,64}");
    private static final int SLOT_KEY_BYTES = 32;
    private static final int MAX_IN_KMS_BYTES = 6144;

    /** Refuses with {@code invalid} what is no such URI. */
    KmsSlot {
        requireUri(uri);
    }

    private static void requireUri(String uri) {
        if (!URI.matcher(uri).matches()) {
            throw new Refused(
                    Problem.INVALID,
                    "A key in AWS KMS is named by aws-kms:// and its ARN (arn:aws:kms:REGION:ACCOUNT:key/ID), not by an"
                            + " alias.");
        }
    }

    /** Makes the slot; throws {@link Refused} as {@link AwsKms} says. */
    static KmsSlot create(String vaultId, int id, int root, long createdSeconds, String uri, byte[] rootKey) {
        requireUri(uri);
        byte[] key = SecureBytes.random(SLOT_KEY_BYTES);
        try {
            byte[] inKms = kms(uri).encrypt(key, kmsAad(vaultId, id, root));
            byte[] wrap = SealedBox.seal(key, aad(vaultId, id, root, uri), rootKey);
            return new KmsSlot(id, root, createdSeconds, uri, inKms, wrap);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("KMS does not encrypt", e);
        } finally {
            SecureBytes.wipe(key);
        }
    }

    /**
     * The root key.
     *
     * @throws Refused as {@link AwsKms} says
     * @throws IntegrityException if the slot was changed or is of another vault, or KMS gave back another key
     */
    byte[] open(String vaultId) {
        if (inKms.length > MAX_IN_KMS_BYTES) {
            throw new IntegrityException("kms slot: length");
        }
        byte[] key = null;
        try {
            key = kms(uri).decrypt(inKms, kmsAad(vaultId, id, root));
            if (key.length != SLOT_KEY_BYTES) {
                throw new IntegrityException("kms slot: key");
            }
            return SealedBox.open(key, aad(vaultId, id, root, uri), wrap);
        } catch (GeneralSecurityException e) {
            throw new IntegrityException("kms slot: ciphertext in KMS", e);
        } finally {
            SecureBytes.wipe(key);
        }
    }

    private static Aead kms(String uri) {
        try {
            return new AwsKms(uri.substring(SCHEME.length()), AwsKms.PATIENCE);
        } catch (NoClassDefFoundError e) {
            throw new Refused(
                    Problem.KEYS_REFUSED,
                    "AWS KMS needs patron-vault-aws.jar: put it beside patron-vault.jar, under that name.");
        }
    }

    private static byte[] kmsAad(String vaultId, int id, int root) {
        return CanonicalBytes.begin("pv1.kms").lp(vaultId).u32(id).u32(root).bytes();
    }

    private static byte[] aad(String vaultId, int id, int root, String uri) {
        return CanonicalBytes.begin("pv1.slot")
                .lp(vaultId)
                .lp(KIND)
                .u32(id)
                .u32(root)
                .lp(uri)
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
        json.put("uri", uri);
        json.put("inKms", Base64.getEncoder().encodeToString(inKms));
        json.put("wrap", Base64.getEncoder().encodeToString(wrap));
        return json;
    }

    static KmsSlot ofJson(JsonNode json) {
        try {
            return new KmsSlot(
                    json.path("id").asInt(),
                    json.path("root").asInt(),
                    Instant.parse(json.path("created").asText()).getEpochSecond(),
                    json.path("uri").asText(),
                    Base64.getDecoder().decode(json.path("inKms").asText()),
                    Base64.getDecoder().decode(json.path("wrap").asText()));
        } catch (IllegalArgumentException | DateTimeException | Refused e) {
            throw new Refused(Problem.KEYS_REFUSED, "keys/slots.json has a slot that cannot be read.");
        }
    }
}
