package org.patronvault.privacy.disclosure;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.TreeMap;

/** The JSON form of cases, for the people who see them. */
public final class CaseJson {
    private CaseJson() {}

    /** A case in a list: without any patron. */
    public static ObjectNode summary(DisclosureCase one) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", one.id().toString());
        json.put("state", one.state().wireName());
        json.put("opened", one.opened().toString());
        json.put("agency", one.known(DisclosureCase.AGENCY).orElse(""));
        one.instrument().ifPresent(instrument -> json.put("instrument", instrument.wireName()));
        json.put("urgent", one.isUrgent());
        json.put("gag", one.isGagged());
        one.handler().ifPresent(name -> json.put("referredTo", name));
        return json;
    }

    /** The whole case, with its possible next steps. */
    public static ObjectNode of(DisclosureCase one) {
        ObjectNode json = summary(one);
        ArrayNode steps = json.putArray("steps");
        one.taken().forEach(taken -> steps.add(step(taken)));
        ArrayNode next = json.putArray("next");
        CaseStep.onwards(one.state())
                .forEach(step -> next.addObject().put("step", step.wireName()).set("by", names(step.by())));
        return json;
    }

    private static ArrayNode names(Set<CaseStep.Party> parties) {
        ArrayNode names = JsonNodeFactory.instance.arrayNode();
        parties.stream().sorted().forEach(party -> names.add(party.name().toLowerCase(java.util.Locale.ROOT)));
        return names;
    }

    private static ObjectNode step(StepRecord taken) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("step", taken.step());
        json.put("at", taken.when().toString());
        json.put("by", taken.by());
        json.put("role", taken.role());
        new TreeMap<>(taken.said()).forEach((member, text) -> {
            if (DisclosureCase.FLAGS.contains(member)) {
                json.put(member, !text.equals("false"));
            } else {
                json.put(member, text);
            }
        });
        if (!taken.patrons().isEmpty()) {
            taken.patrons().forEach(json.putArray("patrons")::add);
            taken.fields().forEach(json.putArray("fields")::add);
        }
        return json;
    }
}
