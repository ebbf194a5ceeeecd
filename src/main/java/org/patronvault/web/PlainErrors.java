package org.patronvault.web;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.patronvault.core.model.Refused;
import org.patronvault.web.http.Problems;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.http.SecurityHeaders;
import org.patronvault.web.page.PageRenderer;

/**
 * Jetty's error handler, which answers requests that reach no route with problem documents: unreadable ones, and ones
 * for another host or protocol. Jetty's own pages repeat the address.
 */
public final class PlainErrors extends ErrorHandler {
    private static final String HTML = "text/html";

    private final PageRenderer pages = new PageRenderer();
    private final SecurityHeaders headers;

    public PlainErrors(SecurityHeaders headers) {
        this.headers = headers;
    }

    /** Covers every method: Jetty would use this handler for few, and answer the others without a body. */
    @Override
    public boolean errorPageForMethod(String method) {
        return true;
    }

    @Override
    protected void generateResponse(
            Request request, Response response, int code, String message, Throwable cause, Callback callback) {
        headers.put(response.getHeaders());
        boolean page = code == HttpStatus.MISDIRECTED_REQUEST_421
                && RequestReader.prefers(request.getHeaders().get(HttpHeader.ACCEPT), HTML, "application/json");
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, page ? HTML + ";charset=utf-8" : Problems.MEDIA_TYPE);
        // It is uncertain where such a request ends, and whether its answer may have a body.
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        if (code == HttpStatus.SERVICE_UNAVAILABLE_503) {
            response.getHeaders()
                    .put(HttpHeader.RETRY_AFTER, Problems.ofStatus(code).retryAfterSeconds());
        }
        response.write(
                true,
                page ? bytes(pages.render("misdirected.jte", Map.of())) : document(code, cause, response.getHeaders()),
                callback);
    }

    @Override
    @SuppressWarnings("removal")
    public ByteBuffer badMessageError(int status, String reason, HttpFields.Mutable fields) {
        headers.put(fields);
        fields.put(HttpHeader.CONTENT_TYPE, Problems.MEDIA_TYPE);
        return document(status, null, fields);
    }

    private static ByteBuffer document(int status, Throwable cause, HttpFields.Mutable fields) {
        if (status == HttpStatus.UPGRADE_REQUIRED_426) {
            fields.put(HttpHeader.UPGRADE, HttpVersion.HTTP_1_1.asString());
        }
        return bytes((cause instanceof Refused refused ? Problems.plain(status, refused) : Problems.plain(status))
                .toString());
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
