package org.patronvault.privacy.disclosure;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Optional;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** A point in time as people write it: a time with its offset, or a day in the library's time zone. */
final class DateOrTime {
    private DateOrTime() {}

    /** Reads the start of a period: of a day, its beginning. */
    static Instant from(String text, String member) {
        return read(text, member, 0);
    }

    /** Reads the end of a period: of a day, its end. */
    static Instant until(String text, String member) {
        return read(text, member, 1);
    }

    private static Instant read(String text, String member, int days) {
        try {
            Instant read = text.contains("T")
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDate.parse(text)
                            .plusDays(days)
                            .atStartOfDay(ZoneId.systemDefault())
                            .toInstant();
            return Optional.of(read)
                    .filter(at -> at.isAfter(Instant.EPOCH) && at.isBefore(Instant.parse("9999-01-01T00:00:00Z")))
                    .orElseThrow(() -> wrong(member));
        } catch (DateTimeException e) {
            throw wrong(member);
        }
    }

    private static Refused wrong(String member) {
        return new Refused(
                Problem.INVALID, member + " is a day, such as 2026-11-24, or a time, such as 2026-11-24T15:04:05Z.");
    }
}
