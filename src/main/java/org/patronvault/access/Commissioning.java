package org.patronvault.access;

import org.patronvault.keys.KeyCustody;
import org.patronvault.store.Tx;

/** Whether one administrator may still set everything up: until the first patron is stored, and never again. */
final class Commissioning {
    private final KeyCustody custody;

    Commissioning(KeyCustody custody) {
        this.custody = custody;
    }

    /** The ring remembers the end where the database was emptied; the database knows of what another node stored. */
    boolean isOn(Tx tx) {
        return !custody.keys().isCommissioned() && tx.patrons().neverAny();
    }
}
