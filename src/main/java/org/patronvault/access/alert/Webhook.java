package org.patronvault.access.alert;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.patronvault.access.external.ExternalEndpoint;

/** An alert receiver that posts alerts to one URL. */
final class Webhook implements AlertReceiver {
    private final ExternalEndpoint address;

    Webhook(URI url, Optional<Path> tokenFile) {
        this.address = new ExternalEndpoint(url, tokenFile);
    }

    @Override
    public String name() {
        return "webhook";
    }

    @Override
    public void deliver(byte[] json) throws Undelivered, InterruptedException {
        int status;
        try {
            status = address.post(json);
        } catch (ExternalEndpoint.Unanswered e) {
            throw new Undelivered(e.getMessage());
        }
        if (status < 200 || status > 299) {
            throw new Undelivered("it answers with status " + status);
        }
    }
}
