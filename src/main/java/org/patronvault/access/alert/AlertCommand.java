package org.patronvault.access.alert;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.patronvault.access.external.ExternalProgram;

/** An alert receiver that starts a program for each alert, with the alert on its standard input. */
final class AlertCommand implements AlertReceiver {
    private final ExternalProgram program;

    AlertCommand(List<String> words, Path directory) {
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
