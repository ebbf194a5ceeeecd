package org.patronvault.web.http;

import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.patronvault.core.model.PatronId;

/** A request of Jetty, which no servlet has seen. */
record JettyRequest(Request request, Optional<PatronId> patron) implements ReceivedRequest {
    @Override
    public String method() {
        return request.getMethod();
    }

    @Override
    public String path() {
        return request.getHttpURI().getPath();
    }

    @Override
    public Optional<String> query() {
        return Optional.ofNullable(request.getHttpURI().getQuery());
    }

    @Override
    public Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeaders().get(name));
    }

    @Override
    public List<String> headers(String name) {
        return request.getHeaders().getValuesList(name);
    }

    @Override
    public InputStream body() {
        return Content.Source.asInputStream(request);
    }

    @Override
    public String peer() {
        return Request.getRemoteAddr(request);
    }

    @Override
    public int localPort() {
        return Request.getLocalPort(request);
    }
}
