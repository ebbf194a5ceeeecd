package org.patronvault.core.tlog;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One signature line of a note: the claimed key, and the signature bytes. Not verified by being here. Immutable,
 * thread-safe.
 *
 * <p>A new signature is verified at once under its key. So a signer that holds another key, or computes wrongly, is
 * found before anything leaves.
 */
public final class NoteSignature {
    private static final String DASH = "\u2014 ";
    private static final int KEY_ID_BYTES = 4;

    private final String name;
    private final int keyId;
    private final byte[] signature;

    private NoteSignature(String name, int keyId, byte[] signature) {
        this.name = name;
        this.keyId = keyId;
        this.signature = signature;
    }

    /**
     * Signs a note text with a key of type {@link SignatureType#ED25519}.
     *
     * @throws IllegalArgumentException if the key is of another type
     * @throws IllegalStateException if the signer's answer does not verify under {@code key}
     */
    public static NoteSignature sign(String text, VerifierKey key, NoteSigner signer) {
        if (key.type() != SignatureType.ED25519) {
            throw new IllegalArgumentException("key must be of type ED25519");
        }
        byte[] signature = signer.sign(text.getBytes(StandardCharsets.UTF_8));
        return new NoteSignature(key.name(), key.keyId(), signature.clone()).verified(text, key);
    }

    /**
     * Signs a checkpoint as a witness, with a key of type {@link SignatureType#COSIGNATURE_V1}. The caller states that
     * the checkpoint is consistent with all it has cosigned for this log before.
     *
     * @param seconds the time of signing, since 1970
     * @throws IllegalArgumentException if the key is of another type or the time is before 1970
     * @throws IllegalStateException if the signer's answer does not verify under {@code key}
     */
    public static NoteSignature cosign(Checkpoint checkpoint, VerifierKey key, long seconds, NoteSigner signer) {
        if (key.type() != SignatureType.COSIGNATURE_V1) {
            throw new IllegalArgumentException("key must be of type COSIGNATURE_V1");
        }
        if (seconds < 0) {
            throw new IllegalArgumentException("time must not be before 1970");
        }
        String text = checkpoint.toNoteText();
        byte[] signature = signer.sign(Cosignature.message(text, seconds));
        if (signature.length != Ed25519.SIGNATURE_BYTES) {
            throw new IllegalStateException("signature must be 64 bytes, was " + signature.length);
        }
        return new NoteSignature(key.name(), key.keyId(), Cosignature.encode(seconds, signature)).verified(text, key);
    }

    private NoteSignature verified(String text, VerifierKey key) {
        if (!key.verifies(text, this)) {
            throw new IllegalStateException("signature just made does not verify under its key");
        }
        return this;
    }

    /**
     * Reads a signature line, without its newline: em dash, space, key name, space, base64 of key id and signature.
     *
     * @throws MalformedException if it is anything else
     */
    public static NoteSignature parse(String line) throws MalformedException {
        int space = line.lastIndexOf(' ');
        if (!line.startsWith(DASH) || space < DASH.length()) {
            throw new MalformedException("signature line: not of the form dash, name, base64");
        }
        String name = line.substring(DASH.length(), space);
        if (!StrictText.isKeyName(name)) {
            throw new MalformedException("signature line: not a key name");
        }
        byte[] bytes = StrictText.base64(line.substring(space + 1), "signature line");
        if (bytes.length <= KEY_ID_BYTES) {
            throw new MalformedException("signature line: must be more than 4 bytes, was " + bytes.length);
        }
        int keyId = ByteBuffer.wrap(bytes).getInt();
        return new NoteSignature(name, keyId, Arrays.copyOfRange(bytes, KEY_ID_BYTES, bytes.length));
    }

    /** Name of the key it claims to be by. */
    public String name() {
        return name;
    }

    /** Id of the key it claims to be by, big-endian. */
    public int keyId() {
        return keyId;
    }

    /** Returns the bytes after the key ID: for Ed25519 64 bytes, for a cosignature a time and 64 bytes. */
    byte[] signature() {
        return signature.clone();
    }

    /** The line, without a newline. */
    public String toLine() {
        byte[] bytes = ByteBuffer.allocate(KEY_ID_BYTES + signature.length)
                .putInt(keyId)
                .put(signature)
                .array();
        return DASH + name + " " + StrictText.base64(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NoteSignature that && toLine().equals(that.toLine());
    }

    @Override
    public int hashCode() {
        return keyId;
    }

    @Override
    public String toString() {
        return toLine();
    }
}
