package org.patronvault.cli;

import java.util.Optional;

/** Asks whoever sits at the terminal where a command was typed, though a server may carry it out. */
@FunctionalInterface
interface Prompt {
    /** Nobody sits there. */
    Prompt NOBODY = (question, echo) -> Optional.empty();

    /**
     * What was typed after {@code question}, without the line's end; empty if nobody sits there, or has left.
     *
     * @param echo whether what is typed is shown
     */
    Optional<String> ask(String question, boolean echo);
}
