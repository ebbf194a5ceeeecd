package org.patronvault.web.page.admin;

import io.javalin.config.RoutesConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.access.session.Sessions;
import org.patronvault.web.page.PageSession;
import org.patronvault.web.page.admin.AdminPageFlow.Part;
import org.patronvault.web.page.admin.AdminPageFlow.Result;
import org.patronvault.web.page.admin.AdminPageFlow.Visit;

/** The page {@code /admin/sessions}: the open sessions of all staff, which an administrator can end. */
final class AdminSessions {
    private final AdminPageFlow room;
    private final Sessions sessions;

    AdminSessions(AdminPageFlow room) {
        this.room = room;
        this.sessions = room.access().sessions();
    }

    void register(RoutesConfig routes) {
        room.look(routes, Part.SESSIONS, this::show);
        room.act(routes, Part.SESSIONS, "/admin/sessions/end", this::show, this::end);
    }

    private Result end(Visit visit) {
        sessions.end(visit.caller().actor(), true, visit.text("session"));
        return Result.done(visit.t().say("admin.sessions.ended"));
    }

    private void show(Visit visit, Result told) {
        room.page(
                "admin-sessions.jte",
                visit,
                told,
                Part.SESSIONS,
                Map.of("sessions", open(sessions, Optional.empty(), visit.signed())));
    }

    /** Lists the open sessions of {@code user}, or of everyone if empty. */
    static List<AdminView.OpenSession> open(Sessions sessions, Optional<String> user, PageSession.Signed signed) {
        String current = sessions.idOf(signed.token());
        return sessions.open(user).stream()
                .map(one -> new AdminView.OpenSession(
                        one.id(),
                        one.user(),
                        one.role(),
                        one.library(),
                        one.started(),
                        one.expires(),
                        one.used(),
                        one.id().equals(current)))
                .toList();
    }
}
