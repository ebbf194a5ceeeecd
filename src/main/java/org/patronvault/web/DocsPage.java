package org.patronvault.web;

import io.javalin.config.RoutesConfig;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The interface's description as a page, written once from {@code openapi.yaml}; it needs no script. */
final class DocsPage {
    private final byte[] page = new Pages()
            .render("docs.jte", Map.of("docs", DocsReader.read(PublicApi.readOpenApi())))
            .getBytes(StandardCharsets.UTF_8);

    void register(RoutesConfig routes) {
        routes.get("/docs", ctx -> {
            ctx.result(page);
            ctx.contentType("text/html; charset=utf-8");
            ctx.header("Cache-Control", "no-store");
        });
    }
}
