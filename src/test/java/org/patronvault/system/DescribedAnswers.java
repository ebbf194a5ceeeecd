package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.patronvault.web.OpenApiDocument;

/** Holds real answers against the document of the HTTP interface, and remembers which were seen. */
final class DescribedAnswers {
    private final OpenApiDocument document = OpenApiDocument.load();
    private final Set<String> seen = new TreeSet<>();

    List<OpenApiDocument.Operation> operations() {
        return document.operations();
    }

    /** The operation of that operationId. */
    OpenApiDocument.Operation operation(String id) {
        return operations().stream()
                .filter(o -> o.node().path("operationId").asText().equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no operation " + id));
    }

    /** Whether the operation describes an answer of that status. */
    boolean describes(OpenApiDocument.Operation operation, int status) {
        return operation.node().path("responses").has(Integer.toString(status));
    }

    /** Fails unless the answer has the status, which is described, and media type, headers and body are as described. */
    Answer check(String id, int status, Answer answer) {
        OpenApiDocument.Operation operation = operation(id);
        String what = id + ": " + answer;
        assertThat(answer.status()).as(what).isEqualTo(status);
        assertThat(describes(operation, status)).as(what + " is described").isTrue();
        JsonNode response = document.follow(operation.node().path("responses").path(Integer.toString(status)));
        response.path("headers").properties().forEach(header -> {
            JsonNode described = document.follow(header.getValue());
            if (described.path("required").asBoolean()) {
                assertThat(answer.header(header.getKey()))
                        .as(what + " " + header.getKey())
                        .isNotEmpty();
            }
        });
        JsonNode content = response.path("content");
        if (content.isMissingNode()) {
            assertThat(answer.response().body()).as(what).isEmpty();
        } else {
            assertThat(content.has(answer.mediaType()))
                    .as(what + " " + answer.mediaType())
                    .isTrue();
            if (answer.mediaType().endsWith("json")) {
                assertThat(document.faults(content.path(answer.mediaType()).path("schema"), answer.json()))
                        .as(what)
                        .isEmpty();
            }
        }
        seen.add(status + " " + id);
        return answer;
    }

    /** Status and operationId of every answer that passed. */
    Set<String> seen() {
        return seen;
    }
}
