package org.patronvault.log.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HexFormat;
import java.util.List;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;

/** The JSON form of log entries and visits, equal in all places that show them. */
public final class LogJson {
    private LogJson() {}

    /** One entry, with the patrons it names. */
    public static ObjectNode of(LogReader.Entry entry) {
        AccessEvent event = entry.event();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("index", entry.index());
        json.put("time", event.time().toString());
        json.put("actor", event.actor().name());
        json.put("role", event.actor().role());
        if (!event.actor().library().isEmpty()) {
            json.put("library", event.actor().library());
        }
        json.put("act", event.act().wireName());
        event.purpose().ifPresent(purpose -> json.put("purpose", purpose.name()));
        ArrayNode patrons = json.putArray("patrons");
        event.subjects().stream().map(Subject::patron).map(PatronId::toString).forEach(patrons::add);
        ArrayNode fields = json.putArray("fields");
        fields(event).forEach(fields::add);
        event.inCase().ifPresent(one -> json.put("case", one.toString()));
        json.put("outcome", event.outcome().wireName());
        event.reason().ifPresent(reason -> json.put("reason", reason.slug()));
        event.about().ifPresent(about -> json.put("about", about));
        event.count().ifPresent(count -> json.put("count", count));
        event.second()
                .ifPresent(second -> json.put("second", second.name())
                        .put("secondFrom", second.from().wireName()));
        event.policyDigest()
                .ifPresent(digest -> json.put("policyDigest", HexFormat.of().formatHex(digest)));
        event.packageDigest()
                .ifPresent(digest -> json.put("packageSha256", HexFormat.of().formatHex(digest)));
        event.policy().ifPresent(policy -> json.put("policy", policy));
        json.put("request", HexFormat.of().formatHex(event.request()));
        return json;
    }

    /** The names of the fields that an entry is about, for all its patrons together. */
    static List<String> fields(AccessEvent event) {
        return event.fields().stream().map(PatronField::wireName).toList();
    }

    /** One visit, with its entries. */
    public static ObjectNode of(Visits.Visit visit) {
        AccessEvent first = visit.first();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("visit", visit.id());
        json.put("from", first.time().toString());
        json.put("to", visit.end().toString());
        json.put("actor", first.actor().name());
        json.put("role", first.actor().role());
        first.purpose().ifPresent(purpose -> json.put("purpose", purpose.name()));
        ArrayNode patrons = json.putArray("patrons");
        visit.patrons().stream().sorted().map(PatronId::toString).forEach(patrons::add);
        ArrayNode fields = json.putArray("fields");
        visit.fields().forEach(field -> fields.add(field.wireName()));
        ArrayNode outcomes = json.putArray("outcomes");
        visit.outcomes().stream().map(Outcome::wireName).forEach(outcomes::add);
        ArrayNode entries = json.putArray("entries");
        visit.entries().forEach(entry -> entries.add(of(entry)));
        return json;
    }
}
