package org.patronvault.core.tlog;

/**
 * The kind of message a key signs, with its byte in key IDs and verifier keys (C2SP signed-note, "Signature types").
 */
public enum SignatureType {
    /** Ed25519 over the note text; the log's own signature. */
    ED25519(0x01),
    /** Ed25519 over a time and the text of a checkpoint; a witness's (C2SP tlog-cosignature). */
    COSIGNATURE_V1(0x04);

    private final byte identifier;

    SignatureType(int identifier) {
        this.identifier = (byte) identifier;
    }

    byte identifier() {
        return identifier;
    }
}
