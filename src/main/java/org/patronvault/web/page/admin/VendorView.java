package org.patronvault.web.page.admin;

import java.util.List;
import java.util.Optional;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.log.LogPageView;

/** The models of the vendor pages. Public because templates are compiled into their own package. */
public final class VendorView {
    private VendorView() {}

    /** The list, or empty if the reader may not see it. */
    public record VendorList(DeskView.Staff staff, DeskView.Notice notice, Optional<All> all) {}

    /** All vendors. {@code behind} says how much is still uncounted, or is empty. */
    public record All(String behind, List<Row> rows) {}

    /**
     * A vendor in the list.
     *
     * @param ended how it ended, in a word, or empty
     * @param services names of its services
     * @param share of entitled answers among all answers
     */
    public record Row(
            String name, String ended, List<String> services, String today, String days, String share, String last) {}

    /**
     * One vendor.
     *
     * @param row its row in the list
     * @param over a sentence that its keys open nothing, or empty if they do
     * @param series the series of the chart
     * @param answers names of the possible answers, in the order of the numbers of {@code byService} and {@code byDay}
     * @param total all services together
     */
    public record VendorDetail(
            DeskView.Staff staff,
            Row row,
            String over,
            String reference,
            String expires,
            String behind,
            List<Service> services,
            LogPageView.Chart chart,
            List<LogPageView.Role> series,
            List<String> answers,
            List<Line> byService,
            Line total,
            List<Line> byDay,
            List<Account> accounts) {}

    /** A service, and the policy's rule for it in words. */
    public record Service(String name, String words) {}

    /** The counts of a service or a day, by answer, and the number of all requests. */
    public record Line(String name, List<String> counts, String asked) {}

    /**
     * An account of the SIP2 gateway.
     *
     * @param now connections in words
     */
    public record Account(
            String login, String service, String now, String lastHeard, String refusedLogins, String brokenMessages) {}
}
