package org.patronvault.patron.record;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.vault.PersonalData;

/** The opened values in the API's form of a patron. */
public final class PersonalDataJson {
    private PersonalDataJson() {}

    /** Adds the opened {@code fields}; an empty list or object for a field without a value. */
    public static void put(ObjectNode into, PersonalData data, Set<PatronField> fields) {
        if (fields.contains(PatronField.CARD)) {
            data.card().ifPresent(card -> into.put("card", card));
        }
        if (fields.contains(PatronField.NAME)) {
            data.name().ifPresent(name -> into.set("name", name(name)));
        }
        if (fields.contains(PatronField.ADDRESS)) {
            data.address().ifPresent(address -> into.set("address", address(address)));
        }
        if (fields.contains(PatronField.PHONE)) {
            data.phone().ifPresent(phone -> into.set("phone", texts(phone)));
        }
        if (fields.contains(PatronField.EMAIL)) {
            data.email().ifPresent(email -> into.set("email", texts(email)));
        }
    }

    static ObjectNode name(Name name) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("family", name.family())
                .put("given", name.given())
                .put("middle", name.middle())
                .put("suffix", name.suffix())
                .put("preferred", name.preferred());
    }

    static ObjectNode address(Address address) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("line1", address.line1())
                .put("line2", address.line2())
                .put("city", address.city())
                .put("region", address.region())
                .put("postalCode", address.postalCode())
                .put("country", address.country());
    }

    static ArrayNode texts(List<String> texts) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        texts.forEach(array::add);
        return array;
    }
}
