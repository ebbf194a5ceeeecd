package org.patronvault.web;

import io.javalin.config.RoutesConfig;

/**
 * The pages under {@code /admin}: staff, API clients, approvals, sessions, the policy as a table, the vault's health.
 */
final class AdminPages {
    private final AdminPageFlow room;

    AdminPages(WebUseCases parts, WebSettings settings) {
        this.room = new AdminPageFlow(parts, settings);
    }

    void register(RoutesConfig routes) {
        new AdminStaff(room).register(routes);
        new AdminClients(room).register(routes);
        new AdminApprovals(room).register(routes);
        new AdminSessions(room).register(routes);
        new AdminPolicy(room).register(routes);
    }
}
