package org.patronvault.core.keys.ring;

import java.util.Locale;

/** The state of a key version: what it may still be used for. The code is part of the stored ring. */
public enum KeyState {
    /** Encrypts new values. */
    PRIMARY(1),
    /** Decrypts earlier values. */
    ACTIVE(2),
    /** No value needs it any more. */
    RETIRED(3),
    /** Its bytes are destroyed for ever. */
    DESTROYED(4);

    private final int code;

    KeyState(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static KeyState ofCode(int code) {
        for (KeyState state : values()) {
            if (state.code == code) {
                return state;
            }
        }
        throw new org.patronvault.core.model.IntegrityException("key ring: state");
    }

    /** Returns the name in answers. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
