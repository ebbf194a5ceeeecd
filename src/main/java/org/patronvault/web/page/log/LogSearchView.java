package org.patronvault.web.page.log;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.patronvault.web.page.DeskView;

/**
 * The model of the access log's search. Public because templates are compiled into their own package.
 *
 * @param query the input by field name
 * @param acts the acts to choose from, with outcomes and purposes alike
 * @param visits newest first, or empty before a search
 * @param next the entry below which older ones may follow, if any
 * @param makesPackages whether this role may make a patron's package
 * @param hasRoom whether this role sees more than the search
 * @param room the rest of the page, or empty if results are shown
 */
public record LogSearchView(
        DeskView.Staff staff,
        DeskView.Notice notice,
        Map<String, String> query,
        List<DeskView.Choice> purposes,
        List<DeskView.Choice> acts,
        List<DeskView.Choice> outcomes,
        List<Visit> visits,
        Optional<String> next,
        boolean makesPackages,
        boolean hasRoom,
        Optional<LogPageView> room) {

    public String typed(String name) {
        return query.getOrDefault(name, "");
    }

    /**
     * One line: a visit.
     *
     * @param when day and time, from first to last entry
     * @param what the revealed fields, or the act
     * @param marks notable outcomes, such as "Refused"
     */
    public record Visit(
            String when,
            String who,
            String role,
            String why,
            String what,
            List<String> patrons,
            List<String> marks,
            List<Entry> entries) {}

    /** An entry of an unfolded visit. */
    public record Entry(String index, String time, String act, String outcome, String fields, String patrons) {}
}
