package org.patronvault.web;

import java.util.List;
import java.util.Optional;

/**
 * What the pages of vendors show, ready to be written. Public because templates are compiled into a package of their own.
 */
public final class VendorView {
    private VendorView() {}

    /** All of them; empty for who may not see them. */
    public record VendorList(DeskView.Staff staff, DeskView.Notice notice, Optional<All> all) {}

    /** The list; {@code behind} says how much is to be counted yet, and is empty if nothing is. */
    public record All(String behind, List<Row> rows) {}

    /**
     * A vendor in the list.
     *
     * @param ended how it ended, in a word; empty if it did not
     * @param services their names
     * @param share of those that were answered, the entitled
     */
    public record Row(
            String name, String ended, List<String> services, String today, String days, String share, String last) {}

    /**
     * One vendor.
     *
     * @param row what the list says of it
     * @param over that its keys open nothing, in a sentence; empty if they do
     * @param series what the columns of the picture are made of
     * @param answers the names of what can come of a check, in the order of the numbers of {@code byService} and {@code
     *     byDay}
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

    /** A service, and in words what the policy says of it. */
    public record Service(String name, String words) {}

    /** Numbers of a service or a day, by answer, and how often was asked at all. */
    public record Line(String name, List<String> counts, String asked) {}

    /**
     * An account of the SIP2 gateway.
     *
     * @param now how many are connected, in words
     */
    public record Account(
            String login, String service, String now, String lastHeard, String refusedLogins, String brokenMessages) {}
}
