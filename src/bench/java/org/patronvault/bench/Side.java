package org.patronvault.bench;

import java.io.IOException;
import java.nio.file.Path;

/** The vault, or its plaintext twin. */
interface Side {
    /** {@code vault} or {@code twin}. */
    String name();

    /**
     * Makes an empty database, ready for {@link #load}. What it holds is in {@code directory}, or, of a run on PostgreSQL,
     * in a database of that directory alone.
     */
    void prepare(Path directory) throws IOException;

    /**
     * Imports the file with the side's own command, in a process of its own.
     *
     * @return how many patrons were new
     */
    long load(Path directory, Path file) throws IOException, InterruptedException;

    /** The JDBC URL of what {@code directory} has. */
    String database(Path directory);

    /** Starts to serve what is in {@code directory}, and does not wait until it is ready. */
    JavaProcess serve(Path directory, int port) throws IOException;

    /** What a caller sends as bearer token; empty for nothing. */
    String token();

    /** The same of a vendor, who checks entitlement. */
    String vendorToken();
}
