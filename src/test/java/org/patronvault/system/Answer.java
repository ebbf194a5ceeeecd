package org.patronvault.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/** What the service answered to one call. */
record Answer(HttpResponse<byte[]> response) {
    private static final ObjectMapper JSON = new ObjectMapper();

    int status() {
        return response.statusCode();
    }

    /** A header, or empty text. */
    String header(String name) {
        return response.headers().firstValue(name).orElse("");
    }

    /** Media type without parameters, or empty text. */
    String mediaType() {
        return header("Content-Type").split(";", 2)[0].strip();
    }

    String text() {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    JsonNode json() {
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The last segment of the problem's type, or empty text. */
    String problem() {
        String type = json().path("type").asText();
        return type.substring(type.lastIndexOf('/') + 1);
    }

    /** Status and problem in one, such as {@code 403 not-allowed}. */
    String refusal() {
        return status() + " " + problem();
    }

    @Override
    public String toString() {
        return status() + " " + text();
    }
}
