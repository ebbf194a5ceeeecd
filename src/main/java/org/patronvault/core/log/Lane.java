package org.patronvault.core.log;

import org.patronvault.core.model.Actor;

/** A queue of acts: how long an act may wait in it, and how many may. {@link WaitingActs} has the order of lanes. */
public enum Lane {
    /** A person waits. An act of another system goes to {@link #SYSTEM}. */
    DESK(2_000, 4_096),
    /** Another system waits. */
    SYSTEM(2_000, 4_096),
    /** Nobody waits, such as for a piece of an import. */
    BULK(600_000, 1_024);

    private final long waitMillis;
    private final int places;

    Lane(long waitMillis, int places) {
        this.waitMillis = waitMillis;
        this.places = places;
    }

    /** Returns the lane of an act that was submitted to this one. */
    Lane forActor(Actor actor) {
        return this == DESK && actor.kind() == Actor.Kind.CLIENT ? SYSTEM : this;
    }

    /** Returns how long an act may wait, in milliseconds. */
    long waitMillis() {
        return waitMillis;
    }

    /** Returns how many acts may wait. */
    int places() {
        return places;
    }
}
