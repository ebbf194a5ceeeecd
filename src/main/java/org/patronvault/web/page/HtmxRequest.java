package org.patronvault.web.page;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;

/** Answers to htmx requests, in which a browser with an open page asks for a part of it. */
public final class HtmxRequest {
    private HtmxRequest() {}

    /** Whether the request asks for a part. */
    public static boolean isPart(Context ctx) {
        return "true".equals(ctx.header("HX-Request"));
    }

    /** Answers that the part is unchanged. */
    public static void asItWas(Context ctx) {
        ctx.status(HttpStatus.NO_CONTENT);
    }

    /** Updates only the notice: the requested part stays as it is. */
    public static void butTheNotice(Context ctx) {
        ctx.header("HX-Reswap", "none");
    }

    /** Makes the browser load {@code path} as a new page, because the open page is over. */
    public static void goTo(Context ctx, String path) {
        ctx.status(HttpStatus.NO_CONTENT);
        ctx.header("HX-Redirect", path);
    }
}
