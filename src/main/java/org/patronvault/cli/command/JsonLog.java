package org.patronvault.cli.command;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/**
 * A log encoder that writes each event as one JSON object a line (metrics.md). For a failure it writes classes and code
 * positions, never messages, which could hold a value.
 */
public final class JsonLog extends EncoderBase<ILoggingEvent> {
    /** The logger of answers, which is otherwise silent. */
    private static final String CALLS = "org.patronvault.calls";

    private static final String SAID = "org.patronvault.said";
    private static final String EVENT = "event";
    private static final int MOST_PLACES = 40;

    /** Turns everything this process writes to standard error into events, and returns that stream. */
    public static PrintStream begin() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        JsonLog encoder = new JsonLog();
        encoder.setContext(context);
        encoder.start();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setOutputStream(System.err);
        appender.start();
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        root.addAppender(appender);
        context.getLogger(CALLS).setLevel(Level.INFO);
        PrintStream said = new EventPrintStream(new EventOutput());
        System.setErr(said);
        return said;
    }

    /** Reports a fatal end, as a line or as an event. */
    static void fail(PrintStream err, String sentence) {
        if (err instanceof EventPrintStream) {
            LoggerFactory.getLogger(SAID).error("{}", sentence);
        } else {
            err.println(sentence);
        }
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("time", event.getInstant().toString());
        json.put("level", event.getLevel().toString().toLowerCase(Locale.ROOT));
        json.put(EVENT, name(event));
        event.getMDCPropertyMap().forEach(json::put);
        List<KeyValuePair> members = event.getKeyValuePairs();
        if (members != null) {
            members.forEach(member -> put(json, member));
        }
        String message = event.getFormattedMessage();
        if (message != null && !message.isEmpty()) {
            json.put("message", message);
        }
        if (event.getThrowableProxy() != null) {
            trace(json.putArray("trace"), event.getThrowableProxy());
        }
        return (json + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The part of the vault that logs the event, unless the event has its own name. */
    private static String name(ILoggingEvent event) {
        String logger = event.getLoggerName();
        // A nested class is a part too, by its own name.
        return logger.substring(Math.max(logger.lastIndexOf('.'), logger.lastIndexOf('$')) + 1)
                .replaceAll("([a-z])([A-Z])", "$1-$2")
                .toLowerCase(Locale.ROOT);
    }

    private static void put(ObjectNode json, KeyValuePair member) {
        if (member.value instanceof Number number) {
            json.put(member.key, number.longValue());
        } else {
            json.put(member.key, String.valueOf(member.value));
        }
    }

    private static void trace(ArrayNode into, IThrowableProxy failure) {
        into.add(failure.getClassName());
        for (StackTraceElementProxy place : failure.getStackTraceElementProxyArray()) {
            if (into.size() >= MOST_PLACES) {
                return;
            }
            into.add(place.getSTEAsString());
        }
        if (failure.getCause() != null) {
            trace(into, failure.getCause());
        }
    }

    /** A stream that turns all printed text into events. */
    private static final class EventPrintStream extends PrintStream {
        EventPrintStream(EventOutput said) {
            super(said, true, StandardCharsets.UTF_8);
        }
    }

    /** An output that turns each printed line into an event. */
    private static final class EventOutput extends OutputStream {
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int one) {
            if (one == '\n') {
                String said = line.toString(StandardCharsets.UTF_8).strip();
                line.reset();
                if (!said.isEmpty()) {
                    LoggerFactory.getLogger(SAID).info("{}", said);
                }
            } else {
                line.write(one);
            }
        }
    }
}
