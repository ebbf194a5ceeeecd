package org.patronvault.web.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.custody.destroy.KeyStatus;

/** Writers of JSON answers. Answers that may hold personal data are never cached. */
public final class JsonResponses {
    private static final String MEDIA_TYPE = "application/json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonResponses() {}

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Returns a whole answer. */
    public static HttpAnswer answer(JsonNode json) {
        return new HttpAnswer(
                200, Map.of(), MEDIA_TYPE, json.toString().getBytes(StandardCharsets.UTF_8), Optional.empty());
    }

    /** Writes an answer that nobody may cache. */
    public static void write(Context ctx, JsonNode answer) {
        write(ctx, answer.toString());
    }

    /** Parses a stored answer. */
    public static JsonNode parse(String answer) {
        try {
            return JSON.readTree(answer);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an answer of ours is no JSON", e);
        }
    }

    public static void write(Context ctx, String json) {
        ctx.result(json.getBytes(StandardCharsets.UTF_8));
        ctx.contentType(MEDIA_TYPE);
    }

    public static void attributes(ObjectNode into, PatronAttributes attributes) {
        into.put("library", attributes.library());
        into.put("category", attributes.category().wireName());
        into.put("status", attributes.status().wireName());
        attributes.expires().ifPresent(day -> into.put("expires", day.toString()));
    }

    /** One log entry as the patron sees it, with that patron's fields alone. */
    public static ObjectNode access(LogReader.Entry entry, PatronId patron) {
        AccessEvent event = entry.event();
        ObjectNode json = object();
        json.put("index", entry.index());
        json.put("time", event.time().toString());
        json.put("actor", event.actor().name());
        json.put("role", event.actor().role());
        json.put("act", event.act().wireName());
        event.purpose().ifPresent(purpose -> json.put("purpose", purpose.name()));
        json.put("outcome", event.outcome().wireName());
        event.policy().ifPresent(policy -> json.put("policy", policy));
        ArrayNode fields = json.putArray("fields");
        event.fieldsOf(patron::equals).stream()
                .filter(PatronField::isPersonal)
                .forEach(field -> fields.add(field.wireName()));
        return json;
    }

    public static ObjectNode keys(KeyStatus.Status status) {
        ObjectNode json = object();
        ArrayNode keys = json.putArray("keys");
        for (KeyStatus.Key key : status.keys()) {
            ObjectNode one = keys.addObject();
            one.put("field", key.field());
            ArrayNode versions = one.putArray("versions");
            for (KeyStatus.Version v : key.versions()) {
                versions.add(version(v));
            }
            key.nextRotation().ifPresent(when -> one.put("nextRotation", when.toString()));
        }
        ArrayNode slots = json.putArray("slots");
        status.slots().forEach(slot -> slots.add(slot(slot)));
        ArrayNode copies = json.putArray("copies");
        status.copies().forEach(copy -> copies.add(copy.json()));
        json.put("sealed", status.sealed());
        return json;
    }

    private static ObjectNode version(KeyStatus.Version v) {
        ObjectNode one = object().put("version", v.version())
                .put("state", v.state())
                .put("created", v.created().toString())
                .put("values", v.values());
        v.retired().ifPresent(since -> one.put("retired", since.toString()));
        return one;
    }

    private static ObjectNode slot(KeyStatus.Slot slot) {
        ObjectNode one = object().put("id", slot.id())
                .put("kind", slot.kind())
                .put("openedBy", slot.openedBy())
                .put("created", slot.created().toString());
        if (slot.shares() > 0) {
            one.put("threshold", slot.threshold()).put("shares", slot.shares());
        }
        return one;
    }

    public static String seconds(long unixSeconds) {
        return Instant.ofEpochSecond(unixSeconds).toString();
    }
}
