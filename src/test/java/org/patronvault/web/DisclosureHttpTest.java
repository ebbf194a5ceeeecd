package org.patronvault.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;
import org.patronvault.testing.OpenSsl;

/** Tests of a disclosure case over HTTP, from the recording of the request to the encrypted package (P3, P10). */
class DisclosureHttpTest {
    private static ServedCases served;

    @TempDir
    private Path directory;

    @BeforeAll
    static void open() {
        served = new ServedCases();
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    @Test
    void courtOrderGoesFromPageToPackageThatOnlyTheRecipientOpens() throws Exception {
        ServedCases.Answer taken = served.post(
                ServedCases.PAGE,
                "/v1/disclosures",
                "{'agency':'Norwalk Police','instrument':'court-order','about':'Katherine, if she reads here'}");
        assertThat(taken.status()).isEqualTo(201);
        assertThat(taken.json().path("state").asText()).isEqualTo("referred");
        assertThat(taken.json().path("script").asText()).contains("confidential by law");
        String path = "/v1/disclosures/" + taken.json().path("id").asText();
        assertThat(told(Alert.CASE_OPENED)).isTrue();

        assertState(served.post(ServedCases.DIRECTOR, path + "/counsel", ServedCases.COUNSELLED), "counselled");
        assertState(served.post(ServedCases.DIRECTOR, path + "/decision", ServedCases.decision(served.kat)), "decided");
        assertState(served.post(ServedCases.OFFICER, path + "/approval", "{}"), "approved");
        Path recipient = OpenSsl.certificate(directory, "police");
        long before = size();
        ServedCases.Answer released =
                served.post(ServedCases.DIRECTOR, path + "/release", ServedCases.release(Files.readString(recipient)));
        assertThat(released.status()).isEqualTo(200);

        Map<String, byte[]> files = unzipped(opened("police", released.body()));
        JsonNode json = new com.fasterxml.jackson.databind.ObjectMapper().readTree(files.get("disclosure.json"));
        JsonNode record = json.path("records").path(0);
        assertThat(record.path("name").path("family").asText()).isEqualTo("O'Sullivan");
        assertThat(record.path("address").path("line1").asText()).isEqualTo("1437 South Elm St");
        assertThat(record.has("phone") || record.has("email") || record.has("card"))
                .isFalse();
        assertThat(text(files.get("disclosure.pdf")))
                .contains("Katherine O'Sullivan", "1437 South Elm St", "New Canaan, CT 06840")
                .doesNotContain("5550143", "555-0143", "kat@example.org", "KAT1");
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
        assertThat(OpenSsl.run(
                        directory,
                        "pkeyutl",
                        "-verify",
                        "-pubin",
                        "-inkey",
                        "signer.pem",
                        "-rawin",
                        "-in",
                        "SHA256SUMS",
                        "-sigfile",
                        "SHA256SUMS.sig"))
                .isZero();
        assertThat(new String(files.get("SHA256SUMS"), StandardCharsets.UTF_8))
                .contains(sha256(files.get("disclosure.json")) + "  disclosure.json")
                .contains(sha256(files.get("disclosure.pdf")) + "  disclosure.pdf");

        List<LogReader.Entry> entries = since(before).stream()
                .filter(entry -> entry.event().act() == ActKind.DISCLOSURE)
                .toList();
        assertThat(entries)
                .filteredOn(entry -> entry.event().outcome() == Outcome.DISCLOSED)
                .singleElement()
                .satisfies(entry -> {
                    AccessEvent event = entry.event();
                    assertThat(event.purpose()).contains(Purpose.DISCLOSURE);
                    assertThat(event.inCase())
                            .map(Object::toString)
                            .contains(path.substring(path.lastIndexOf('/') + 1));
                    assertThat(event.subjects()).singleElement().satisfies(subject -> {
                        assertThat(subject.patron()).isEqualTo(served.kat);
                        assertThat(subject.fields()).containsOnly(PatronField.NAME, PatronField.ADDRESS);
                    });
                    assertThat(record.path("entry").asLong()).isEqualTo(entry.index());
                });
        assertThat(entries)
                .filteredOn(entry -> entry.event().packageDigest().isPresent())
                .singleElement()
                .satisfies(entry -> assertThat(HexFormat.of()
                                .formatHex(entry.event().packageDigest().orElseThrow()))
                        .isEqualTo(sha256(released.body())));
        assertThat(told(Alert.RECORDS_RELEASED)).isTrue();

        assertState(served.post(ServedCases.DIRECTOR, path + "/notice", "{'given':'by letter'}"), "notified");
        assertState(served.post(ServedCases.DIRECTOR, path + "/closing", "{}"), "closed");
    }

    @Test
    void anotherKeyDoesNotOpenThePackage() throws Exception {
        String path = approved();
        Path recipient = OpenSsl.certificate(directory, "right");
        Path unused = OpenSsl.certificate(directory, "other");
        byte[] sealed = served.post(
                        ServedCases.DIRECTOR, path + "/release", ServedCases.release(Files.readString(recipient)))
                .body();
        assertThat(opened("right", sealed)).isNotEmpty();
        Path file = Files.write(directory.resolve("sealed"), sealed);
        assertThat(OpenSsl.decrypt(directory, "other", file, directory.resolve("clear")))
                .isNotZero();
    }

    @Test
    void intakeSaysTheSameOfWhoeverIsAskedAbout() {
        ServedCases.Answer there = intake("Katherine O\\u0027Sullivan, card KAT1");
        ServedCases.Answer notThere = intake("Nobody N. Nowhere, card 999");
        assertThat(there.json().path("script")).isEqualTo(notThere.json().path("script"));
        assertThat(there.json().path("state")).isEqualTo(notThere.json().path("state"));
        assertThat(there.json().size()).isEqualTo(notThere.json().size());
        assertThat(there.text()).doesNotContain("Katherine");
    }

    private static ServedCases.Answer intake(String about) {
        return served.post(
                ServedCases.PAGE, "/v1/disclosures", "{'agency':'A','instrument':'letter','about':'" + about + "'}");
    }

    @Test
    void officerAtTheDeskOpensACaseOfWhichNothingIsKnownYet() {
        ServedCases.Answer urgent = served.post(ServedCases.CLERK, "/v1/disclosures/urgent", "{}");
        assertThat(urgent.status()).isEqualTo(201);
        assertThat(told(Alert.OFFICER_HERE)).isTrue();
        JsonNode seen = served.get(
                        ServedCases.DIRECTOR,
                        "/v1/disclosures/" + urgent.json().path("id").asText())
                .json();
        assertThat(seen.path("urgent").asBoolean()).isTrue();
        assertThat(seen.path("steps").path(0).path("urgent").isBoolean()).isTrue();
        assertThat(seen.path("state").asText()).isEqualTo("referred");
    }

    @Test
    void gagIsSaidAsItWasSentAndNotInWords() {
        String path = served.opened();
        for (boolean ordered : new boolean[] {true, false}) {
            JsonNode steps = served.post(
                            ServedCases.DIRECTOR, path + "/gag", "{'ordered':" + ordered + ",'reason':'by order'}")
                    .json()
                    .path("steps");
            assertThat(steps.path(steps.size() - 1).path("ordered"))
                    .isEqualTo(com.fasterxml.jackson.databind.node.BooleanNode.valueOf(ordered));
        }
    }

    @Test
    void whoTookItDownAddsWhatBecomesKnownAndLearnsNothingOfIt() {
        ServedCases.Answer urgent = served.post(ServedCases.PAGE, "/v1/disclosures/urgent", "{}");
        String path = "/v1/disclosures/" + urgent.json().path("id").asText();
        String known = "{'agency':'Norwalk Police','instrument':'court-order'}";
        ServedCases.Answer added = served.post(ServedCases.PAGE, path + "/intake", known);
        assertThat(added.status()).isEqualTo(200);
        assertThat(added.json().size()).isEqualTo(1);
        JsonNode seen = served.get(ServedCases.DIRECTOR, path).json();
        assertThat(seen.path("agency").asText()).isEqualTo("Norwalk Police");
        assertThat(seen.path("instrument").asText()).isEqualTo("court-order");
        assertThat(served.get(ServedCases.PAGE, path).outcome()).isEqualTo("403 not-allowed");
        assertThat(served.post(ServedCases.CLERK, path + "/intake", known).outcome())
                .isEqualTo("404 not-found");
        assertThat(served.post(ServedCases.OFFICER, path + "/intake", known).outcome())
                .isEqualTo("403 not-allowed");
        assertThat(served.post(ServedCases.PAGE, path + "/intake", "{}").outcome())
                .isEqualTo("422 invalid");
        served.post(ServedCases.DIRECTOR, path + "/gag", "{'ordered':true,'reason':'by order'}");
        assertThat(served.post(ServedCases.PAGE, path + "/intake", known).outcome())
                .isEqualTo("404 not-found");
        served.post(ServedCases.DIRECTOR, path + "/gag", "{'ordered':false,'reason':'ended'}");
        served.post(ServedCases.DIRECTOR, path + "/counsel", ServedCases.COUNSELLED);
        served.post(ServedCases.DIRECTOR, path + "/decision", "{'decision':'refuse','reason':'not valid'}");
        assertThat(served.post(ServedCases.PAGE, path + "/intake", known).outcome())
                .isEqualTo("409 case-state");
    }

    @Test
    void releaseUnderAKeyThatCanBeNoneOpensNothing() throws Exception {
        String path = approved();
        long before = size();
        String body = ServedCases.release(Files.readString(OpenSsl.certificate(directory, "key")));
        assertThat(served.postOnce(ServedCases.DIRECTOR, path + "/release", body, "x".repeat(201))
                        .outcome())
                .isEqualTo("422 invalid");
        assertThat(since(before)).noneMatch(entry -> entry.event().outcome() == Outcome.DISCLOSED);
    }

    @Test
    void subpoenaDoesNotSufficeInConnecticutAndSaysWhy() {
        String path = served.opened("subpoena");
        served.post(ServedCases.DIRECTOR, path + "/counsel", ServedCases.COUNSELLED);
        ServedCases.Answer refused =
                served.post(ServedCases.DIRECTOR, path + "/decision", ServedCases.decision("subpoena", served.kat));
        assertThat(refused.outcome()).isEqualTo("403 instrument-insufficient");
        assertThat(refused.json().path("detail").asText())
                .contains("Connecticut", "§ 11-25(b)", "No court has ordered it");
        assertThat(state(path)).isEqualTo("counselled");
    }

    @Test
    void warrantGoesOnWithoutCounselAndNothingElseDoes() {
        String warrant = served.opened("warrant");
        assertState(
                served.post(ServedCases.DIRECTOR, warrant + "/counsel", "{'unreachable':'Sunday; called three times'}"),
                "counselled");
        String order = served.opened("court-order");
        assertThat(served.post(ServedCases.DIRECTOR, order + "/counsel", "{'unreachable':'Sunday'}")
                        .outcome())
                .isEqualTo("422 invalid");
        assertThat(state(order)).isEqualTo("referred");
    }

    @Test
    void whatWentOnWithoutCounselIsCompliedWithOnNothingButWhatIsCarriedOutAtOnce() {
        String emergency = served.opened("emergency");
        served.post(ServedCases.DIRECTOR, emergency + "/counsel", "{'unreachable':'no time'}");
        String urgent = "/v1/disclosures/"
                + served.post(ServedCases.PAGE, "/v1/disclosures/urgent", "{}")
                        .json()
                        .path("id")
                        .asText();
        served.post(ServedCases.DIRECTOR, urgent + "/counsel", "{'unreachable':'no time'}");
        String letter = served.opened("letter");
        served.post(ServedCases.PAGE, letter + "/intake", "{'instrument':'warrant'}");
        served.post(ServedCases.DIRECTOR, letter + "/counsel", "{'unreachable':'no time'}");
        for (String path : List.of(emergency, urgent, letter)) {
            assertThat(served.post(ServedCases.DIRECTOR, path + "/decision", ServedCases.decision(served.kat))
                            .outcome())
                    .isEqualTo("409 case-state");
            assertState(served.post(ServedCases.COUNSEL, path + "/counsel", ServedCases.COUNSELLED), "counselled");
            assertState(
                    served.post(ServedCases.DIRECTOR, path + "/decision", ServedCases.decision(served.kat)), "decided");
        }
    }

    @Test
    void warrantIsCompliedWithThoughCounselCouldNotBeReached() {
        String path = served.opened("warrant");
        served.post(ServedCases.DIRECTOR, path + "/counsel", "{'unreachable':'Sunday'}");
        assertState(
                served.post(ServedCases.DIRECTOR, path + "/decision", ServedCases.decision("warrant", served.kat)),
                "decided");
    }

    @Test
    void whatIsTakenDownLeavesRoomForEveryStepThatFollows() throws Exception {
        String path = served.opened();
        String much = "x".repeat(1_900);
        int added = 0;
        while (served.post(ServedCases.PAGE, path + "/intake", "{'about':'" + much + "'}")
                        .status()
                == 200) {
            added++;
        }
        assertThat(added).isGreaterThan(5);
        assertThat(served.post(ServedCases.DIRECTOR, path + "/gag", "{'ordered':true,'reason':'" + much + "'}")
                        .status())
                .isEqualTo(200);
        served.post(ServedCases.DIRECTOR, path + "/gag", "{'ordered':false,'reason':'ended'}");
        served.post(ServedCases.DIRECTOR, path + "/counsel", "{'counsel':'L','advice':'" + much + "'}");
        served.post(ServedCases.DIRECTOR, path + "/decision", ServedCases.decision(served.kat));
        assertState(served.post(ServedCases.OFFICER, path + "/approval", "{}"), "approved");
        String pem = Files.readString(OpenSsl.certificate(directory, "room"));
        assertThat(served.post(ServedCases.DIRECTOR, path + "/release", ServedCases.release(pem))
                        .status())
                .isEqualTo(200);
        assertState(served.post(ServedCases.DIRECTOR, path + "/notice", "{'given':'" + much + "'}"), "notified");
        assertState(served.post(ServedCases.DIRECTOR, path + "/closing", "{'reason':'" + much + "'}"), "closed");
    }

    @Test
    void textThatTurnsOrCannotBeReadIsRefused() {
        for (String text : List.of("a\\u0000b", "a\\u202eb", "a\\ud800b")) {
            assertThat(served.post(
                                    ServedCases.PAGE,
                                    "/v1/disclosures",
                                    "{'agency':'" + text + "','instrument':'letter'}")
                            .status())
                    .as(text)
                    .isBetween(400, 422);
        }
    }

    @Test
    void hundredPatronsOfOneOrderAreHandedOut() throws Exception {
        List<org.patronvault.core.model.PatronId> many = new java.util.ArrayList<>();
        for (int i = 0; i < 100; i++) {
            many.add(served.vault.register("'card':'MANY" + i + "','name':{'family':'Many" + i + "'}"));
        }
        String path = served.opened();
        served.post(ServedCases.DIRECTOR, path + "/counsel", ServedCases.COUNSELLED);
        assertState(
                served.post(
                        ServedCases.DIRECTOR,
                        path + "/decision",
                        ServedCases.decision(many.toArray(org.patronvault.core.model.PatronId[]::new))),
                "decided");
        served.post(ServedCases.OFFICER, path + "/approval", "{}");
        Path recipient = OpenSsl.certificate(directory, "many");
        byte[] sealed = served.post(
                        ServedCases.DIRECTOR, path + "/release", ServedCases.release(Files.readString(recipient)))
                .body();
        assertThat(new com.fasterxml.jackson.databind.ObjectMapper()
                        .readTree(unzipped(opened("many", sealed)).get("disclosure.json"))
                        .path("records"))
                .hasSize(100);
    }

    @Test
    void ofTwoReleasesAtOnceOneOpensAndTheOtherNothing() throws Exception {
        String path = approved();
        String body = ServedCases.release(Files.readString(OpenSsl.certificate(directory, "twice")));
        served.get(ServedCases.OTHER_DIRECTOR, path);
        long before = size();
        List<java.util.concurrent.CompletableFuture<String>> both =
                List.of(ServedCases.DIRECTOR, ServedCases.OTHER_DIRECTOR).stream()
                        .map(name -> java.util.concurrent.CompletableFuture.supplyAsync(
                                () -> served.post(name, path + "/release", body).outcome()))
                        .toList();
        assertThat(both.stream().map(java.util.concurrent.CompletableFuture::join))
                .containsExactlyInAnyOrder("200", "409 case-state");
        assertThat(since(before))
                .filteredOn(entry -> entry.event().outcome() == Outcome.DISCLOSED)
                .hasSize(1);
    }

    @Test
    void secondPersonAgreesToNoDecisionButTheOneThatWasRead() {
        String path = decided();
        String read = served.get(ServedCases.OFFICER, path)
                .json()
                .path("steps")
                .path(2)
                .path("at")
                .asText();
        served.post(ServedCases.OFFICER, path + "/approval", "{'decline':'once more'}");
        served.vault.clock().advance(java.time.Duration.ofSeconds(1));
        served.post(ServedCases.DIRECTOR, path + "/decision", ServedCases.decision(served.kat));
        String to = "{'decided':'" + read + "'}";
        assertThat(served.post(ServedCases.OFFICER, path + "/approval", to).outcome())
                .isEqualTo("409 changed-meanwhile");
    }

    @Test
    void whoTakesDownMoreThanAnybodyBringsIsHeldBack() {
        List<String> outcomes = java.util.stream.IntStream.range(0, 101)
                .mapToObj(
                        i -> served.post("outi", "/v1/disclosures/urgent", "{}").outcome())
                .toList();
        assertThat(outcomes.subList(0, 100)).containsOnly("201");
        assertThat(outcomes.get(100)).isEqualTo("429 too-many-attempts");
        served.vault.clock().advance(java.time.Duration.ofMinutes(11));
        assertThat(served.post("outi", "/v1/disclosures/urgent", "{}").outcome())
                .as("by a clock that was set")
                .isEqualTo("429 too-many-attempts");
        assertThat(served.post(ServedCases.CLERK, "/v1/disclosures/urgent", "{}")
                        .status())
                .as("somebody else")
                .isEqualTo(201);
    }

    @Test
    void whoDecidedDoesNotAgreeAsWell() {
        String path = decided();
        assertThat(served.post(ServedCases.DIRECTOR, path + "/approval", "{}").outcome())
                .isEqualTo("403 second-person-required");
        assertThat(state(path)).isEqualTo("decided");
    }

    @Test
    void secondPersonSendsItBackToBeDecidedAnew() {
        String path = decided();
        assertState(
                served.post(
                        ServedCases.OFFICER, path + "/approval", "{'decline':'The order names the address alone.'}"),
                "counselled");
        assertState(
                served.post(
                        ServedCases.DIRECTOR,
                        path + "/decision",
                        ServedCases.decision(served.kat).replace("'name',", "")),
                "decided");
    }

    @Test
    void releaseWiderThanDecidedOrToNoCertificateHandsNothingOut() throws Exception {
        String path = approved();
        long before = size();
        String pem = Files.readString(OpenSsl.certificate(directory, "wide"));
        String to = ServedCases.release(pem);
        String wider = to.substring(0, to.length() - 1);
        assertThat(served.post(ServedCases.DIRECTOR, path + "/release", wider + ",'fields':['phone']}")
                        .outcome())
                .isEqualTo("403 beyond-scope");
        assertThat(served.post(ServedCases.DIRECTOR, path + "/release", wider + ",'patrons':['" + served.ines + "']}")
                        .outcome())
                .isEqualTo("403 beyond-scope");
        assertThat(served.post(ServedCases.DIRECTOR, path + "/release", "{'recipient':'no certificate'}")
                        .outcome())
                .isEqualTo("422 invalid");
        assertThat(since(before)).noneMatch(entry -> entry.event().outcome() == Outcome.DISCLOSED);
        assertThat(state(path)).isEqualTo("approved");
    }

    @Test
    void releaseCanBeNarrowerThanDecided() throws Exception {
        String path = approved();
        Path recipient = OpenSsl.certificate(directory, "narrow");
        String to = ServedCases.release(Files.readString(recipient));
        byte[] sealed = served.post(
                        ServedCases.DIRECTOR,
                        path + "/release",
                        to.substring(0, to.length() - 1) + ",'fields':['name']}")
                .body();
        assertThat(new String(unzipped(opened("narrow", sealed)).get("disclosure.json"), StandardCharsets.UTF_8))
                .contains("O'Sullivan")
                .doesNotContain("Elm");
    }

    @Test
    void sameReleaseSentAgainGetsTheSamePackageAndAnotherOneIsRefused() throws Exception {
        String path = approved();
        String body = ServedCases.release(Files.readString(OpenSsl.certificate(directory, "again")));
        String key = ServedCases.anyKey();
        ServedCases.Answer first = served.postOnce(ServedCases.DIRECTOR, path + "/release", body, key);
        ServedCases.Answer again = served.postOnce(ServedCases.DIRECTOR, path + "/release", body, key);
        assertThat(again.body()).isEqualTo(first.body());
        ServedCases.Answer other = served.post(ServedCases.DIRECTOR, path + "/release", body);
        assertThat(other.outcome()).isEqualTo("409 case-state");
        assertThat(other.json().path("state").asText()).isEqualTo("released");
    }

    @Test
    void whoeverWasErasedMeanwhileIsNotHandedOut() throws Exception {
        var gone = served.vault.register("'card':'GONE1','name':{'family':'Gone'}");
        String path = served.opened();
        served.post(ServedCases.DIRECTOR, path + "/counsel", ServedCases.COUNSELLED);
        served.post(ServedCases.DIRECTOR, path + "/decision", ServedCases.decision(gone));
        served.post(ServedCases.OFFICER, path + "/approval", "{}");
        served.vault.erase(gone);
        ServedCases.Answer refused = served.post(
                ServedCases.DIRECTOR,
                path + "/release",
                ServedCases.release(Files.readString(OpenSsl.certificate(directory, "gone"))));
        assertThat(refused.outcome()).isEqualTo("404 not-found");
        assertThat(state(path)).isEqualTo("approved");
        assertThat(served.post(ServedCases.OFFICER, path + "/approval", "{}").outcome())
                .isEqualTo("409 case-state");
        assertState(
                served.post(ServedCases.OFFICER, path + "/approval", "{'decline':'The patron is not here any more.'}"),
                "counselled");
        assertState(
                served.post(
                        ServedCases.DIRECTOR, path + "/decision", "{'decision':'refuse','reason':'nothing is held'}"),
                "refused");
    }

    private String decided() {
        String path = served.opened();
        served.post(ServedCases.DIRECTOR, path + "/counsel", ServedCases.COUNSELLED);
        assertState(served.post(ServedCases.DIRECTOR, path + "/decision", ServedCases.decision(served.kat)), "decided");
        return path;
    }

    private String approved() {
        String path = decided();
        assertState(served.post(ServedCases.OFFICER, path + "/approval", "{}"), "approved");
        return path;
    }

    private static String state(String path) {
        return served.get(ServedCases.DIRECTOR, path).json().path("state").asText();
    }

    private static void assertState(ServedCases.Answer answer, String state) {
        assertThat(answer.text()).as("answer").contains("\"state\":\"" + state + "\"");
        assertThat(answer.status()).isEqualTo(200);
    }

    private static long size() {
        return served.vault.vault().log().reader().size();
    }

    private static List<LogReader.Entry> since(long from) {
        return served.vault.vault().log().reader().entries(from, Long.MAX_VALUE).entries();
    }

    private static boolean told(Alert alert) {
        return since(0).stream()
                .anyMatch(entry -> entry.event().outcome() == Outcome.ALERT
                        && entry.event().about().orElse("").equals(alert.slug()));
    }

    private byte[] opened(String name, byte[] sealed) throws IOException {
        Path file = Files.write(directory.resolve("sealed"), sealed);
        Path content = directory.resolve("content");
        assertThat(OpenSsl.decrypt(directory, name, file, content)).isZero();
        return Files.readAllBytes(content);
    }

    private static Map<String, byte[]> unzipped(byte[] zip) throws IOException {
        Map<String, byte[]> files = new HashMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                files.put(entry.getName(), in.readAllBytes());
            }
        }
        return files;
    }

    private static String text(byte[] pdf) throws IOException {
        try (PDDocument document = Loader.loadPDF(pdf)) {
            return new PDFTextStripper().getText(document);
        }
    }

    private static String sha256(byte[] content) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }
}
