package org.patronvault.web.page.admin;

import io.javalin.config.RoutesConfig;
import org.patronvault.web.http.WebSettings;
import org.patronvault.web.http.WebUseCases;

/**
 * The pages under {@code /admin}: staff, API clients, approvals, sessions, the policy as a table, the vault's health.
 */
public final class AdminPages {
    private final AdminPageFlow room;

    public AdminPages(WebUseCases parts, WebSettings settings) {
        this.room = new AdminPageFlow(parts, settings);
    }

    public void register(RoutesConfig routes) {
        new AdminStaff(room).register(routes);
        new AdminClients(room).register(routes);
        new AdminApprovals(room).register(routes);
        new AdminSessions(room).register(routes);
        new AdminPolicy(room).register(routes);
    }
}
