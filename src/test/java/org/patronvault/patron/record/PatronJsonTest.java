package org.patronvault.patron.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.model.Address;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Status;
import org.patronvault.patron.change.MergePatch;
import org.patronvault.search.Phones;

public final class PatronJsonTest {
    private static final JsonMapper MAPPER = new JsonMapper();

    private final PatronJson json =
            new PatronJson(new Phones("US"), InstantSource.fixed(Instant.parse("2026-11-24T12:00:00Z")));

    /** The example of the API's documentation. */
    public static ObjectNode example() {
        return object("""
                {"card":"21234000000018",
                 "name":{"family":"O'Sullivan-Ng","given":"Katherine","middle":"","suffix":"","preferred":"Kat"},
                 "address":{"line1":"1437 South Elm St","line2":"Apt 4B","city":"New Canaan","region":"CT",
                            "postalCode":"06840","country":"US"},
                 "phone":["203-555-0143"],
                 "email":["kat@example.org"],
                 "library":"NC","category":"adult","expires":"2029-01-31","status":"active",
                 "consent":{"policy":"2018-05","given":"2026-11-24","channel":"desk"}}
                """);
    }

    private static ObjectNode object(String text) {
        try {
            return (ObjectNode) MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode node(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ObjectNode with(String member, String value) {
        ObjectNode patron = example();
        patron.set(member, node(value));
        return patron;
    }

    private Refused refusal(JsonNode patron) {
        return catchThrowableOfType(Refused.class, () -> json.parse(patron));
    }

    @Test
    void exampleIsReadWhole() {
        PatronDraft draft = json.parse(example());
        assertThat(draft.card()).isEqualTo("21234000000018");
        assertThat(draft.name()).isEqualTo(new Name("O'Sullivan-Ng", "Katherine", "", "", "Kat"));
        assertThat(draft.address())
                .isEqualTo(new Address("1437 South Elm St", "Apt 4B", "New Canaan", "CT", "06840", "US"));
        assertThat(draft.phone()).containsExactly("+12035550143");
        assertThat(draft.email()).containsExactly("kat@example.org");
        assertThat(draft.library()).isEqualTo("NC");
        assertThat(draft.category()).isEqualTo(Category.ADULT);
        assertThat(draft.expires()).contains(LocalDate.of(2029, 1, 31));
        assertThat(draft.status()).isEqualTo(Status.ACTIVE);
        assertThat(draft.consent())
                .contains(new Consent("service", "2018-05", LocalDate.of(2026, 11, 24), "desk", true));
        assertThat(draft.registered()).isEmpty();
    }

    @Test
    void absentNullAndBlankAreTheDefaults() {
        ObjectNode least = object("""
                {"card":"7","name":{"family":"Ng","given":null},"address":null,"phone":[null," "],"library":"NC",
                 "category":null,"consent":{"policy":"2018-05","given":"2026-11-24","channel":"desk"}}
                """);
        PatronDraft draft = json.parse(least);
        assertThat(draft.name()).isEqualTo(new Name("Ng", "", "", "", ""));
        assertThat(draft.address()).isEqualTo(Address.NONE);
        assertThat(draft.phone()).isEmpty();
        assertThat(draft.email()).isEmpty();
        assertThat(draft.category()).isEqualTo(Category.ADULT);
        assertThat(draft.status()).isEqualTo(Status.ACTIVE);
        assertThat(draft.expires()).isEmpty();
    }

    @Test
    void textIsTrimmedAndComposed() {
        PatronDraft draft = json.parse(with("name", "{\"family\":\"\\u00a0 Pe\\u0301rez \\n\"}"));
        assertThat(draft.name().family()).isEqualTo("P\u00e9rez");
    }

    @Test
    void sameNumberOrAddressIsKeptOnceAsFirstWritten() {
        ObjectNode patron = with("phone", "[\"(203) 555 0143\",\"+1 203.555.0143\",\"203-555-0199\"]");
        patron.set("email", node("[\"Kat@Example.org\",\" kat@example.ORG\",\"ng@example.org\"]"));
        PatronDraft draft = json.parse(patron);
        assertThat(draft.phone()).containsExactly("+12035550143", "+12035550199");
        assertThat(draft.email()).containsExactly("Kat@Example.org", "ng@example.org");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"dateOfBirth\":\"1951-03-17\"}",
                "{\"registered\":\"2018-05\"}",
                "{\"Card\":\"7\"}",
                "{\"name\":{\"family\":\"Ng\",\"maiden\":\"Canary\"}}",
                "{\"address\":{\"street\":\"Canary\"}}",
                "{\"consent\":{\"policy\":\"2018-05\",\"given\":\"2026-11-24\",\"channel\":\"desk\",\"note\":\"Canary\"}}"
            })
    void memberThePolicyDoesNotNameIsNotCollected(String members) {
        ObjectNode patron = example();
        patron.setAll(object(members));
        Refused refused = refusal(patron);
        assertThat(refused.problem()).isEqualTo(Problem.NOT_COLLECTED);
        assertThat(refused)
                .hasMessage("The policy lets the vault hold name, address, telephone, e-mail and card;"
                        + " it was sent something else.");
    }

    @Test
    void notCollectedComesBeforeConsentAndConsentBeforeTheRest() {
        ObjectNode patron = object("{\"dateOfBirth\":\"x\"}");
        assertThat(refusal(patron).problem()).isEqualTo(Problem.NOT_COLLECTED);
        patron.removeAll();
        assertThat(refusal(patron).problem()).isEqualTo(Problem.CONSENT_REQUIRED);
        patron.putNull("consent");
        assertThat(refusal(patron).problem()).isEqualTo(Problem.CONSENT_REQUIRED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "card|null|INVALID|card is required.",
                "card|\" \"|INVALID|card is required.",
                "card|21234000000018|INVALID|card must be text.",
                "card|\"12-34\"|CARD_INVALID|A card has 1 to 20 letters or digits.",
                "name|null|INVALID|name.family is required.",
                "name|{\"given\":\"Kat\"}|INVALID|name.family is required.",
                "name|{\"family\":\" \\u00a0\"}|INVALID|name.family is required.",
                "name|{\"family\":{}}|INVALID|name.family must be text.",
                "name|\"Canary\"|INVALID|name must be an object.",
                "name|{\"family\":\"Can\\u0000ary\"}|INVALID|name.family must not contain control characters.",
                "name|{\"family\":\"Can\\u202eary\"}|INVALID|name.family must not contain control characters.",
                "name|{\"family\":\"Can\\ud800ary\"}|INVALID|name.family must not contain control characters.",
                "address|[]|INVALID|address must be an object.",
                "address|{\"line1\":\"a\\nb\"}|INVALID|address.line1 must not contain control characters.",
                "address|{\"city\":7}|INVALID|address.city must be text.",
                "phone|\"203-555-0143\"|INVALID|phone must be a list of text.",
                "phone|[2035550143]|INVALID|phone[0] must be text.",
                "phone|[\"203-555-0143\",\"none\"]|INVALID|phone[1] is not a telephone number.",
                "phone|[\"5550001\",\"5550002\",\"5550003\",\"5550004\",\"5550005\"]|INVALID|phone must have at most 4 elements.",
                "email|[\"canary\"]|INVALID|email[0] is not an e-mail address.",
                "email|{}|INVALID|email must be a list of text.",
                "library|null|INVALID|library is required.",
                "library|\"New Canaan\"|INVALID|library must be 1 to 20 letters, digits, hyphens or underscores.",
                "library|\"ABCDEFGHIJKLMNOPQRSTU\"|INVALID|library must be 1 to 20 letters, digits, hyphens or underscores.",
                "category|\"Adult\"|INVALID|category is not one of the known words.",
                "status|\"expired\"|INVALID|status is not one of the known words.",
                "status|true|INVALID|status must be text.",
                "expires|\"2029-02-29\"|INVALID|expires must be a date as YYYY-MM-DD.",
                "expires|\"2029-1-31\"|INVALID|expires must be a date as YYYY-MM-DD.",
                "expires|\"2029-01-31T00:00:00Z\"|INVALID|expires must be a date as YYYY-MM-DD.",
                "consent|true|INVALID|consent must be an object.",
                "consent|{}|INVALID|consent.given is required.",
                "consent|{\"policy\":\"1\",\"channel\":\"desk\",\"given\":\"2026-11-26\"}|INVALID|consent.given must not be in the future, nor before 1970.",
                "consent|{\"given\":\"2026-11-24\",\"channel\":\"desk\"}|INVALID|consent.policy is required.",
                "consent|{\"given\":\"2026-11-24\",\"policy\":\"1\"}|INVALID|consent.channel is required.",
                "consent|{\"given\":\"2026-11-24\",\"policy\":\"1\",\"channel\":\"a@b\"}|INVALID|consent.channel must be 1 to 40 letters, digits or simple punctuation."
            })
    void faultNamesTheMemberAndNoValue(String member, String value, Problem problem, String sentence) {
        Refused refused = refusal(with(member, value));
        assertThat(refused).hasMessage(sentence);
        assertThat(refused.problem()).isEqualTo(problem);
    }

    @Test
    void consentOfTomorrowIsTakenSinceItMayBeTomorrowThere() {
        ObjectNode patron = example();
        ((ObjectNode) patron.get("consent")).put("given", "2026-11-25");
        assertThat(json.parse(patron).consent().orElseThrow().on()).isEqualTo(LocalDate.of(2026, 11, 25));
    }

    @Test
    void textOf200CharactersIsTakenAndOf201Refused() {
        ObjectNode patron = example();
        ((ObjectNode) patron.get("name")).put("family", "\ud83d\udc31".repeat(200));
        assertThat(json.parse(patron).name().family()).hasSize(400);
        ((ObjectNode) patron.get("name")).put("family", "a".repeat(201));
        assertThat(refusal(patron)).hasMessage("name.family must be at most 200 characters long.");
    }

    @Test
    void repeatedNumbersDoNotCountTowardsFour() {
        ObjectNode patron = example();
        ArrayNode phone = patron.putArray("phone");
        for (int i = 0; i < 8; i++) {
            phone.add("203-555-000" + i / 2);
        }
        assertThat(json.parse(patron).phone()).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "\"text\"", "7", "null"})
    void anythingButAnObjectIsRefused(String body) {
        assertThat(refusal(node(body))).hasMessage("A patron must be one JSON object.");
    }

    @Test
    void writtenDraftIsReadBackTheSame() {
        PatronDraft draft = json.parse(example());
        assertThat(json.parse(json.write(draft))).isEqualTo(draft);
        assertThat(json.parseStored(json.write(draft))).isEqualTo(draft);
        ObjectNode expected = example();
        expected.putArray("phone").add("+12035550143");
        assertThat(json.write(draft)).isEqualTo(expected);
    }

    @Test
    void storedPatronNeedsNoConsentAndIsAsStrictOtherwise() {
        ObjectNode patron = example();
        patron.remove("consent");
        PatronDraft draft = json.parseStored(patron);
        assertThat(draft.consent()).isEmpty();
        assertThat(json.parseStored(json.write(draft))).isEqualTo(draft);
        patron.put("dateOfBirth", "1951-03-17");
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> json.parseStored(patron))
                .matches(e -> e.problem() == Problem.NOT_COLLECTED);
    }

    @Test
    void patchedPatronIsReadBackChanged() {
        JsonNode patch = object("{\"name\":{\"preferred\":null,\"suffix\":\"Jr\"},\"address\":null,\"expires\":null}");
        PatronDraft changed = json.parseStored(MergePatch.apply(json.write(json.parse(example())), patch));
        assertThat(changed.name()).isEqualTo(new Name("O'Sullivan-Ng", "Katherine", "", "Jr", ""));
        assertThat(changed.address()).isEqualTo(Address.NONE);
        assertThat(changed.expires()).isEmpty();
        assertThat(changed.phone()).containsExactly("+12035550143");
    }

    @Test
    void draftsPrintNothing() {
        PatronDraft draft = json.parse(example());
        assertThat(draft).hasToString("[REDACTED]");
        assertThat(new ImportRow.Accepted(1, draft, Set.of()).toString()).doesNotContain("Katherine", "203");
        assertThat(List.of(Optional.of(draft)).toString()).isEqualTo("[Optional[[REDACTED]]]");
    }
}
