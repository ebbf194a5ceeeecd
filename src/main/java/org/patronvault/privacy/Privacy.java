package org.patronvault.privacy;

import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Optional;
import org.patronvault.access.Access;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.store.Store;
import org.patronvault.log.count.DayCounter;
import org.patronvault.log.count.MonthCounter;
import org.patronvault.log.report.AccessHistory;
import org.patronvault.log.report.AlertQueue;
import org.patronvault.log.report.LogOverview;
import org.patronvault.log.retention.LogRetention;
import org.patronvault.patron.Patrons;
import org.patronvault.privacy.disclosure.Disclosures;
import org.patronvault.privacy.entitlement.Entitlements;
import org.patronvault.privacy.entitlement.PinSettings;
import org.patronvault.privacy.entitlement.Vendors;
import org.patronvault.privacy.mailing.Mailings;
import org.patronvault.privacy.mailing.Unsubscribing;
import org.patronvault.privacy.retention.Retention;
import org.patronvault.privacy.statistics.Statistics;
import org.patronvault.privacy.transparency.Transparency;

/** The entry point to the use cases that carry out the posted policy. */
public final class Privacy implements AutoCloseable {
    private final Entitlements entitlements;
    private final AccessHistory history;
    private final LogRetention logRetention;
    private final Statistics statistics;
    private final Retention retention;
    private final PatronPackages packages;
    private final Mailings mailings;
    private final Unsubscribing unsubscribing;
    private final Transparency transparency;
    private final DayCounter days;
    private final Disclosures disclosures;
    private final LogOverview logOverview;
    private final Vendors vendors;

    /**
     * Use cases over that store, ring, log, access and patrons.
     *
     * @param node the directory for this node's list of due months
     * @param publicUrl the address of the public pages, without a slash at its end, if it is known
     * @param pins the settings of the system that verifies PINs
     */
    public Privacy(
            Store store,
            KeyCustody custody,
            AuditLog log,
            Access access,
            Patrons patrons,
            Path node,
            Optional<String> publicUrl,
            PinSettings pins,
            Clock clock) {
        this.entitlements = new Entitlements(store, custody, access, log, patrons, pins, clock);
        this.disclosures = new Disclosures(store, custody, access, log, patrons, clock);
        this.history = new AccessHistory(store, access, log, disclosures::hidden);
        this.logRetention = new LogRetention(store, custody, log, access, node, clock);
        this.packages = new PatronPackages(patrons, history, clock);
        this.statistics = new Statistics(store, custody, access, log, clock);
        this.retention = new Retention(store, custody, access, log, patrons.manyErasures(), clock, System::nanoTime);
        this.mailings = new Mailings(store, custody, access, log, patrons, publicUrl, clock);
        this.unsubscribing = new Unsubscribing(custody, log, patrons);
        this.transparency =
                new Transparency(access, new MonthCounter(store, custody, log, clock), disclosures.numbers(), clock);
        this.days = new DayCounter(store, clock, ZoneId.systemDefault());
        this.logOverview = new LogOverview(access, log, new AlertQueue(store, access, log, disclosures::hidden), days);
        this.vendors = new Vendors(access, log, days, clock);
    }

    /** Entitlement checks (P8). */
    public Entitlements entitlements() {
        return entitlements;
    }

    /** The questions and answers of each vendor (P8). */
    public Vendors vendors() {
        return vendors;
    }

    /** The access history. */
    public AccessHistory history() {
        return history;
    }

    /** Disclosures to recipients outside the library (P3, P10). */
    public Disclosures disclosures() {
        return disclosures;
    }

    /** The overview of the log. */
    public LogOverview logOverview() {
        return logOverview;
    }

    /** All data held of a patron, for the patron. */
    public PatronPackages packages() {
        return packages;
    }

    /** The retention of the log. */
    public LogRetention logRetention() {
        return logRetention;
    }

    /** The retention of patron records (P6). */
    public Retention retention() {
        return retention;
    }

    /** Numbers of patrons (P4). */
    public Statistics statistics() {
        return statistics;
    }

    /** Lists of patrons who consented to mail (P9). */
    public Mailings mailings() {
        return mailings;
    }

    /** Withdrawal of that consent by the link in a mail (P9). */
    public Unsubscribing unsubscribing() {
        return unsubscribing;
    }

    /** The public numbers of a year. */
    public Transparency transparency() {
        return transparency;
    }

    /** Writes the numbers counted in memory to the log. */
    public void logCounts() {
        entitlements.logCounts();
        unsubscribing.logCounts();
    }

    @Override
    public void close() {
        days.close();
        transparency.close();
        retention.close();
        logRetention.close();
    }
}
