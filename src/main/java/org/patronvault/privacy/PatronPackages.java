package org.patronvault.privacy;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.core.crypto.CmsRecipient;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.policy.Caller;
import org.patronvault.log.report.AccessHistory;
import org.patronvault.log.report.AccessReport;
import org.patronvault.patron.Patrons;
import org.patronvault.patron.transfer.SubjectAccess;

/** A maker of the packages that show patrons all data held of them. */
public final class PatronPackages {
    private final Patrons patrons;
    private final AccessHistory history;
    private final Clock clock;

    PatronPackages(Patrons patrons, AccessHistory history, Clock clock) {
        this.patrons = patrons;
        this.history = history;
        this.clock = clock;
    }

    /**
     * Returns all data held of a patron; in the log when this returns.
     *
     * @param zone the time zone of the shown times
     * @param certificate the certificate to encrypt to, in PEM, if there is one; read once the patron was found
     * @throws org.patronvault.core.model.Refused as {@link SubjectAccess#open} says
     */
    public PatronPackage make(
            Caller caller, Optional<PatronId> id, ZoneId zone, Supplier<Optional<String>> certificate, byte[] request) {
        SubjectAccess.Result<Optional<CmsRecipient>> opened =
                patrons.packaging().open(caller, id, () -> certificate.get().map(this::recipient), request);
        AccessReport accesses = history.report(opened.patron().id(), zone, opened.entry());
        return new PatronPackage(opened.patron(), patrons.json(), accesses, history.namesStaff(), opened.asked());
    }

    private CmsRecipient recipient(String pem) {
        return CmsRecipient.ofPem(pem.getBytes(StandardCharsets.UTF_8), clock);
    }
}
