package org.patronvault.core.model;

import java.util.HexFormat;
import java.util.Optional;

/**
 * The random 64-bit number of one disclosure case (P10), never 0, written as 16 lower-case hexadecimal digits. In the
 * log it is only ever stored sealed.
 */
public record CaseId(long number) {

    public CaseId {
        if (number == 0) {
            throw new IllegalArgumentException("case must not be 0");
        }
    }

    /** The id written as {@code text}, or empty if it is no such id. */
    public static Optional<CaseId> parse(String text) {
        // Has the form of a patron's id.
        return PatronId.parse(text)
                .map(PatronId::number)
                .filter(number -> number != 0)
                .map(CaseId::new);
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(number);
    }
}
