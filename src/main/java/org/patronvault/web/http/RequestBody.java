package org.patronvault.web.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.access.account.SignIn;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;

/** A JSON object from a request. Its faults are thrown on access, so that the policy check comes first. */
public final class RequestBody {
    public static final String PATRONS = "patrons";
    private static final int MAX_LIST = 20;

    private final byte[] bytes;
    private final Optional<JsonNode> node;
    private final Optional<Refused> fault;
    private final Set<String> members;

    RequestBody(byte[] bytes, Optional<JsonNode> node, Optional<Refused> fault, Set<String> members) {
        this.bytes = bytes;
        this.node = node;
        this.fault = fault;
        this.members = members;
    }

    /** The bytes as sent, readable or not, or empty if the body is too large. */
    public byte[] bytes() {
        return bytes;
    }

    public JsonNode node() {
        fault.ifPresent(e -> {
            throw e;
        });
        return node.orElseThrow();
    }

    /** Refuses unknown members. */
    public void requireKnownMembers() {
        node().fieldNames().forEachRemaining(name -> {
            if (!members.contains(name)) {
                throw RequestReader.invalid("The body has a member the vault does not know.");
            }
        });
    }

    public Optional<String> text(String member) {
        JsonNode value = node().path(member);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw RequestReader.invalid(member + " must be text.");
        }
        return Optional.of(value.textValue());
    }

    /** Whether any of these members was sent. */
    public boolean has(String... names) {
        return Arrays.stream(names).anyMatch(node()::has);
    }

    /** Returns the texts under these names. A single text counts as a list. */
    public List<String> texts(String... names) {
        List<String> texts = new ArrayList<>();
        for (String name : names) {
            JsonNode value = node().path(name);
            if (value.isArray() && value.size() <= MAX_LIST) {
                value.forEach(one -> texts.add(textOf(one, name)));
            } else if (!value.isMissingNode() && !value.isNull()) {
                texts.add(textOf(value, name));
            }
        }
        return texts;
    }

    private static String textOf(JsonNode value, String name) {
        if (!value.isTextual()) {
            throw RequestReader.invalid(name + " must be text, or a list of at most " + MAX_LIST + " texts.");
        }
        return value.textValue();
    }

    /** Returns a text, or a whole number as text. */
    public Optional<String> scalar(String member) {
        JsonNode value = node().path(member);
        return value.isIntegralNumber() ? Optional.of(value.asText()) : text(member);
    }

    public String requiredText(String member) {
        return text(member)
                .filter(text -> !text.isBlank())
                .orElseThrow(() -> RequestReader.invalid(member + " is required."));
    }

    /** Returns the credentials, and refuses members that this body does not know. */
    public SignIn.Credentials credentials() {
        requireKnownMembers();
        return new SignIn.Credentials(
                requiredText("username"), requiredText("password"), text("otp").orElse(""));
    }

    /** Returns true or false. */
    public Optional<Boolean> flag(String member) {
        JsonNode value = node().path(member);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        if (!value.isBoolean()) {
            throw RequestReader.invalid(member + " must be true or false.");
        }
        return Optional.of(value.booleanValue());
    }

    public int number(String member, int absent, int min, int max) {
        JsonNode value = node().path(member);
        if (value.isMissingNode() || value.isNull()) {
            return absent;
        }
        if (!value.isInt() || value.intValue() < min || value.intValue() > max) {
            throw RequestReader.invalid(member + " must be a whole number from " + min + " to " + max + ".");
        }
        return value.intValue();
    }

    /** Returns the index of an entry. */
    public long index(String member, long absent) {
        JsonNode value = node().path(member);
        if (value.isMissingNode() || value.isNull()) {
            return absent;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
            throw RequestReader.invalid(member + " must be a whole number.");
        }
        return value.longValue();
    }

    /** Returns personal fields by name. */
    public Set<PatronField> fields(String member) {
        JsonNode value = node().path(member);
        Set<PatronField> fields = EnumSet.noneOf(PatronField.class);
        if (value.isMissingNode() || value.isNull()) {
            return fields;
        }
        if (!value.isArray() || value.size() > MAX_LIST) {
            throw RequestReader.invalid(member + " must be a list of field names.");
        }
        for (JsonNode one : value) {
            fields.add(PatronField.ofWireName(one.asText())
                    .filter(PatronField::isPersonal)
                    .orElseThrow(() ->
                            new Refused(Problem.FIELD_UNKNOWN, "Fields are card, name, address, phone and email.")));
        }
        return fields;
    }

    /** Returns patron IDs, empty for each malformed one. A missing list counts as an empty list. */
    public List<Optional<PatronId>> patrons(int most) {
        JsonNode list = node().path(PATRONS);
        List<Optional<PatronId>> ids = new ArrayList<>();
        if (list.isMissingNode() || list.isNull()) {
            return ids;
        }
        if (!list.isArray() || list.size() > most) {
            throw RequestReader.invalid("patrons must be a list of 1 to " + most + " ids.");
        }
        for (JsonNode one : list) {
            if (!one.isTextual()) {
                throw RequestReader.invalid("patrons must be a list of ids.");
            }
            ids.add(PatronId.parse(one.textValue()));
        }
        return ids;
    }

    public Purpose purpose() {
        String name = text("purpose")
                .orElseThrow(() -> new Refused(Problem.PURPOSE_REQUIRED, "Say with `purpose` what it is for."));
        Purpose purpose = new Purpose(name);
        if (!Purpose.KNOWN.contains(purpose)) {
            throw new Refused(Problem.PURPOSE_UNKNOWN, "The policy knows no such purpose.");
        }
        return purpose;
    }
}
