package org.patronvault.web.page.open;

import io.javalin.config.RoutesConfig;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.patronvault.web.api.PublicApi;
import org.patronvault.web.http.StreamedResponses;
import org.patronvault.web.page.PageRenderer;

/** The API description as a page without script, rendered once from {@code openapi.yaml}. */
public final class DocsPage {
    /** The page, rendered on first use so that it does not delay the start. */
    private static final class Page {
        static final byte[] BYTES = new PageRenderer()
                .render("docs.jte", Map.of("docs", DocsReader.read(PublicApi.openApi())))
                .getBytes(StandardCharsets.UTF_8);
    }

    public void register(RoutesConfig routes) {
        routes.get("/docs", ctx -> {
            StreamedResponses.shared(ctx, Page.BYTES);
            ctx.contentType("text/html; charset=utf-8");
        });
    }
}
