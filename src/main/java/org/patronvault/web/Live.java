package org.patronvault.web;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;

/** Answers to a page that asks by itself, every now and then, whether a part of it has changed (htmx). */
final class Live {
    private Live() {}

    /** It is as the page has it. */
    static void asItWas(Context ctx) {
        ctx.header("Cache-Control", "no-store");
        ctx.status(HttpStatus.NO_CONTENT);
    }

    /** Has the browser load that path, as if its person had gone there: the page is over. */
    static void goTo(Context ctx, String path) {
        ctx.header("Cache-Control", "no-store");
        ctx.header("HX-Redirect", path);
    }
}
