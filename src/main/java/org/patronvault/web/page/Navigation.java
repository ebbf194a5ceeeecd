package org.patronvault.web.page;

import java.util.List;
import org.patronvault.access.Access;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.privacy.disclosure.Cases;
import org.patronvault.web.page.admin.AccountPage;
import org.patronvault.web.page.admin.AdminPageFlow;
import org.patronvault.web.page.admin.VendorPages;
import org.patronvault.web.page.custody.CustodyPages;

/** The sections of the site. Each person sees links to the sections that the policy opens to them. */
public final class Navigation {
    /** A section, and the permissions of which any one opens it. */
    private record Target(String path, String key, List<Permission> any) {}

    /** Open to anyone who may approve, which is no single permission. */
    public static final String APPROVALS = "/admin/approvals";

    /** Open to anyone with a part in cases, which a designation may give. */
    public static final String CASES = "/cases";

    private static final List<Target> ALL = List.of(
            new Target("/", "room.desk", List.of()),
            new Target("/log", "room.log", List.of(Permission.READ_LOG, Permission.ACCESSES)),
            new Target(VendorPages.PATH, "room.vendors", List.of(Permission.READ_LOG, Permission.CLIENTS)),
            new Target(CASES, "room.cases", List.of()),
            new Target("/statistics", "room.statistics", List.of(Permission.STATISTICS)),
            new Target(CustodyPages.PATH, "room.custody", List.of(Permission.CUSTODY)),
            new Target(AdminPageFlow.PATH, "room.admin", List.of(Permission.STAFF, Permission.CLIENTS)),
            new Target(APPROVALS, "room.approvals", List.of()),
            new Target(AccountPage.PATH, "room.account", List.of()));

    private final Access access;
    private final Cases cases;

    Navigation(Access access, Cases cases) {
        this.access = access;
        this.cases = cases;
    }

    /** Returns the sections open to the caller, in page order. */
    List<DeskView.NavigationLink> of(Caller caller) {
        return ALL.stream()
                .filter(room -> !room.path().equals(APPROVALS) || access.hasPartInApprovals(caller))
                .filter(room -> !room.path().equals(CASES) || cases.hasPart(caller))
                .filter(room -> room.any().isEmpty()
                        || room.any().stream().anyMatch(permission -> access.may(caller, permission)))
                .map(room -> new DeskView.NavigationLink(
                        room.path(), room.key(), room.path().equals(APPROVALS) ? access.waitingFor(caller) : 0))
                .toList();
    }
}
