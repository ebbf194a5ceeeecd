package org.patronvault.access.alert;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.external.ExternalEndpoint;
import org.patronvault.access.external.ExternalProgram;

/** A receiver of alerts outside the vault. */
interface AlertReceiver {

    /** Thrown if an alert was not delivered. The reason holds nothing of the message, the address or the token. */
    final class Undelivered extends Exception {
        private static final long serialVersionUID = 1L;

        Undelivered(String why) {
            super(why, null, false, false);
        }
    }

    /** Returns the kind of receiver, for counts and messages. */
    String name();

    /** Delivers one alert as JSON; returns or throws within seconds. */
    void deliver(byte[] json) throws Undelivered, InterruptedException;

    /** A receiver that posts alerts to one URL. */
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

    /** A receiver that starts a program for each alert, with the alert on its standard input. */
    final class Command implements AlertReceiver {
        private final ExternalProgram program;

        Command(List<String> words, Path directory) {
            this.program = new ExternalProgram(words, directory);
        }

        @Override
        public String name() {
            return "command";
        }

        @Override
        public void deliver(byte[] json) throws Undelivered, InterruptedException {
            Optional<String> wrong = program.run(json);
            if (wrong.isPresent()) {
                throw new Undelivered(wrong.get());
            }
        }
    }
}
