package org.patronvault.core.tlog;

/** A signer whose private key this package never sees: the key is in the key ring, or in a device. */
@FunctionalInterface
public interface NoteSigner {

    /** Returns the 64-byte Ed25519 signature of exactly these bytes. */
    byte[] sign(byte[] message);
}
