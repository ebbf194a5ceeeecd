package org.patronvault.system;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;

/** What a server itself tells of many requests, at the end: of answers that nobody waited for, and of what was sent. */
final class ServerSaid {
    private ServerSaid() {}

    /**
     * What it says of failures, if there are more than are known.
     *
     * @param known how many of the answers were taken for one
     * @param passing the problems of answers of 500 and above that are none
     */
    static Optional<String> failure(RunningVault vault, int known, List<String> passing) {
        long excused = passing.stream()
                .mapToLong(type -> vault.counted("vault_http_refusals_total", "type=\"" + type + "\""))
                .sum();
        long counted = vault.failures() - excused;
        if (counted > known) {
            return Optional.of("the server counts " + counted + " answers of 500 and above");
        }
        return known == 0 && vault.server().printed().contains("cannot happen")
                ? Optional.of("the server says that something cannot happen")
                : Optional.empty();
    }

    /** What was made up for a request and is in its output. */
    static Optional<String> repeated(RunningVault vault) {
        Matcher printed = BadRequests.CANARY.matcher(vault.server().printed());
        return printed.find() ? Optional.of(printed.group() + " in the output") : Optional.empty();
    }
}
