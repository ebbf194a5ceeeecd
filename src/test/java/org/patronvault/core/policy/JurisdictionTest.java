package org.patronvault.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.access.watch.PolicyDescription;
import org.patronvault.core.model.LegalInstrument;
import org.patronvault.core.model.PatronField;

/** Tests of the laws by which records are handed out (P3). */
class JurisdictionTest {
    private static final String SAID = "  jurisdiction: connecticut\n";
    private static final String DEFAULT = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);

    private static Policy in(String place) {
        return parse(DEFAULT.replace(SAID, "  jurisdiction: " + place + "\n"));
    }

    private static Policy parse(String text) {
        return PolicyFile.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> wider(Policy approved, Policy wanted) {
        return new PolicyWidening(approved, wanted).sentences();
    }

    private static Set<LegalInstrument> sufficient(String id) {
        return Jurisdiction.of(id).orElseThrow().suffices().keySet();
    }

    @ParameterizedTest
    @ValueSource(strings = {"connecticut", "new-york"})
    void eachSaysOfEveryInstrumentWhetherItSufficesAndByWhichLawAsReadOnWhichDay(String id) {
        Jurisdiction law = Jurisdiction.of(id).orElseThrow();
        assertThat(law.law()).contains("§");
        assertThat(law.asOf()).isBetween(LocalDate.of(2026, 1, 1), LocalDate.of(2026, 12, 31));
        Set<LegalInstrument> said = EnumSet.copyOf(law.suffices().keySet());
        said.addAll(law.insufficient().keySet());
        assertThat(said).containsExactlyInAnyOrder(LegalInstrument.values());
        law.suffices().forEach((instrument, sufficient) -> {
            assertThat(sufficient.law()).as("%s", instrument).contains("§");
            assertThat(sufficient.from()).as("%s", instrument).isNotEmpty();
            assertThat(PatronField.personal()).as("%s", instrument).containsAll(sufficient.fields());
        });
        assertThat(law.insufficient().values())
                .allSatisfy(cure -> assertThat(cure).endsWith("."));
    }

    @Test
    void connecticutTakesAnOrderOfACourtOrThePatronsWordAndNewYorkASubpoenaToo() {
        assertThat(sufficient("connecticut"))
                .containsExactlyInAnyOrder(
                        LegalInstrument.COURT_ORDER, LegalInstrument.WARRANT, LegalInstrument.WRITTEN_PERMISSION);
        Set<LegalInstrument> more = EnumSet.copyOf(sufficient("new-york"));
        more.removeAll(sufficient("connecticut"));
        assertThat(more).containsExactly(LegalInstrument.SUBPOENA);
        assertThat(sufficient("new-york")).containsAll(sufficient("connecticut"));
    }

    @Test
    void policyThatSaysNothingIsUnderTheLawOfConnecticut() {
        assertThat(parse(DEFAULT.replace("disclosure:\n" + SAID, ""))
                        .jurisdiction()
                        .id())
                .isEqualTo("connecticut");
        assertThat(parse(DEFAULT).jurisdiction().id()).isEqualTo("connecticut");
        assertThat(Jurisdiction.ALL).first().isEqualTo("connecticut");
    }

    @ParameterizedTest
    @ValueSource(strings = {"texas", "Connecticut", "../connecticut", "''", "[connecticut]", "7", "{id: new-york}"})
    void placeThatIsNotKnownIsAFaultThatNamesThoseThatAre(String place) {
        assertThatThrownBy(() -> in(place)).hasMessageContaining("connecticut or new-york");
    }

    @Test
    void memberThatIsNotKnownIsAFault() {
        assertThatThrownBy(() -> parse(DEFAULT.replace(SAID, "  state: new-york\n")))
                .hasMessageContaining("disclosure");
    }

    @Test
    void lawByWhichMoreIsHandedOutIsAWiderPolicyAndTheWayBackIsNot() {
        Policy connecticut = in("connecticut");
        Policy newYork = in("new-york");
        List<String> wider = wider(connecticut, newYork);
        assertThat(wider).singleElement().asString().contains("New York", "subpoena", "address");
        assertThat(wider(newYork, connecticut)).isEmpty();
        assertThat(wider(connecticut, connecticut)).isEmpty();
        assertThat(wider(parse(DEFAULT), connecticut)).isEmpty();
    }

    @Test
    void fieldsOfAnInstrumentAndWhoMayHaveIssuedItAreComparedToo() {
        DisclosurePolicy court = policy("[court]", "[name, address]");
        DisclosurePolicy anybody = policy("[court, attorney]", "[name, address]");
        DisclosurePolicy more = policy("[court]", "[name, address, phone]");
        assertThat(anybody.widerThan(court)).singleElement().asString().contains("of others");
        assertThat(more.widerThan(court)).singleElement().asString().contains(": phone.");
        assertThat(court.widerThan(anybody)).isEmpty();
        assertThat(court.widerThan(more)).isEmpty();
    }

    private static DisclosurePolicy policy(String from, String fields) {
        return new DisclosurePolicy(place(EnumSet.of(LegalInstrument.COURT_ORDER), from, fields));
    }

    private static Jurisdiction place(Set<LegalInstrument> suffices, String from, String fields) {
        String insufficient = EnumSet.complementOf(EnumSet.copyOf(suffices)).stream()
                .map(one -> "  " + one.wireName() + ": No.\n")
                .collect(Collectors.joining());
        String sufficient = suffices.stream()
                .map(one ->
                        "  " + one.wireName() + ": {from: " + from + ", fields: " + fields + ", law: § 1, note: x}\n")
                .collect(Collectors.joining());
        return Jurisdiction.parse(
                "somewhere",
                written("name: Somewhere\nlaw: § 1\nasOf: 2026-11-27\nsuffices:\n" + sufficient + "insufficient:\n"
                        + insufficient));
    }

    private static YamlNode written(String text) {
        try {
            return YamlNode.read(text.getBytes(StandardCharsets.UTF_8));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void fileOfOursThatIsNotWholeIsOurFailure() {
        Set<LegalInstrument> all = EnumSet.allOf(LegalInstrument.class);
        all.remove(LegalInstrument.LETTER);
        assertThatThrownBy(() -> place(all, "[court]", "[library]")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> place(all, "[court]", "[birthday]")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void policyCheckSaysByWhichLaw() {
        assertThat(PolicyDescription.of(in("new-york")))
                .contains(new PolicyDescription(
                        "Disclosure",
                        List.of("by the law of New York on court order, warrant, subpoena, written permission")));
    }
}
