package org.patronvault.web;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;

/** Answers to a browser that has the page and asks for a part of it (htmx). */
final class HtmxRequest {
    private HtmxRequest() {}

    /** Whether it does. */
    static boolean isPart(Context ctx) {
        return "true".equals(ctx.header("HX-Request"));
    }

    /** It is as the page has it. */
    static void asItWas(Context ctx) {
        ctx.status(HttpStatus.NO_CONTENT);
    }

    /** Of the answer only the notice is taken: the part that was asked for stays as it is. */
    static void butTheNotice(Context ctx) {
        ctx.header("HX-Reswap", "none");
    }

    /** Has the browser load that path, as if its person had gone there: the page is over. */
    static void goTo(Context ctx, String path) {
        ctx.status(HttpStatus.NO_CONTENT);
        ctx.header("HX-Redirect", path);
    }
}
