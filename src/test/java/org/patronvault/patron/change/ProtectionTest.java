package org.patronvault.patron.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.StoredCells;
import org.patronvault.patron.lookup.IdentityVerification;
import org.patronvault.patron.lookup.IdentityVerification.Claim;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.lookup.SearchQuery;
import org.patronvault.patron.transfer.BatchReveal;
import org.patronvault.testing.OpenVault;

/** Tests of protected patrons and decoys: the roles that may open them, and the alerts. */
final class ProtectionTest {
    private static final Caller CLERK = OpenVault.person("circulation");
    private static final Caller SUPERVISOR = OpenVault.person("supervisor");
    private static final Caller DIRECTOR = OpenVault.person("director");
    private static final Caller OFFICER = OpenVault.person("privacy-officer");
    private static final Caller ILS = OpenVault.client("koha", "ils");
    private static final Set<PatronField> PHONE = Set.of(PatronField.PHONE);

    private static OpenVault vault;
    private static int cards;

    private String card;
    private String phone;
    private PatronId patron;
    private long from;

    @BeforeAll
    static void open() {
        vault = OpenVault.onSqlite();
    }

    @AfterAll
    static void close() {
        vault.close();
    }

    @BeforeEach
    void registerOne() {
        // Far from each other: another test covers runs of cards.
        cards += 1_000;
        card = "P" + cards;
        phone = String.format("203-555-%04d", cards / 1_000);
        patron = register(card, phone);
        from = vault.logSize();
    }

    private static PatronId register(String card, String phone) {
        return vault.register("'card':'" + card + "','name':{'family':'Okafor','given':'Ada'},"
                + "'address':{'line1':'1 Elm St','city':'New Canaan','postalCode':'06840'},'phone':['" + phone
                + "'],'email':['ada." + card + "@example.org']");
    }

    private static PatronPatch.Result put(Caller caller, PatronId id, Boolean isProtected, Boolean isDecoy) {
        Protection.Request asked = new Protection.Request(
                Optional.ofNullable(isProtected), Optional.ofNullable(isDecoy), Optional.empty());
        return vault.patrons()
                .protection()
                .put(caller, Optional.of(id), OptionalLong.empty(), asked, Optional.empty(), AuditLog.newRequest());
    }

    private void protect() {
        put(SUPERVISOR, patron, true, null);
        from = vault.logSize();
    }

    private void makeDecoy() {
        put(OFFICER, patron, null, true);
        from = vault.logSize();
    }

    private static Protection.State held(PatronId id) {
        return vault.patrons().protection().read(DIRECTOR, Optional.of(id), AuditLog.newRequest());
    }

    private static PersonalData reveal(Caller caller, PatronId id, Set<PatronField> fields) {
        return AuditLog.await(vault.patrons()
                        .lookup()
                        .reveal(
                                caller,
                                Optional.of(id),
                                fields,
                                Optional.of(purpose(caller)),
                                Optional.empty(),
                                AuditLog.newRequest()))
                .data();
    }

    private static Purpose purpose(Caller caller) {
        return caller.isPerson() ? Purpose.ACCOUNT_SERVICE : new Purpose("hold-notice");
    }

    private static List<BatchReveal.RevealedPatron> revealMany(Set<PatronField> fields, PatronId... ids) {
        BatchReveal.Request asked = new BatchReveal.Request(
                java.util.Arrays.stream(ids).map(Optional::of).toList(),
                fields,
                Optional.of(purpose(ILS)),
                Optional.empty());
        return AuditLog.await(vault.patrons().batchReveal().reveal(ILS, asked, AuditLog.newRequest()));
    }

    private static Lookup.Result find(Caller caller, String member, String text, Set<PatronField> reveal) {
        SearchQuery query = new SearchQuery(
                Optional.of(text).filter(t -> member.equals("q")),
                Optional.of(text).filter(t -> member.equals("card")),
                Optional.of(text).filter(t -> member.equals("name")),
                Optional.of(text).filter(t -> member.equals("phone")),
                Optional.empty(),
                Optional.of(
                        caller.acts(org.patronvault.core.model.Role.PRIVACY_OFFICER)
                                ? new Purpose("patron-request")
                                : purpose(caller)),
                Lookup.MAX_RESULTS,
                reveal,
                Optional.empty());
        return AuditLog.await(vault.patrons().lookup().find(caller, query, AuditLog.newRequest()));
    }

    private static IdentityVerification.Result verify(Caller caller, PatronId id, Claim... claims) {
        Map<Claim, String> said = new EnumMap<>(Claim.class);
        for (Claim claim : claims) {
            said.put(claim, "06840");
        }
        return vault.patrons()
                .verification()
                .verify(caller, Optional.of(id), said, Optional.empty(), AuditLog.newRequest());
    }

    private static Refused refused(Runnable call) {
        try {
            call.run();
        } catch (Refused e) {
            return e;
        }
        throw new AssertionError("was not refused");
    }

    /** The alerts since the last act that was not checked. */
    private List<String> alerts() {
        List<AccessEvent> events = vault.logSince(from);
        List<String> alerts = new java.util.ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            AccessEvent event = events.get(i);
            if (event.outcome() == Outcome.ALERT) {
                AccessEvent act = events.get(i - 1);
                assertThat(event.request()).as("alert of the same call").isEqualTo(act.request());
                assertThat(event.subjects())
                        .extracting(Subject::patron)
                        .as("subjects of the act")
                        .contains(patron);
                alerts.add(event.about().orElseThrow());
            }
        }
        return alerts;
    }

    @ParameterizedTest
    @ValueSource(strings = {"circulation", "supervisor"})
    void addressAndPhoneOfAProtectedPatronAreRefusedLikeAFieldThePolicyDoesNotAllowAndTold(String role) {
        protect();
        for (PatronField field : List.of(PatronField.ADDRESS, PatronField.PHONE)) {
            from = vault.logSize();
            Refused refusal = refused(() -> reveal(OpenVault.person(role), patron, Set.of(PatronField.NAME, field)));
            Refused byPolicy =
                    refused(() -> reveal(OpenVault.client("n", "notices"), patron, Set.of(PatronField.CARD)));

            assertThat(refusal.problem()).isEqualTo(Problem.FIELD_NOT_ALLOWED);
            assertThat(refusal.getMessage()).isEqualTo(byPolicy.getMessage());
            assertThat(alerts()).containsExactly("protected-asked");
            assertThat(vault.logSince(from).get(0).outcome()).isEqualTo(Outcome.REFUSED);
        }
    }

    @Test
    void otherFieldsOfAProtectedPatronOpenAndNobodyIsTold() {
        protect();
        Set<PatronField> others = Set.of(PatronField.NAME, PatronField.EMAIL, PatronField.CARD);
        assertThat(reveal(CLERK, patron, others).email()).isPresent();
        assertThat(reveal(ILS, patron, Set.of(PatronField.NAME, PatronField.EMAIL))
                        .name())
                .isPresent();
        assertThat(verify(CLERK, patron, Claim.EMAIL, Claim.FAMILY).right()).hasSize(2);
        assertThat(find(CLERK, "card", card, Set.of(PatronField.EMAIL)).hits()).hasSize(1);
        assertThat(alerts()).isEmpty();
    }

    @Test
    void directorOpensAProtectedPatronAndIsToldOfToo() {
        protect();
        assertThat(reveal(DIRECTOR, patron, PHONE).phone().orElseThrow()).hasSize(1);
        assertThat(alerts()).containsExactly("protected-asked");
        from = vault.logSize();
        assertThat(find(DIRECTOR, "phone", phone, Set.of()).hits())
                .extracting(Lookup.Hit::id)
                .containsExactly(patron);
        assertThat(alerts()).containsExactly("protected-asked");
        from = vault.logSize();
        assertThat(verify(DIRECTOR, patron, Claim.POSTAL_CODE).right()).containsEntry(Claim.POSTAL_CODE, true);
        assertThat(alerts()).containsExactly("protected-asked");
    }

    @Test
    void askingForAFieldThePolicyWouldNotOpenAnywayIsToldOfToo() {
        protect();
        assertThat(refused(() -> reveal(OpenVault.client("n", "notices"), patron, Set.of(PatronField.ADDRESS)))
                        .problem())
                .isEqualTo(Problem.FIELD_NOT_ALLOWED);
        assertThat(refused(() -> reveal(OpenVault.person("page"), patron, PHONE))
                        .problem())
                .isEqualTo(Problem.NOT_ALLOWED);
        assertThat(alerts()).containsExactly("protected-asked", "protected-asked");
    }

    @Test
    void clientThatNeedsEveryFieldLosesThem() {
        protect();
        assertThat(refused(() -> reveal(ILS, patron, PHONE)).problem()).isEqualTo(Problem.FIELD_NOT_ALLOWED);
        assertThat(alerts()).containsExactly("protected-asked");
    }

    @Test
    void listWithAProtectedPatronRevealsNothingAndSaysAtWhichPlace() {
        protect();
        PatronId other = register(card + "B", "203-555-9100");
        from = vault.logSize();
        Refused refusal = refused(() -> revealMany(PHONE, other, patron));

        assertThat(refusal.problem()).isEqualTo(Problem.FIELD_NOT_ALLOWED);
        assertThat(refusal.getMessage()).endsWith("at these places of the list: 2.");
        assertThat(alerts()).containsExactly("protected-asked");
        assertThat(vault.logSince(from)).extracting(AccessEvent::outcome).doesNotContain(Outcome.DISCLOSED);
        assertThat(revealMany(Set.of(PatronField.EMAIL), other, patron)).hasSize(2);
    }

    @Test
    void protectedPatronIsNotFoundByPhoneAndTheAnswerIsThatOfNobody() {
        protect();
        String nobodys = "203-555-9999";
        for (String member : List.of("q", "phone")) {
            for (Caller caller : List.of(CLERK, SUPERVISOR, ILS)) {
                from = vault.logSize();
                Lookup.Result found = find(caller, member, phone, Set.of());
                assertThat(alerts()).containsExactly("protected-asked");
                Lookup.Result none = find(caller, member, nobodys, Set.of());
                assertThat(found.hits()).isEmpty();
                assertThat(found.more()).isEqualTo(none.more());
                assertThat(found.hint()).isEqualTo(none.hint());
            }
        }
        assertThat(vault.logSince(from).get(0).subjects())
                .as("nothing of the patron was opened")
                .allSatisfy(subject -> assertThat(subject.fields()).isEmpty());
    }

    @Test
    void whoSharesAPhoneWithAProtectedPatronIsFoundAlone() {
        protect();
        PatronId sibling = register(card + "S", phone);
        from = vault.logSize();
        assertThat(find(CLERK, "phone", phone, Set.of()).hits())
                .extracting(Lookup.Hit::id)
                .containsExactly(sibling);
        assertThat(alerts()).containsExactly("protected-asked");
    }

    @Test
    void registeringDoesNotTellWhatASearchByPhoneDoesNot() {
        protect();
        int similar = vault.patrons()
                .registration()
                .register(
                        CLERK,
                        vault.draft("'card':'" + card + "R','name':{'family':'Nosy'},'phone':['" + phone + "']"),
                        Optional.empty(),
                        AuditLog.newRequest())
                .similar();
        assertThat(similar).isZero();
    }

    @Test
    void searchThatRevealsPhonesIsRefusedForAProtectedPatron() {
        protect();
        assertThat(refused(() -> find(CLERK, "card", card, PHONE)).problem()).isEqualTo(Problem.FIELD_NOT_ALLOWED);
        assertThat(alerts()).containsExactly("protected-asked");
        assertThat(find(DIRECTOR, "card", card, PHONE).hits().get(0).data().phone())
                .isPresent();
    }

    @ParameterizedTest
    @EnumSource(
            value = Claim.class,
            names = {"PHONE", "POSTAL_CODE"})
    void phoneAndPostalCodeOfAProtectedPatronAreNotVerified(Claim claim) {
        protect();
        assertThat(refused(() -> verify(CLERK, patron, claim, Claim.FAMILY)).problem())
                .isEqualTo(Problem.FIELD_NOT_ALLOWED);
        assertThat(alerts()).containsExactly("protected-asked");
    }

    @Test
    void decoyGivesAnAlertHoweverItIsLookedAtAndLooksLikeAnyPatron() {
        PatronId real = register(card + "X", "203-555-9200");
        makeDecoy();
        String same = "[0-9a-f]+";
        Lookup.Hit decoy = find(CLERK, "card", card, Set.of()).hits().get(0);
        assertThat(alerts()).containsExactly("decoy-opened");
        assertThat(decoy.toString().replaceAll(same, ""))
                .isEqualTo(find(CLERK, "card", card + "X", Set.of())
                        .hits()
                        .get(0)
                        .toString()
                        .replaceAll(same, ""));
        from = vault.logSize();
        assertThat(find(OFFICER, "card", card, Set.of()).hits()).hasSize(1);
        reveal(CLERK, patron, Set.of(PatronField.EMAIL));
        verify(CLERK, patron, Claim.EMAIL);
        revealMany(Set.of(PatronField.NAME), real, patron);
        assertThat(alerts()).containsExactly("decoy-opened", "decoy-opened", "decoy-opened", "decoy-opened");
        from = vault.logSize();
        reveal(CLERK, real, PatronField.personal());
        assertThat(vault.logSince(from)).extracting(AccessEvent::outcome).containsExactly(Outcome.DISCLOSED);
    }

    @Test
    void refusedLookAtADecoyIsToldOf() {
        makeDecoy();
        refused(() -> reveal(OpenVault.client("n", "notices"), patron, Set.of(PatronField.CARD)));
        assertThat(alerts()).containsExactly("decoy-opened");
    }

    @Test
    void storedBytesOfADecoyHaveTheSizesOfAnyPatron() throws java.sql.SQLException {
        PatronId real = register(card + "X", phone);
        put(OFFICER, real, null, false);
        makeDecoy();
        assertThat(sizes(patron)).isEqualTo(sizes(real));
    }

    private static List<Integer> sizes(PatronId id) throws java.sql.SQLException {
        try (var connection = vault.connect()) {
            StoredCells cells = new StoredCells(connection);
            return cells.ofPatron(id).stream().map(cell -> cell.bytes().length).toList();
        }
    }

    @Test
    void lookBeyondALimitIsToldOfToo() {
        protect();
        Caller limited = OpenVault.person("director", true);
        for (int i = 0; i < 60; i++) {
            reveal(limited, register(card + "L" + i, "203-555-9300"), Set.of(PatronField.EMAIL));
        }
        from = vault.logSize();
        assertThat(refused(() -> reveal(limited, patron, PHONE)).problem()).isEqualTo(Problem.REVEAL_LIMIT);
        assertThat(vault.logSince(from).stream()
                        .filter(event -> event.outcome() == Outcome.ALERT)
                        .map(event -> event.about().orElseThrow()))
                .containsExactly("protected-asked", "limit-reached");
    }

    @ParameterizedTest
    @CsvSource({
        "supervisor, true, , true",
        "director, true, , true",
        "privacy-officer, true, , true",
        "circulation, true, , false",
        "admin, true, , false",
        "supervisor, false, , false",
        "privacy-officer, false, , false",
        "director, false, , true",
        "supervisor, , true, false",
        "supervisor, , false, false",
        "director, , true, true",
        "privacy-officer, , false, true",
        "supervisor, true, true, false"
    })
    void eachRolePutsWhatItMay(String role, Boolean isProtected, Boolean isDecoy, boolean may) {
        Caller caller = OpenVault.person(role);
        if (may) {
            assertThat(put(caller, patron, isProtected, isDecoy).version()).isEqualTo(2);
        } else {
            assertThat(refused(() -> put(caller, patron, isProtected, isDecoy)).problem())
                    .isEqualTo(Problem.NOT_ALLOWED);
            assertThat(vault.logSince(from)).extracting(AccessEvent::outcome).containsExactly(Outcome.REFUSED);
        }
    }

    @Test
    void clientPutsNothing() {
        assertThat(refused(() -> put(ILS, patron, true, null)).problem()).isEqualTo(Problem.NOT_ALLOWED);
    }

    @Test
    void liftingAProtectionIsToldOfOnce() {
        protect();
        put(DIRECTOR, patron, false, null);
        put(DIRECTOR, patron, false, null);
        assertThat(alerts()).containsExactly("protection-lifted");
        assertThat(reveal(CLERK, patron, PHONE).phone()).isPresent();
    }

    @Test
    void staleVersionIsRefusedAndNothingIsToldOf() {
        protect();
        assertThat(refused(() -> vault.patrons()
                                .protection()
                                .put(
                                        DIRECTOR,
                                        Optional.of(patron),
                                        OptionalLong.of(1),
                                        new Protection.Request(Optional.of(false), Optional.empty(), Optional.empty()),
                                        Optional.empty(),
                                        AuditLog.newRequest()))
                        .problem())
                .isEqualTo(Problem.VERSION_STALE);
        assertThat(alerts()).isEmpty();
        assertThat(held(patron).isProtected()).isTrue();
    }

    @Test
    void bothOutliveChangeAndCardAndRestart() {
        protect();
        makeDecoy();
        vault.patch(patron, 3, "{'phone':['203-555-9400'],'status':'blocked'}");
        vault.patrons()
                .cardReplacement()
                .replace(CLERK, Optional.of(patron), () -> card + "N", Optional.empty(), AuditLog.newRequest());
        assertThat(held(patron)).matches(Protection.State::isProtected).matches(Protection.State::isDecoy);
        assertThat(alerts()).as("what shows nothing is not told of").isEmpty();
        vault.restart();
        assertThat(held(patron)).matches(Protection.State::isProtected).matches(Protection.State::isDecoy);
    }

    @Test
    void mergingAProtectedPatronProtectsTheResult() {
        protect();
        PatronId stays = register(card + "M", "203-555-9500");
        merge(patron, stays);
        assertThat(held(stays).isProtected()).isTrue();
        assertThat(refused(() -> reveal(CLERK, stays, PHONE)).problem()).isEqualTo(Problem.FIELD_NOT_ALLOWED);
    }

    @Test
    void decoyIsNotMergedInEitherDirectionInTheWordsForAnyPatron() {
        PatronId other = register(card + "M", "203-555-9600");
        makeDecoy();
        for (List<PatronId> pair : List.of(List.of(patron, other), List.of(other, patron))) {
            from = vault.logSize();
            Refused refusal = refused(() -> merge(pair.get(0), pair.get(1)));
            assertThat(refusal.problem()).isEqualTo(Problem.CHANGED_MEANWHILE);
            assertThat(refusal.getMessage()).doesNotContainIgnoringCase("decoy");
            assertThat(alerts()).containsExactly("decoy-opened");
        }
    }

    private static void merge(PatronId goes, PatronId stays) {
        vault.merge(SUPERVISOR, goes, stays);
    }

    @Test
    void erasedPatronIsNeither() {
        protect();
        vault.erase(patron);
        assertThat(refused(() -> held(patron)).problem()).isEqualTo(Problem.NOT_FOUND);
        assertThat(reveal(CLERK, register(card, phone), PHONE).phone()).isPresent();
    }

    @ParameterizedTest
    @CsvSource({"director, true", "privacy-officer, true", "supervisor, false", "circulation, false", "admin, false"})
    void onlyDirectorAndPrivacyOfficerHearOfDecoys(String role, boolean may) {
        makeDecoy();
        Caller caller = OpenVault.person(role);
        if (may) {
            Protection.State held =
                    vault.patrons().protection().read(caller, Optional.of(patron), AuditLog.newRequest());
            assertThat(held.isDecoy()).isTrue();
            assertThat(vault.logSince(from)).hasSize(1);
        } else {
            assertThatThrownBy(
                            () -> vault.patrons().protection().read(caller, Optional.of(patron), AuditLog.newRequest()))
                    .isInstanceOf(Refused.class);
        }
    }

    @Test
    void sixCardsTypedOneAfterTheOtherAreToldOfInTheUnitOfTheSixthSearchFoundOrNot() {
        for (int i = 0; i < 5; i++) {
            find(OpenVault.person("supervisor"), i % 2 == 0 ? "card" : "q", "7000" + i, Set.of());
        }
        assertThat(vault.logSince(from)).extracting(AccessEvent::outcome).containsOnly(Outcome.SEARCHED);
        PatronId sixth = register("70005", "203-555-9700");
        from = vault.logSize();
        find(SUPERVISOR, "card", "70005", Set.of());
        AccessEvent alert = vault.logSince(from).get(1);
        assertThat(alert.outcome()).isEqualTo(Outcome.ALERT);
        assertThat(alert.about()).contains("sequential-cards");
        assertThat(alert.subjects()).extracting(Subject::patron).containsExactly(sixth);
    }

    @Test
    void directorWhoOpensForAPurposeTheDeskDoesNotHaveIsToldOf() throws java.io.IOException {
        java.nio.file.Path policy = vault.home().policy();
        String before = java.nio.file.Files.readString(policy);
        java.nio.file.Files.writeString(
                policy, before.replaceFirst(", patron-request\\]", "]").replaceFirst("\n +patron-request: .*", ""));
        try {
            vault.restart();
            from = vault.logSize();
            AuditLog.await(vault.patrons()
                    .lookup()
                    .reveal(
                            DIRECTOR,
                            Optional.of(patron),
                            Set.of(PatronField.EMAIL),
                            Optional.of(new Purpose("patron-request")),
                            Optional.empty(),
                            AuditLog.newRequest()));
            assertThat(alerts()).containsExactly("unusual-purpose");
            from = vault.logSize();
            reveal(DIRECTOR, patron, Set.of(PatronField.EMAIL));
            assertThat(alerts()).isEmpty();
        } finally {
            java.nio.file.Files.writeString(policy, before);
            vault.restart();
        }
    }

    @Test
    void mergingIntoAProtectedPatronDoesNotTellWhetherAPhoneIsTheirs() {
        protect();
        for (int i = 0; i < 3; i++) {
            mergeWith("203-556-000" + i);
        }
        assertThat(mergeWith(phone)).isEqualTo(mergeWith("203-556-0009"));
    }

    private int mergeWith(String guess) {
        cards += 1_000;
        PatronId guesser =
                vault.register("'card':'P" + cards + "','name':{'family':'Guess'},'phone':['" + guess + "']");
        return vault.merge(guesser, patron).notKept().phone();
    }
}
