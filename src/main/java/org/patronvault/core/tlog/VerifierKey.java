package org.patronvault.core.tlog;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A public key with its name, to verify signatures of one signer (C2SP signed-note, "Verifier keys"). Written
 * {@code name+hash+base64}: the hash is the 4-byte key ID in hexadecimal, and the base64 is the type byte and the
 * 32-byte Ed25519 key. The key ID only helps to find the right key, and proves nothing. Immutable, thread-safe.
 */
public final class VerifierKey {
    private static final int KEY_ID_BYTES = 4;
    private static final int MAX_CHARS = 1_024;
    private static final Pattern FORM = Pattern.compile("([^+]+)\\+([0-9a-f]{8})\\+(.+)");
    private static final HexFormat HEX = HexFormat.of();

    private final String name;
    private final SignatureType type;
    private final byte[] raw;
    private final PublicKey publicKey;
    private final int keyId;

    private VerifierKey(String name, SignatureType type, byte[] raw) throws MalformedException {
        if (!StrictText.isKeyName(name)) {
            throw new MalformedException("key name: must not be empty nor have spaces, plus or control characters");
        }
        this.name = name;
        this.type = type;
        this.raw = raw.clone();
        this.publicKey = Ed25519.key(raw);
        this.keyId = keyId(name, type, raw);
    }

    /**
     * Names a raw 32-byte Ed25519 public key (RFC 8032).
     *
     * @throws IllegalArgumentException if the name or the key is not a valid one
     */
    public static VerifierKey of(String name, SignatureType type, byte[] publicKey) {
        try {
            return new VerifierKey(name, type, publicKey);
        } catch (MalformedException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * Parses a verifier key.
     *
     * @throws MalformedException if it is not of the form above, of a type other than 0x01 and 0x04, or if its key id
     *     is not that of its key
     */
    public static VerifierKey parse(String text) throws MalformedException {
        Matcher matcher = FORM.matcher(text);
        if (text.length() > MAX_CHARS || !matcher.matches()) {
            throw new MalformedException("verifier key: not of the form name+hash+base64");
        }
        byte[] typed = StrictText.base64(matcher.group(3), "verifier key");
        for (SignatureType type : SignatureType.values()) {
            if (typed[0] == type.identifier()) {
                VerifierKey key = new VerifierKey(matcher.group(1), type, Arrays.copyOfRange(typed, 1, typed.length));
                if (!HEX.toHexDigits(key.keyId).equals(matcher.group(2))) {
                    throw new MalformedException("verifier key: key id does not belong to the key");
                }
                return key;
            }
        }
        throw new MalformedException("verifier key: signature type not supported");
    }

    /** SHA-256(name || newline || type || public key), its first four bytes. */
    private static int keyId(String name, SignatureType type, byte[] raw) {
        MessageDigest digest = MerkleHash.sha256();
        digest.update(name.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
        digest.update(type.identifier());
        return ByteBuffer.wrap(digest.digest(raw), 0, KEY_ID_BYTES).getInt();
    }

    /** The key's name; a log's is its origin. */
    public String name() {
        return name;
    }

    /** Returns the type of message that it signs. */
    public SignatureType type() {
        return type;
    }

    /** The four bytes of the key id, big-endian. */
    public int keyId() {
        return keyId;
    }

    /** The raw 32-byte Ed25519 key; a copy. */
    public byte[] publicKey() {
        return raw.clone();
    }

    /** Whether a signature claims to be by this key. */
    public boolean isNamedBy(NoteSignature signature) {
        return signature.keyId() == keyId && signature.name().equals(name);
    }

    /** Whether the signature is a valid one of {@code text} by this key. */
    boolean verifies(String text, NoteSignature signature) {
        byte[] signed = signature.signature();
        if (type == SignatureType.ED25519) {
            return Ed25519.verify(publicKey, text.getBytes(StandardCharsets.UTF_8), signed);
        }
        if (signed.length != Cosignature.SIZE_BYTES || Cosignature.seconds(signed) < 0) {
            return false;
        }
        byte[] message = Cosignature.message(text, Cosignature.seconds(signed));
        return Ed25519.verify(publicKey, message, Arrays.copyOfRange(signed, Long.BYTES, signed.length));
    }

    /** The time in a signature of this key that verified, if this kind of key gives one. */
    OptionalLong seconds(NoteSignature signature) {
        return type == SignatureType.COSIGNATURE_V1
                ? OptionalLong.of(Cosignature.seconds(signature.signature()))
                : OptionalLong.empty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerifierKey key
                && name.equals(key.name)
                && type == key.type
                && Arrays.equals(raw, key.raw);
    }

    @Override
    public int hashCode() {
        return keyId;
    }

    /** Returns the verifier key as text, which {@link #parse} reads. */
    @Override
    public String toString() {
        byte[] typed = ByteBuffer.allocate(1 + raw.length)
                .put(type.identifier())
                .put(raw)
                .array();
        return name + "+" + HEX.toHexDigits(keyId) + "+" + StrictText.base64(typed);
    }
}
