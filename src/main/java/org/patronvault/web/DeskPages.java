package org.patronvault.web;

import io.javalin.config.RoutesConfig;

/** The desk. */
final class DeskPages {
    DeskPages(WebParts parts, Requests requests, WebSettings settings) {}

    void register(RoutesConfig routes) {}
}
