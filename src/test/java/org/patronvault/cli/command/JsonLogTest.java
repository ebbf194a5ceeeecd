package org.patronvault.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/** Tests of events as JSON. */
final class JsonLogTest {
    private static final String SECRET = "O'Sullivan";

    private static JsonNode encoded(String logger, Throwable failure) throws Exception {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        Logger from = context.getLogger(logger);
        byte[] line = new JsonLog()
                .encode(new LoggingEvent("", from, Level.ERROR, "cannot happen:\n{}", failure, new Object[] {"here"}));
        assertThat(new String(line, java.nio.charset.StandardCharsets.UTF_8))
                .endsWith("}\n")
                .containsOnlyOnce("\n");
        return new ObjectMapper().readTree(line);
    }

    @Test
    void ofAFailureClassesAndPlacesAreInItAndNotItsWords() throws Exception {
        JsonNode json = encoded(
                "org.patronvault.web.page.desk.DeskPages",
                new IllegalStateException(SECRET, new NumberFormatException("For input string: " + SECRET)));

        assertThat(json.path("event").asText()).isEqualTo("desk-pages");
        assertThat(json.path("level").asText()).isEqualTo("error");
        assertThat(json.path("message").asText()).isEqualTo("cannot happen:\nhere");
        assertThat(json.path("trace").get(0).asText()).isEqualTo("java.lang.IllegalStateException");
        assertThat(json.path("trace").get(1).asText()).contains(JsonLogTest.class.getName());
        assertThat(json.toString()).doesNotContain(SECRET);
    }

    @Test
    void partThatIsANestedClassIsNamedByItself() throws Exception {
        JsonNode json = encoded("org.patronvault.app.Service$TlsRenewal", new IllegalStateException(SECRET));

        assertThat(json.path("event").asText()).isEqualTo("tls-renewal");
    }

    @Test
    void causesAreNamedToo() throws Exception {
        Exception short1 = new IllegalStateException(SECRET, new NumberFormatException(SECRET));
        short1.setStackTrace(new StackTraceElement[0]);

        assertThat(encoded("x", short1).path("trace").toString()).contains("java.lang.NumberFormatException");
    }
}
