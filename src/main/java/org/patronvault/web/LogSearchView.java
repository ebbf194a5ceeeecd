package org.patronvault.web;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the page of the access log shows, ready to be written. Public because templates are compiled into a package of
 * their own.
 *
 * @param query what was typed and chosen, by its name
 * @param acts what can be chosen; the same of outcomes and purposes
 * @param visits newest first; empty before anything was asked for
 * @param next below which entry older ones are, if there may be any
 * @param makesPackages whether a patron's package is for this role
 * @param hasRoom whether there is more for this role than the search
 * @param room what there is beside the search; empty where what was found is shown
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

    /** What was typed or chosen there. */
    public String typed(String name) {
        return query.getOrDefault(name, "");
    }

    /**
     * One line.
     *
     * @param when day and time, from when to when
     * @param what the fields that were seen, or what was done
     * @param marks how it ended where that is worth a mark, such as "Refused"
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

    /** What the line unfolds to. */
    public record Entry(String index, String time, String act, String outcome, String fields, String patrons) {}
}
