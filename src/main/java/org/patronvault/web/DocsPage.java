package org.patronvault.web;

import io.javalin.config.RoutesConfig;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The interface's description as a page, written once from {@code openapi.yaml}; it needs no script. */
final class DocsPage {
    /** Made when it is first asked for, since a start should not wait for it. */
    private static final class Page {
        static final byte[] BYTES = new PageRenderer()
                .render("docs.jte", Map.of("docs", DocsReader.read(PublicApi.openApi())))
                .getBytes(StandardCharsets.UTF_8);
    }

    void register(RoutesConfig routes) {
        routes.get("/docs", ctx -> {
            StreamedResponses.shared(ctx, Page.BYTES);
            ctx.contentType("text/html; charset=utf-8");
        });
    }
}
