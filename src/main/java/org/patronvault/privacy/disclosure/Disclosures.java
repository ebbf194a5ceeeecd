package org.patronvault.privacy.disclosure;

import java.time.Clock;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.patronvault.access.Access;
import org.patronvault.access.Caller;
import org.patronvault.audit.AccessEvent;
import org.patronvault.audit.AuditLog;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.CaseId;
import org.patronvault.patron.Patrons;
import org.patronvault.store.Store;

/** The use cases around disclosure, put together. */
public final class Disclosures {
    private final Store store;
    private final Designations designations;
    private final WrittenPermissions permissions;
    private final Cases cases;
    private final CaseWorkflow acts;
    private final CaseReleases releases;
    private final CaseCounts numbers;

    /** Use cases over that store, ring, log, access and patrons. */
    public Disclosures(Store store, KeyCustody custody, Access access, AuditLog log, Patrons patrons, Clock clock) {
        this.store = store;
        this.designations = new Designations(store, access, log);
        this.permissions = new WrittenPermissions(store, custody, access, log);
        this.cases = new Cases(store, custody, access, log, new CaseParties(store, access, log, designations));
        CaseDecisionRules decisions = new CaseDecisionRules(store, access, cases, permissions);
        this.acts = new CaseWorkflow(store, access, log, cases, designations, decisions);
        this.releases =
                new CaseReleases(store, custody, access, log, acts, decisions, cases, patrons.releasing(), clock);
        this.numbers = new CaseCounts(store, cases, clock, System::nanoTime);
    }

    /** Who handles requests in the director's place. */
    public Designations designations() {
        return designations;
    }

    /** What patrons have permitted in writing. */
    public WrittenPermissions permissions() {
        return permissions;
    }

    /** Requests, taken down and looked at. */
    public Cases cases() {
        return cases;
    }

    /** Their steps. */
    public CaseWorkflow acts() {
        return acts;
    }

    /** The step at which records are handed out. */
    public CaseReleases releases() {
        return releases;
    }

    /** How many there were. */
    public CaseCounts numbers() {
        return numbers;
    }

    /** Which entries of the log that one does not see. */
    public Predicate<AccessEvent> hidden(Caller caller) {
        return cases.hidden(caller);
    }

    /** The numbers of cases and permissions that are not as they were written last. */
    public List<CaseId> damaged() {
        return store.read(tx -> Stream.concat(cases.damaged(tx).stream(), permissions.damaged(tx).stream())
                .toList());
    }

    /** Removes what is about patrons who are not here any more. To be called now and then, by one thread. */
    public void tidy() {
        permissions.tidy();
    }
}
