package org.patronvault.custody.destroy;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.patronvault.access.KeyVersionUsage;
import org.patronvault.core.keys.ring.KeyName;

/**
 * An older version of a key with passwords, client keys or people who sign on by a provider that nobody used since the
 * rotation.
 *
 * @param owners their user names or clients
 * @param since when the next version was made
 * @param destroyed whether they open nothing any more
 */
public record KeptVersion(String field, int version, List<String> owners, Instant since, boolean destroyed) {

    /** The day on which it is due: from then on the version can be destroyed all the same. */
    public LocalDate until() {
        return day(since.plus(KeyVersionUsage.KEPT));
    }

    private static LocalDate day(Instant when) {
        return LocalDate.ofInstant(when, ZoneOffset.UTC);
    }

    /** Whether the owners had their time. */
    public boolean isDue(Instant now) {
        return destroyed || !now.isBefore(since.plus(KeyVersionUsage.KEPT));
    }

    /** How many, since when, and what a custodian does about it. */
    public String says(Instant now) {
        String what = field + " " + version + ": " + owners.size() + " " + kind() + (owners.size() == 1 ? "" : "s")
                + " not used since " + day(since) + " ("
                + String.join(", ", owners) + ")";
        if (!isDue(now)) {
            return what + ", kept until used or until " + until() + ".";
        }
        return what + (destroyed ? "; the version is destroyed." : ", due since " + until() + ".")
                + " Give each a new one: " + cure()
                + (destroyed ? "." : ". Then `keys destroy " + field + " " + version + "`.");
    }

    private String kind() {
        return switch (field) {
            case KeyName.TOKEN -> "client key";
            case KeyName.PEPPER -> "password";
            default -> "sign-on";
        };
    }

    private String cure() {
        return switch (field) {
            case KeyName.TOKEN -> "`client rotate NAME`";
            case KeyName.PEPPER -> "`staff password NAME`";
            default -> "`staff unlink NAME`, then `staff link NAME CODE`";
        };
    }
}
