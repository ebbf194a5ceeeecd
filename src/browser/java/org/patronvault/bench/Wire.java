package org.patronvault.bench;

import com.google.gson.JsonObject;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import java.util.HashSet;
import java.util.Set;

/** What a page receives from the network, headers included, as Chromium counts it. */
final class Wire {
    private final Page page;
    private final Set<String> underWay = new HashSet<>();
    private double bytes;

    private Wire(Page page) {
        this.page = page;
    }

    /** Listens from now on. */
    static Wire of(Page page) {
        Wire wire = new Wire(page);
        CDPSession session = page.context().newCDPSession(page);
        session.on("Network.requestWillBeSent", wire::sent);
        session.on("Network.loadingFinished", wire::finished);
        session.on("Network.loadingFailed", event -> wire.underWay.remove(id(event)));
        session.send("Network.enable");
        return wire;
    }

    private static String id(JsonObject event) {
        return event.get("requestId").getAsString();
    }

    private void sent(JsonObject event) {
        underWay.add(id(event));
        if (event.has("redirectResponse")) {
            count(event.getAsJsonObject("redirectResponse"));
        }
    }

    private void finished(JsonObject event) {
        underWay.remove(id(event));
        count(event);
    }

    private void count(JsonObject received) {
        bytes += received.get("encodedDataLength").getAsDouble();
    }

    /** Bytes received since it was asked last, once nothing is under way. */
    double taken() {
        page.waitForCondition(underWay::isEmpty);
        double taken = bytes;
        bytes = 0;
        return taken;
    }
}
