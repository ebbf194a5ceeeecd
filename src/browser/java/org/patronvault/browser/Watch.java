package org.patronvault.browser;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Response;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What must never happen while somebody uses a page: a violation of the content security policy, an error on the
 * console or in a script, a request that leaves the vault, an answer 5xx, a part of a page that is not there.
 */
final class Watch {
    /** Chromium tells violations on its console too, but not those that it only reports. */
    private static final String TELL_VIOLATIONS = """
            document.addEventListener("securitypolicyviolation", (event) =>
              console.error("CSP: " + event.effectiveDirective + " refused " + (event.blockedURI || "inline") + " "
                + event.sample));
            """;

    /** An answer 4xx is what a test asks for; those to parts of a page are faults by {@link #answered}. */
    private static final String REFUSED = "Failed to load resource: the server responded with a status of ";

    /** What a person asks for, by an address, a form or a script. */
    private static final Set<String> ASKED = Set.of("document", "xhr", "fetch");

    private final String origin;
    private final Optional<String> provider;
    private final Set<Integer> allowed = new HashSet<>();
    private final List<String> faults = new ArrayList<>();

    private Watch(String origin, Optional<String> provider) {
        this.origin = origin;
        this.provider = provider;
    }

    /**
     * Watches every page of that context, to which nothing but {@code origin} is home.
     *
     * @param provider where one may go to sign on; what happens there is another's affair
     */
    static Watch over(BrowserContext context, String origin, Optional<String> provider) {
        Watch watch = new Watch(origin, provider);
        context.addInitScript(TELL_VIOLATIONS);
        context.onConsoleMessage(watch::said);
        context.onWebError(error -> watch.faults.add("error in a script: " + error.error()));
        context.onRequest(watch::asked);
        context.onResponse(watch::answered);
        return watch;
    }

    /** From now on answers with that status are no fault. */
    void allow(int status) {
        allowed.add(status);
    }

    /** Tells something beside what it sees by itself. */
    void note(String fault) {
        faults.add(fault);
    }

    private void said(ConsoleMessage message) {
        if (message.type().equals("error")
                && !isProviders(message.location())
                && !message.text().startsWith(REFUSED)) {
            faults.add("console: " + message.text() + " (" + message.location() + ")");
        }
    }

    private boolean isProviders(String url) {
        return provider.filter(url::startsWith).isPresent();
    }

    private void asked(Request request) {
        if (!request.url().startsWith(origin)
                && !isProviders(request.url())
                && !request.url().startsWith("data:")) {
            faults.add("request that leaves the vault: " + request.method() + " " + request.url());
        }
    }

    private void answered(Response response) {
        int status = response.status();
        boolean missing = status >= 400 && !ASKED.contains(response.request().resourceType());
        if ((status >= 500 || missing) && !isProviders(response.url()) && !allowed.contains(status)) {
            faults.add("answer " + status + ": " + response.request().method() + " " + response.url());
        }
    }

    /** What has happened so far. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    /** The same, and forgets it: for who provokes a fault to see that it is found. */
    List<String> take() {
        List<String> taken = faults();
        faults.clear();
        return taken;
    }
}
