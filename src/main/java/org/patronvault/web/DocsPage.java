package org.patronvault.web;

import io.javalin.config.RoutesConfig;

/** The interface's description as a page. */
final class DocsPage {
    void register(RoutesConfig routes) {}
}
