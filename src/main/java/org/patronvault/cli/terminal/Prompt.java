package org.patronvault.cli.terminal;

import java.util.Optional;

/** A prompt at the terminal where the command was typed, even if a server runs the command. */
@FunctionalInterface
public interface Prompt {
    /** A prompt without a terminal. */
    Prompt NOBODY = (question, echo) -> Optional.empty();

    /**
     * Returns the answer to {@code question} without its line end, or empty without a person at the terminal.
     *
     * @param echo whether the input is shown
     */
    Optional<String> ask(String question, boolean echo);
}
