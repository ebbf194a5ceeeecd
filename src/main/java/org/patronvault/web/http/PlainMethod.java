package org.patronvault.web.http;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;

/** A request whose method no header can override. */
public final class PlainMethod extends Request.Wrapper {
    private static final String OVERRIDE = "X-HTTP-Method-Override";

    private final HttpFields headers;

    private PlainMethod(Request request) {
        super(request);
        this.headers = HttpFields.build(request.getHeaders()).remove(OVERRIDE).asImmutable();
    }

    public static Request of(Request request, HttpFields.Mutable answer) {
        return request.getHeaders().contains(OVERRIDE) ? new PlainMethod(request) : request;
    }

    @Override
    public HttpFields getHeaders() {
        return headers;
    }
}
