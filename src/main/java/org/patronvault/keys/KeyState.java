package org.patronvault.keys;

import java.util.Locale;

/** What a key version may still be used for; the code is part of the stored ring. */
public enum KeyState {
    /** Seals what is written from now on. */
    PRIMARY(1),
    /** Opens what was written before. */
    ACTIVE(2),
    /** Nothing hangs on it any more. */
    RETIRED(3),
    /** Its bytes are gone for ever. */
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
        throw new org.patronvault.model.IntegrityException("key ring: state");
    }

    /** The name in answers. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
