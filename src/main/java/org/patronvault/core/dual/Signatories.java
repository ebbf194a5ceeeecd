package org.patronvault.core.dual;

import java.util.Optional;

/**
 * The people behind an act that is carried out.
 *
 * @param asker the canonical name of the requester
 * @param second the canonical name of the approver; empty if none was needed
 * @param commissioning whether it happens in commissioning, when one administrator is enough for everything
 */
public record Signatories(String asker, Optional<String> second, boolean commissioning) {

    /** Returns the one person behind it; empty if two are, or in commissioning. */
    public String alone() {
        return commissioning || second.isPresent() ? "" : asker;
    }
}
