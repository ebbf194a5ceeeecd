package org.patronvault.core.model;

import java.util.Objects;

/**
 * The actor of a log entry: a member of staff in one acting role, another system, or the vault itself.
 *
 * @param name canonical user or client name; empty if no person signed in
 * @param role the acting role of a person, or the scope of a client
 * @param library the person's home library, or empty
 */
public record Actor(Kind kind, String name, String role, String library) {

    /** The kind of actor; the code is part of the stored log format. */
    public enum Kind {
        VAULT(0),
        STAFF(1),
        CLIENT(2),
        NOBODY(3);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** The number in stored bytes. */
        public int code() {
            return code;
        }

        /**
         * The kind of that number.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Kind ofCode(int code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("no actor has that code");
        }
    }

    /** The vault acting automatically. */
    public static final Actor VAULT = new Actor(Kind.VAULT, "vault", "", "");

    /** A person who has not signed in. */
    public static final Actor NOBODY = new Actor(Kind.NOBODY, "", "", "");

    public Actor {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(name);
        Objects.requireNonNull(role);
        Objects.requireNonNull(library);
    }
}
