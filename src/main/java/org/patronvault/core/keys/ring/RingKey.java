package org.patronvault.core.keys.ring;

import java.time.Instant;
import java.util.Arrays;

/** One version of one key in the ring. The secret never leaves this package and is wiped when the ring is sealed. */
public final class RingKey {
    private final String name;
    private final int version;
    private final KeyState state;
    private final Instant created;
    private final byte[] secret;

    RingKey(String name, int version, KeyState state, Instant created, byte[] secret) {
        this.name = name;
        this.version = version;
        this.state = state;
        this.created = created;
        this.secret = secret;
    }

    /** Returns the key's name. */
    public String name() {
        return name;
    }

    /** Returns the version, from 1; for content keys of the log, the month as yyyymm. */
    public int version() {
        return version;
    }

    /** Returns the state: what it may still be used for. */
    public KeyState state() {
        return state;
    }

    /** Returns when it was made. */
    public Instant created() {
        return created;
    }

    public byte[] secret() {
        return secret;
    }

    RingKey in(KeyState newState) {
        return new RingKey(name, version, newState, created, newState == KeyState.DESTROYED ? new byte[0] : secret);
    }

    void wipe() {
        Arrays.fill(secret, (byte) 0);
    }

    @Override
    public String toString() {
        return name + " " + version + " " + state.wireName();
    }
}
