package org.patronvault.sip2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.Kiosk;

/** Tests that vendors get the documented answers: every exchange of the page is run, the login first. */
final class Sip2DocumentTest {
    private static final Path PAGE = Path.of("src/site/markdown/sip2.md");
    private static final String TIME = "20261124    083000";
    private static final String NOW = "20261124    090000";

    /** A message and its answer. */
    private record Exchange(String asked, String answered) {}

    private static List<Exchange> exchanges() throws IOException {
        List<Exchange> exchanges = new ArrayList<>();
        String asked = "";
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("> ") && !line.startsWith("> P8")) {
                asked = whole(line);
            } else if (line.startsWith("< ")) {
                exchanges.add(new Exchange(asked, whole(line)));
            }
        }
        return exchanges;
    }

    private static String whole(String line) {
        String message = line.substring(2).replace("{time}", TIME).replace("{now}", NOW);
        return message.endsWith("AZ") ? Kiosk.summed(message) : message;
    }

    @Test
    void everyExchangeIsAsItIsWritten() throws IOException {
        List<Exchange> written = new ArrayList<>(exchanges());
        Exchange login = written.stream()
                .filter(one -> one.asked().startsWith("93"))
                .findFirst()
                .orElseThrow();
        written.remove(login);
        written.add(0, login);
        assertThat(written).hasSizeGreaterThan(11);
        try (ServedGateway served = ServedGateway.of(ServedGateway.KIOSK, "/bin/sh", "-c", "grep -q pin...1234")) {
            served.vault().register("'card':'21234000000018','name':{'family':'Sullivan'}");
            served.vault().register("'card':'21234000000026','name':{'family':'Ng'},'expires':'2026-11-23'");
            served.vault().register("'card':'21234000000034','name':{'family':'Ng'},'status':'blocked'");
            try (Kiosk kiosk = Kiosk.at(served.port())) {
                for (Exchange one : written) {
                    assertThat(kiosk.ask(one.asked())).as(one.asked()).isEqualTo(one.answered());
                }
            }
        }
    }
}
