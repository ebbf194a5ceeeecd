package org.patronvault.web.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.model.PatronId;

/** The parts of an HTTP request that the vault reads, whichever layer of the server it comes from. */
public interface ReceivedRequest {
    /** Returns the request as Javalin's servlet has it. */
    static ReceivedRequest of(Context ctx) {
        return new JavalinRequest(ctx);
    }

    /** The method as sent. */
    String method();

    /** The path as sent, without the query. */
    String path();

    /** The query as sent, without the question mark. */
    Optional<String> query();

    /** The first value of a header. */
    Optional<String> header(String name);

    /** Every value of a header, in order. */
    List<String> headers(String name);

    /** The body, which has arrived. It can be read once. */
    InputStream body() throws IOException;

    /** The peer's address, which may be a proxy's. */
    String peer();

    /** The port that the request came in by. */
    int localPort();

    /** The patron ID in the path. A malformed ID counts as unknown. */
    Optional<PatronId> patron();
}
