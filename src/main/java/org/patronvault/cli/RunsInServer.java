package org.patronvault.cli;

import java.util.Map;
import org.patronvault.app.Home;

/** A command that the server on its home carries out, where one runs. */
interface RunsInServer {
    /** The home it is about. */
    Home home();

    /** Every secret it names, read now, for whoever carries it out. */
    Map<String, byte[]> secrets();

    /** Whether it goes there at all. */
    default boolean isForServer() {
        return true;
    }
}
