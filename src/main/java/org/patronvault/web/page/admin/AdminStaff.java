package org.patronvault.web.page.admin;

import io.javalin.config.RoutesConfig;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.StaffFacts;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Role;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.page.admin.AdminPageFlow.Done;
import org.patronvault.web.page.admin.AdminPageFlow.Part;
import org.patronvault.web.page.admin.AdminPageFlow.Result;
import org.patronvault.web.page.admin.AdminPageFlow.Visit;

/** The page {@code /admin}: staff accounts. An account's name is posted, never in the address. */
final class AdminStaff {
    private static final String NAME = "name";
    private static final String LIBRARY = "library";
    private static final String ROLE = "role";

    /** An act on an account, carried out or filed for approval. */
    @FunctionalInterface
    private interface Change {
        Approvals.Answer ask(Approvals.Requester asking, String name, Visit visit);
    }

    private final AdminPageFlow room;
    private final Accounts accounts;

    AdminStaff(AdminPageFlow room) {
        this.room = room;
        this.accounts = room.access().accounts();
    }

    void register(RoutesConfig routes) {
        room.look(routes, Part.STAFF, this::show);
        room.act(routes, Part.STAFF, "/admin/staff/find", this::show, visit -> Result.NOTHING);
        room.act(routes, Part.STAFF, "/admin/staff/open", this::show, this::open);
        room.act(routes, Part.STAFF, "/admin/staff/add", this::show, this::add);
        change(routes, "grant", (asking, name, visit) -> accounts.grant(asking, name, roles(visit)));
        change(routes, "revoke", (asking, name, visit) -> accounts.revoke(asking, name, roles(visit)));
        change(routes, "disable", (asking, name, visit) -> accounts.disable(asking, name));
        change(routes, "enable", (asking, name, visit) -> accounts.enable(asking, name));
        change(routes, "unlock", (asking, name, visit) -> accounts.unlock(asking, name));
        change(routes, "reset-password", (asking, name, visit) -> accounts.resetPassword(asking, name));
        change(routes, "reset-second-factor", (asking, name, visit) -> accounts.resetSecondFactor(asking, name));
        room.act(routes, Part.STAFF, "/admin/staff/end-sessions", this::show, this::endSessions);
    }

    private void change(RoutesConfig routes, String act, Change change) {
        room.act(routes, Part.STAFF, "/admin/staff/" + act, this::show, visit -> {
            String name = accounts.find(visit.text(NAME)).name();
            return Result.of(visit, Part.STAFF, act, name, room.once(visit, asking -> change.ask(asking, name, visit)));
        });
    }

    private static List<Role> roles(Visit visit) {
        return visit.form().filled(ROLE).map(Role::new).map(List::of).orElseThrow(() -> withoutRole(visit));
    }

    private static Refused withoutRole(Visit visit) {
        return RequestReader.invalid(visit.t().say("admin.staff.no-role"));
    }

    private Result open(Visit visit) {
        StaffFacts facts = accounts.find(visit.text(NAME));
        return Result.done(visit.t().say("admin.staff.opened", facts.name()));
    }

    private Result add(Visit visit) {
        List<Role> roles = visit.form().chosen(ROLE).stream().map(Role::new).toList();
        if (roles.isEmpty()) {
            throw withoutRole(visit);
        }
        String name = accounts.canonical(visit.text(NAME));
        Done done = room.once(
                visit,
                asking -> accounts.add(asking, name, roles, visit.text(LIBRARY).strip()));
        return Result.of(visit, Part.STAFF, "add", name, done);
    }

    private Result endSessions(Visit visit) {
        String name = accounts.find(visit.text(NAME)).name();
        int ended = room.access().sessions().endAll(visit.caller().actor(), name);
        return Result.done(visit.t().say("admin.staff.done.end-sessions", name, ended));
    }

    private void show(Visit visit, Result told) {
        boolean adding = visit.ctx().path().endsWith("/add");
        List<String> roles = room.access().policy().fields().roleNames();
        String sought = visit.text("q");
        Optional<AdminView.Account> open = adding && told.refused()
                ? Optional.empty()
                : named(visit.text(NAME))
                        .map(facts -> new AdminView.Account(
                                facts,
                                facts.name().equals(visit.caller().actor().name()),
                                roles.stream()
                                        .filter(role -> !facts.roles().contains(role))
                                        .toList()));
        AdminView.AccountDraft added = adding && told.refused()
                ? new AdminView.AccountDraft(
                        visit.text(NAME), visit.text(LIBRARY), visit.form().chosen(ROLE))
                : new AdminView.AccountDraft("", "", List.of());
        room.page(
                "admin-staff.jte",
                visit,
                told,
                Part.STAFF,
                Map.of(
                        "staff",
                        new AdminView.Staff(
                                found(sought), room.access().haveSecondFactor(), sought, open, roles, added)));
    }

    private Optional<StaffFacts> named(String name) {
        return accounts.list().stream()
                .filter(facts -> facts.name().equals(name.strip().toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    private List<StaffFacts> found(String sought) {
        String part = sought.strip().toLowerCase(Locale.ROOT);
        return accounts.list().stream()
                .filter(facts -> Stream.concat(Stream.of(facts.name(), facts.library()), facts.roles().stream())
                        .anyMatch(text -> text.toLowerCase(Locale.ROOT).contains(part)))
                .toList();
    }
}
