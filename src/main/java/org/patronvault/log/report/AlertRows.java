package org.patronvault.log.report;

import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/** The reviews of alerts, as rows with a MAC: a forged or removed row hides no alert. */
final class AlertRows {
    private static final String KIND = "alert-review";

    /** The reviewer, the acting role, and the time in seconds since 1970. */
    record Row(String by, String role, long at) {
        Instant when() {
            return Instant.ofEpochSecond(at);
        }
    }

    private final Authority authority;
    private final AuditLog log;

    AlertRows(Authority authority, AuditLog log) {
        this.authority = authority;
        this.log = log;
    }

    /** The rows this process knows without a query: it verified them at the start, or wrote them. */
    Set<String> known() {
        return new HashSet<>(log.authority().names(KIND));
    }

    static String name(long alert) {
        return Long.toString(alert);
    }

    Optional<Row> find(Tx tx, long alert) {
        return authority.find(tx, KIND, name(alert), Row.class).map(Authority.Versioned::body);
    }

    void insert(WriteTx tx, long alert, Actor by, Instant at) {
        authority.insert(
                tx,
                KIND,
                name(alert),
                new Row(by.name(), by.role(), at.getEpochSecond()),
                new Refused(Problem.CHANGED_MEANWHILE, "Somebody has looked into it meanwhile."));
    }
}
