package org.patronvault.access;

import org.patronvault.keys.KeyCustody;
import org.patronvault.store.Tx;

/**
 * The commissioning phase: one administrator may set everything up until the first patron is stored, and never again.
 */
final class Commissioning {
    private final KeyCustody custody;

    Commissioning(KeyCustody custody) {
        this.custody = custody;
    }

    /**
     * Whether commissioning goes on. The ring remembers its end if the database was emptied. The database shows patrons
     * that another node stored.
     */
    boolean isOn(Tx tx) {
        return !custody.keys().isCommissioned() && tx.patrons().neverAny();
    }
}
