package org.patronvault.tlog;

/** Makes signatures with a private key that this package never sees: in the key ring, or in a device. */
@FunctionalInterface
public interface NoteSigner {

    /** The 64-byte Ed25519 signature of exactly these bytes. */
    byte[] sign(byte[] message);
}
