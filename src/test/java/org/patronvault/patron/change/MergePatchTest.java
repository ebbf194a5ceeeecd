package org.patronvault.patron.change;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MergePatchTest {
    private static final JsonMapper MAPPER = new JsonMapper();

    /** The test cases of RFC 7396 appendix A. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":\"b\"}|{\"a\":\"c\"}|{\"a\":\"c\"}",
                "{\"a\":\"b\"}|{\"b\":\"c\"}|{\"a\":\"b\",\"b\":\"c\"}",
                "{\"a\":\"b\"}|{\"a\":null}|{}",
                "{\"a\":\"b\",\"b\":\"c\"}|{\"a\":null}|{\"b\":\"c\"}",
                "{\"a\":[\"b\"]}|{\"a\":\"c\"}|{\"a\":\"c\"}",
                "{\"a\":\"c\"}|{\"a\":[\"b\"]}|{\"a\":[\"b\"]}",
                "{\"a\":{\"b\":\"c\"}}|{\"a\":{\"b\":\"d\",\"c\":null}}|{\"a\":{\"b\":\"d\"}}",
                "{\"a\":[{\"b\":\"c\"}]}|{\"a\":[1]}|{\"a\":[1]}",
                "[\"a\",\"b\"]|[\"c\",\"d\"]|[\"c\",\"d\"]",
                "{\"a\":\"b\"}|[\"c\"]|[\"c\"]",
                "{\"a\":\"foo\"}|null|null",
                "{\"a\":\"foo\"}|\"bar\"|\"bar\"",
                "{\"e\":null}|{\"a\":1}|{\"e\":null,\"a\":1}",
                "[1,2]|{\"a\":\"b\",\"c\":null}|{\"a\":\"b\"}",
                "{}|{\"a\":{\"bb\":{\"ccc\":null}}}|{\"a\":{\"bb\":{}}}"
            })
    void rfcExampleGivesItsResult(String target, String patch, String result) throws JsonProcessingException {
        assertThat(MergePatch.apply(MAPPER.readTree(target), MAPPER.readTree(patch)))
                .isEqualTo(MAPPER.readTree(result));
    }

    @Test
    void argumentsStayAsTheyWere() throws JsonProcessingException {
        JsonNode target = MAPPER.readTree("{\"a\":{\"b\":1},\"c\":[1]}");
        JsonNode patch = MAPPER.readTree("{\"a\":{\"b\":null},\"d\":{\"e\":[2]}}");
        ObjectNode result = (ObjectNode) MergePatch.apply(target, patch);
        result.withArray("/d/e").add(3);
        result.withArray("/c").add(4);
        assertThat(target).isEqualTo(MAPPER.readTree("{\"a\":{\"b\":1},\"c\":[1]}"));
        assertThat(patch).isEqualTo(MAPPER.readTree("{\"a\":{\"b\":null},\"d\":{\"e\":[2]}}"));
    }
}
