package org.patronvault.cli.command;

import java.util.Map;
import org.patronvault.app.Home;

/** A command that runs in the home's server, if there is one. */
public interface RunsInServer {
    /** The home the command is about. */
    Home home();

    /** Reads every secret the command names now, for the process that runs it. */
    Map<String, byte[]> secrets();

    /** Whether the command goes to the server at all. */
    default boolean isForServer() {
        return true;
    }
}
