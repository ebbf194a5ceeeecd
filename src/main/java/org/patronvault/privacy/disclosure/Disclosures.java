package org.patronvault.privacy.disclosure;

import java.time.Clock;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.patronvault.access.Access;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.store.Store;
import org.patronvault.patron.Patrons;

/** The entry point to the use cases around disclosure. */
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

    /** The people who handle requests in the director's place. */
    public Designations designations() {
        return designations;
    }

    /** The written permissions of patrons. */
    public WrittenPermissions permissions() {
        return permissions;
    }

    /** The requests: recording and reading. */
    public Cases cases() {
        return cases;
    }

    /** The steps of requests. */
    public CaseWorkflow acts() {
        return acts;
    }

    /** The step that discloses records. */
    public CaseReleases releases() {
        return releases;
    }

    /** The numbers of requests. */
    public CaseCounts numbers() {
        return numbers;
    }

    /** The log entries that the caller must not see. */
    public Predicate<AccessEvent> hidden(Caller caller) {
        return cases.hidden(caller);
    }

    /** The numbers of damaged cases and permissions. */
    public List<CaseId> damaged() {
        return store.read(tx -> Stream.concat(cases.damaged(tx).stream(), permissions.damaged(tx).stream())
                .toList());
    }

    /** Removes the permissions of erased patrons. To be called now and then, by one thread. */
    public void tidy() {
        permissions.tidy();
    }
}
