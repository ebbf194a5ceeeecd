package org.patronvault.web.page.desk;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.patronvault.core.model.Refused;
import org.patronvault.patron.change.ConsentRecording;
import org.patronvault.web.http.RequestReader;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.Texts;

/** A converter from the desk's forms to the API's JSON of a patron, so one reader validates both. */
final class PatronForm {
    /** Form fields are named like members, with a dot between outer and inner member. */
    static final List<String> NAME = List.of("family", "given", "middle", "suffix", "preferred");

    static final List<String> ADDRESS = List.of("line1", "line2", "city", "region", "postalCode", "country");
    private static final List<String> PLAIN = List.of("library", "category", "status");
    private static final String EXPIRES = "expires";
    private static final String CHANNEL = "desk";

    /** A member at the start of a message, as the patron reader names it. */
    private static final Pattern MEMBER = Pattern.compile("([a-zA-Z.]+(?:\\[[0-9]\\])?)( .*)");

    /** The form labels of members. */
    private static final Map<String, String> LABELS = Map.ofEntries(
            Map.entry("card", "field.card"),
            Map.entry("name.family", "patron.family"),
            Map.entry("name.given", "patron.given"),
            Map.entry("name.middle", "patron.middle"),
            Map.entry("name.suffix", "patron.suffix"),
            Map.entry("name.preferred", "patron.preferred"),
            Map.entry("phone", "patron.phone"),
            Map.entry("phone[0]", "patron.phone"),
            Map.entry("phone[1]", "patron.phone2"),
            Map.entry("email", "patron.email"),
            Map.entry("email[0]", "patron.email"),
            Map.entry("email[1]", "patron.email2"),
            Map.entry("address.line1", "patron.line1"),
            Map.entry("address.line2", "patron.line2"),
            Map.entry("address.city", "patron.city"),
            Map.entry("address.region", "patron.region"),
            Map.entry("address.postalCode", "patron.postal-code"),
            Map.entry("address.country", "patron.country"),
            Map.entry("library", "card.library"),
            Map.entry("category", "card.category"),
            Map.entry("status", "patron.status"),
            Map.entry("expires", "card.expires"));

    private PatronForm() {}

    /** Returns why a form was refused, with the form's label for the member. */
    static String told(Texts t, Refused refused) {
        Matcher sentence = MEMBER.matcher(refused.getMessage());
        if (!sentence.matches() || !LABELS.containsKey(sentence.group(1))) {
            return refused.getMessage();
        }
        return t.say(
                "patron.refused",
                t.say(LABELS.get(sentence.group(1))),
                sentence.group(2).strip());
    }

    /** Returns a patron to register. If the box says so, the patron agreed today to the policy version in the form. */
    static ObjectNode registration(Form form, LocalDate today) {
        ObjectNode patron = JsonNodeFactory.instance.objectNode();
        form.filled("card").ifPresent(card -> patron.put("card", card));
        ObjectNode name = patron.putObject("name");
        NAME.forEach(part -> form.filled("name." + part).ifPresent(text -> name.put(part, text)));
        if (isAnyFilled(form, "address.", ADDRESS)) {
            ObjectNode address = patron.putObject("address");
            ADDRESS.forEach(part -> form.filled("address." + part).ifPresent(text -> address.put(part, text)));
        }
        list(form, "phone").ifPresent(phones -> patron.set("phone", phones));
        list(form, "email").ifPresent(emails -> patron.set("email", emails));
        plain(form, patron);
        form.filled(EXPIRES).ifPresent(day -> patron.put(EXPIRES, day));
        form.filled("agrees")
                .ifPresent(yes -> patron.putObject("consent")
                        .put("policy", form.text("policy"))
                        .put("given", today.toString())
                        .put("channel", CHANNEL));
        return patron;
    }

    /**
     * Returns a patch (RFC 7396): empty fields stay, ticked fields go. If any part of an address is filled in, the old
     * address is replaced whole.
     */
    static ObjectNode patch(Form form) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        if (isAnyFilled(form, "name.", NAME)) {
            ObjectNode name = patch.putObject("name");
            NAME.forEach(part -> form.filled("name." + part).ifPresent(text -> name.put(part, text)));
        }
        if (isAnyFilled(form, "address.", ADDRESS)) {
            ObjectNode address = patch.putObject("address");
            ADDRESS.forEach(part -> {
                address.putNull(part);
                form.filled("address." + part).ifPresent(text -> address.put(part, text));
            });
        }
        list(form, "phone").ifPresent(phones -> patch.set("phone", phones));
        list(form, "email").ifPresent(emails -> patch.set("email", emails));
        List.of("phone", "email", "address")
                .forEach(field -> form.filled("remove." + field).ifPresent(yes -> patch.putNull(field)));
        plain(form, patch);
        patch.put(EXPIRES, form.filled(EXPIRES).orElse(null));
        return patch;
    }

    /** Returns the patron's yes or no. Silence is neither (P9). */
    static ConsentRecording.Input said(Form form) {
        if (!List.of("yes", "no").contains(form.text("given"))) {
            throw RequestReader.invalid("Choose what the patron says, yes or no.");
        }
        return new ConsentRecording.Input(
                form.text("consent"), form.text("given").equals("yes"), form.text("policy"), CHANNEL, Optional.empty());
    }

    private static void plain(Form form, ObjectNode patron) {
        PLAIN.forEach(member -> form.filled(member).ifPresent(text -> patron.put(member, text)));
    }

    private static boolean isAnyFilled(Form form, String outer, List<String> parts) {
        return parts.stream().anyMatch(part -> form.filled(outer + part).isPresent());
    }

    private static Optional<ArrayNode> list(Form form, String member) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        Stream.of(member, member + "2")
                .flatMap(name -> form.filled(name).stream())
                .forEach(all::add);
        return Optional.of(all).filter(one -> !one.isEmpty());
    }
}
