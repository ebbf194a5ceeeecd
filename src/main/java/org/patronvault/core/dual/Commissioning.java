package org.patronvault.core.dual;

import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.store.table.Tx;

/**
 * The commissioning phase: one administrator may set everything up until the first patron is stored, and never again.
 */
public final class Commissioning {
    private final KeyCustody custody;

    public Commissioning(KeyCustody custody) {
        this.custody = custody;
    }

    /**
     * Whether commissioning goes on. The ring remembers its end if the database was emptied. The database shows patrons
     * that another node stored.
     */
    public boolean isOn(Tx tx) {
        return !custody.keys().isCommissioned() && tx.patrons().neverAny();
    }
}
