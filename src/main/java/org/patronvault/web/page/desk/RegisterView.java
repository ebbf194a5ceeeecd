package org.patronvault.web.page.desk;

import java.util.List;
import java.util.Map;
import org.patronvault.web.page.DeskView;

/**
 * The model of the registration page. Prints {@code [REDACTED]}.
 *
 * @param registers whether this role may register patrons
 * @param typed the refused input, by field name
 * @param policy the posted policy version shown to the patron, or empty if none is posted, and then nobody registers
 */
public record RegisterView(
        DeskView.Staff staff,
        DeskView.Notice notice,
        boolean registers,
        Map<String, String> typed,
        List<DeskView.Choice> categories,
        List<DeskView.Choice> statuses,
        String policy) {

    public String typed(String field) {
        return typed.getOrDefault(field, "");
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
