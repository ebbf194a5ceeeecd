package org.patronvault.web;

import java.util.List;
import java.util.Map;

/**
 * What the page to register a patron shows. Prints {@code [REDACTED]}.
 *
 * @param registers whether this role may
 * @param typed what was typed before it was refused, by the names of the fields
 * @param policy version of the posted policy that the patron is shown; empty if there is none, and then nobody registers
 */
public record RegisterView(
        DeskView.Staff staff,
        DeskView.Notice notice,
        boolean registers,
        Map<String, String> typed,
        List<DeskView.Choice> categories,
        List<DeskView.Choice> statuses,
        String policy) {

    /** What was typed into that field. */
    public String typed(String field) {
        return typed.getOrDefault(field, "");
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
