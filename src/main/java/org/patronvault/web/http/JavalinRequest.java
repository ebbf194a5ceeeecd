package org.patronvault.web.http;

import io.javalin.http.Context;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.model.PatronId;

/** A request of Javalin's servlet. */
record JavalinRequest(Context ctx) implements ReceivedRequest {
    @Override
    public String method() {
        return ctx.req().getMethod();
    }

    @Override
    public String path() {
        return ctx.path();
    }

    @Override
    public Optional<String> query() {
        return Optional.ofNullable(ctx.queryString());
    }

    @Override
    public Optional<String> header(String name) {
        return Optional.ofNullable(ctx.header(name));
    }

    @Override
    public List<String> headers(String name) {
        return Collections.list(ctx.req().getHeaders(name));
    }

    @Override
    public InputStream body() {
        return ctx.bodyInputStream();
    }

    @Override
    public String peer() {
        return ctx.ip();
    }

    @Override
    public int localPort() {
        return ctx.req().getLocalPort();
    }

    @Override
    public Optional<PatronId> patron() {
        return RequestReader.patron(ctx);
    }
}
