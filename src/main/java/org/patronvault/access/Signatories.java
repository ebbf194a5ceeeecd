package org.patronvault.access;

import java.util.Optional;

/**
 * The people behind an act that is carried out.
 *
 * @param asker the canonical name of the one who asked for it
 * @param second the canonical name of the one who agreed; empty if nobody had to
 * @param commissioning whether it is done in commissioning, when one administrator is enough for everything
 */
public record Signatories(String asker, Optional<String> second, boolean commissioning) {

    /** The one person behind it; empty if two are, or in commissioning. */
    String alone() {
        return commissioning || second.isPresent() ? "" : asker;
    }
}
