package org.patronvault.web;

import io.javalin.config.RoutesConfig;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The API description as a page without script, rendered once from {@code openapi.yaml}. */
final class DocsPage {
    /** The page, rendered on first use so that it does not delay the start. */
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
