package org.patronvault.core.keys.slot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.crypto.tink.Aead;
import java.security.GeneralSecurityException;
import java.util.regex.Pattern;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.keys.hsm.AwsKms;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * A slot that AWS KMS opens: KMS encrypts the slot key, with the wrap's AAD.
 *
 * @param uri {@code aws-kms://} and the ARN of a key, as Tink writes it
 */
public record KmsSlot(Head head, String uri, byte[] inKms, byte[] wrap) implements Slot {
    static final String KIND = "kms";
    static final String SCHEME = "aws-kms://";
    private static final Pattern URI = Pattern.compile(
            SCHEME + "arn:aws[a-z-]{0,20}:kms:[a-z]{2}(-[a-z]{1,12}){1,3}-\\d{1,2}:\\d{12}:key/[A-Za-z0-9-]{1,64}");
    private static final int SLOT_KEY_BYTES = 32;
    private static final int MAX_IN_KMS_BYTES = 6144;

    /** Refuses with {@code invalid} a URI that names no key in AWS KMS. */
    static void requireUri(String uri) {
        if (!URI.matcher(uri).matches()) {
            throw new Refused(
                    Problem.INVALID,
                    "A key in AWS KMS is named by aws-kms:// and its ARN (arn:aws:kms:REGION:ACCOUNT:key/ID), not by an"
                            + " alias.");
        }
    }

    /** Makes the slot; throws {@link Refused} as {@link #requireUri} and {@link AwsKms} say. */
    static KmsSlot create(String vaultId, Head head, String uri, byte[] root) {
        requireUri(uri);
        byte[] key = SecureBytes.random(SLOT_KEY_BYTES);
        try {
            byte[] inKms = kms(uri).encrypt(key, kmsAad(vaultId, head));
            return new KmsSlot(head, uri, inKms, Slot.wrap(key, aad(vaultId, head, uri), root));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("KMS does not encrypt", e);
        } finally {
            SecureBytes.wipe(key);
        }
    }

    /**
     * Returns the root key.
     *
     * @throws Refused as {@link AwsKms} says
     * @throws IntegrityException if the slot was changed or is of another vault, or KMS returned another key
     */
    public byte[] open(String vaultId) {
        if (inKms.length > MAX_IN_KMS_BYTES) {
            throw new IntegrityException("kms slot: length");
        }
        try {
            byte[] key = kms(uri).decrypt(inKms, kmsAad(vaultId, head));
            if (key.length != SLOT_KEY_BYTES) {
                throw new IntegrityException("kms slot: key");
            }
            return Slot.unwrap(key, aad(vaultId, head, uri), wrap);
        } catch (GeneralSecurityException e) {
            throw new IntegrityException("kms slot: ciphertext in KMS", e);
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

    private static byte[] kmsAad(String vaultId, Head head) {
        return CanonicalBytes.begin("pv1.kms")
                .lp(vaultId)
                .u32(head.id())
                .u32(head.root())
                .bytes();
    }

    private static CanonicalBytes aad(String vaultId, Head head, String uri) {
        return head.aad(vaultId, KIND).lp(uri);
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public String openedBy() {
        return SlotFacts.byKms(uri);
    }

    @Override
    public ObjectNode toJson() {
        return head.json(KIND).put("uri", uri).put("inKms", Slot.text(inKms)).put("wrap", Slot.text(wrap));
    }

    static KmsSlot ofJson(JsonNode json) {
        String uri = json.path("uri").asText();
        if (!URI.matcher(uri).matches()) {
            throw Slot.unreadable();
        }
        return new KmsSlot(Head.ofJson(json), uri, Slot.bytes(json, "inKms"), Slot.bytes(json, "wrap"));
    }
}
