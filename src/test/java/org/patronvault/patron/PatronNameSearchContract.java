package org.patronvault.patron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
import org.patronvault.patron.change.Protection;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.lookup.SearchQuery;
import org.patronvault.testing.OpenVault;

/**
 * Tests of search by names as a desk types them, for each database. They share one vault and use names of their own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PatronNameSearchContract {
    private static final Caller CLERK = OpenVault.person("circulation");

    private OpenVault vault;
    private int cards;
    private PatronId example;

    abstract OpenVault open();

    @BeforeAll
    void openVault() {
        vault = open();
        example = register(
                "'family':'O’Sullivan-Ng','given':'Katherine','middle':'Rose','suffix':'Jr','preferred':'Kat'");
    }

    @AfterAll
    void close() {
        if (vault != null) {
            vault.close();
        }
    }

    private PatronId register(String name, String... more) {
        cards++;
        return vault.register("'card':'N" + cards + "','name':{" + name + "}" + String.join("", more));
    }

    private List<String> matches(String typed, PatronId... ids) {
        List<PatronId> wanted = List.of(ids);
        return vault.find(typed, Set.of()).hits().stream()
                .filter(hit -> wanted.contains(hit.id()))
                .map(Lookup.Hit::match)
                .toList();
    }

    private Lookup.Result find(Caller caller, SearchQuery query) {
        return AuditLog.await(vault.patrons().lookup().find(caller, query, AuditLog.newRequest()));
    }

    private static SearchQuery fields(String card, String name, String phone, String email, int limit) {
        return new SearchQuery(
                Optional.empty(),
                Optional.ofNullable(card),
                Optional.ofNullable(name),
                Optional.ofNullable(phone),
                Optional.ofNullable(email),
                Optional.of(Purpose.ACCOUNT_SERVICE),
                limit,
                Set.of(),
                Optional.empty());
    }

    private List<PatronId> byFields(String card, String name, String phone, String email) {
        return find(CLERK, fields(card, name, phone, email, 20)).hits().stream()
                .map(Lookup.Hit::id)
                .toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            O'Sullivan-Ng, Katherine  | exact
            katherine osullivan ng    | exact
            OSULLIVANNG               | exact
            Ng, K                     | exact
            k. o'sullivan             | exact
            Kat O’Sullivan–Ng III     | exact
            kat                       | exact
            osu                       | prefix
            o'sul, kath               | prefix
            katherin                  | prefix
            O'Sullivan, Catherine     | phonetic
            Osullivin                 | phonetic
            o'sulivan, Kathreine      | phonetic
            Osullivan-Nf              | typo
            Qsullivan-Ng              | typo
            Osillivan                 | phonetic
            """)
    void everyFormADeskTypesFindsThePatronAtItsRank(String typed, String match) {
        assertThat(matches(typed, example)).containsExactly(match);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ullivan", "Sullivan-Ng", "os", "Rose O'Sullivan", "atherine"})
    void nobodyIsFoundByWhatIsInTheMiddleOfANameNorByAMiddleName(String typed) {
        assertThat(matches(typed, example)).doesNotContain("exact", "prefix");
    }

    @Test
    void rankedExactThenPrefixThenPhoneticThenTypo() {
        PatronId typo = register("'family':'Brannigqn'");
        PatronId phonetic = register("'family':'Branigan'");
        PatronId prefix = register("'family':'Branniganson'");
        PatronId exact = register("'family':'Brannigan'");

        List<Lookup.Hit> hits = vault.find("brannigan").hits();

        assertThat(hits).extracting(Lookup.Hit::id).containsExactly(exact, prefix, phonetic, typo);
        assertThat(hits).extracting(Lookup.Hit::match).containsExactly("exact", "prefix", "phonetic", "typo");
    }

    @Test
    void transliteratedNamesAreFoundInBothScripts() {
        PatronId moscow = register("'family':'Иванова','given':'Наталья'");
        PatronId beijing = register("'family':'王','given':'小明'");
        assertThat(matches("Иванова", moscow)).containsExactly("exact");
        assertThat(matches("ivanova", moscow)).containsExactly("exact");
        assertThat(matches("王小明", beijing)).containsExactly("exact");
        assertThat(matches("wang xiaoming", beijing)).containsExactly("exact");
    }

    @ParameterizedTest
    @ValueSource(strings = {"𠮷田", "𞤀𞤣𞤢𞤥𞤮𞤱", "𐓏𐓘𐓻𐓘𐓻𐓟", "ab𞤀"})
    void namesInScriptsBeyondTheFirst65536LettersAreFoundAsTheyAreWritten(String family) {
        PatronId patron = register("'family':'" + family + "','given':'Ada'");
        assertThat(matches(family, patron)).containsExactly("exact");
        assertThat(matches(family + ", Ada", patron)).containsExactly("exact");
    }

    @Test
    void listThatWasNotReadToItsEndSaysThatThereMayBeOthers() {
        for (int i = 0; i < 30; i++) {
            register("'family':'Quillfeather','given':'Anna'");
        }
        assertThat(find(CLERK, fields(null, "quillfeather, anna", null, null, 20))
                        .more())
                .isTrue();
        assertThat(find(CLERK, fields(null, "quillfeather, bertha", null, null, 20))
                        .more())
                .isFalse();
    }

    @Test
    void textThatIsTooLongIsRefused() {
        assertThatThrownBy(() -> find(CLERK, fields(null, "q".repeat(255), null, null, 20)))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.problem()).isEqualTo(Problem.INVALID));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            'family':'Smith2'                        | Smith2
            'family':'FitzwilliamZq5','given':'Ann'  | fitzwilliamzq5 ann
            'family':'Lee','given':'Jennifer 8.'     | Lee, Jennifer 8.
            'family':'Leigh','given':'Jennifer 8.'   | Jennifer 8. Leigh
            'family':'Tusk','given':'X Æ A-12'       | Tusk, X Æ A-12
            """)
    void nameWithADigitIsFoundInTheBoxAndInItsField(String name, String typed) {
        PatronId patron = register(name);
        assertThat(vault.find(typed, Set.of()).hits())
                .extracting(Lookup.Hit::id)
                .contains(patron);
        assertThat(find(CLERK, fields(null, typed, null, null, 20)).hits())
                .extracting(Lookup.Hit::id)
                .contains(patron);
    }

    @Test
    void lastFourOfCardOrPhoneNarrowANameAndFindNobodyAlone() {
        PatronId one = register("'family':'Quarterman','given':'Bo'", ",'phone':['203-555-7741']");
        PatronId other = register("'family':'Quarterman','given':'Bo'", ",'phone':['203-555-7742']");
        assertThat(matches("quarterman 7741", one, other)).containsExactly("exact");
        assertThat(matches("Bo Quarterman 7742", one, other)).containsExactly("exact");
        assertThat(matches("Cy Quarterman 7742", one, other)).containsExactly("typo");
        assertThat(matches("7741", one, other)).isEmpty();
        assertThat(vault.find("7741").hint()).contains("digits-alone");
    }

    @Test
    void moreThanAPageIsSaidAndEveryNameShownIsInTheEntry() {
        List<PatronId> all = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            all.add(register("'family':'Zylstra','given':'" + (char) ('A' + i) + "nna'"));
        }

        Lookup.Result found = find(CLERK, fields(null, "zylstra", null, null, 20));

        assertThat(found.more()).isTrue();
        assertThat(found.hits()).hasSize(20).extracting(Lookup.Hit::match).containsOnly("exact");
        AccessEvent entry = vault.logSince(found.entry()).get(0);
        assertThat(entry.outcome()).isEqualTo(Outcome.DISCLOSED);
        assertThat(entry.subjects())
                .containsExactlyElementsOf(found.hits().stream()
                        .map(hit -> Subject.opened(hit.id(), Set.of(PatronField.NAME, PatronField.CARD)))
                        .toList());
        assertThat(find(CLERK, fields(null, "zylstra, q", null, null, 20)).hits())
                .extracting(Lookup.Hit::id)
                .containsExactly(all.get(16));
        assertThat(find(CLERK, fields(null, "zylstra", null, null, 3)).hits()).hasSize(3);
    }

    @Test
    void nameAndOtherFieldsMustAllMatch() {
        PatronId one = register(
                "'family':'Vandermeer','given':'Iris'", ",'phone':['203-555-7751'],'email':['iris@example.org']");
        PatronId child = register("'family':'Vandermeer','given':'Otto'", ",'phone':['203-555-7751']");
        PatronId lodger = register("'family':'Abernathy'", ",'phone':['203-555-7751']");
        assertThat(byFields(null, null, "203-555-7751", null)).containsExactlyInAnyOrder(one, child, lodger);
        assertThat(byFields(null, "vandermeer", "203-555-7751", null)).containsExactlyInAnyOrder(one, child);
        assertThat(byFields(null, "Vandermeer, O", "203-555-7751", null)).containsExactly(child);
        assertThat(byFields(null, "vandemeer", "203-555-7751", "iris@example.org"))
                .containsExactly(one);
        assertThat(byFields(null, "smith", "203-555-7751", null)).isEmpty();
        assertThat(byFields(null, "123", "203-555-7751", null)).isEmpty();
        assertThat(byFields(null, "vandermeer", "203-555-7999", null)).isEmpty();
    }

    @Test
    void renamedPatronIsFoundByTheNewNameAloneAndTheErasedNoMore() {
        PatronId patron = register("'family':'Ostrowski','given':'Zofia'");
        vault.patch(patron, 1, "{'name':{'family':'Delacroix'}}");
        assertThat(matches("ostrowski", patron)).isEmpty();
        assertThat(matches("delacroix, zofia", patron)).containsExactly("exact");
        vault.patch(patron, 2, "{'phone':['203-555-7761']}");
        assertThat(matches("delacroix 7761", patron)).containsExactly("exact");
        vault.erase(patron);
        assertThat(matches("delacroix", patron)).isEmpty();
        assertThat(matches("delacroi", patron)).isEmpty();
        assertThat(matches("zofia", patron)).isEmpty();
    }

    @Test
    void whoMergesKeepsTheNameOfTheOneThatStays() {
        PatronId stays = register("'family':'Haverkamp'");
        PatronId goes = register("'family':'Haverkampf'", ",'phone':['203-555-7771']");
        vault.merge(goes, stays);
        assertThat(matches("haverkamp 7771", stays, goes)).containsExactly("exact");
        assertThat(matches("haverkampf", stays, goes)).containsExactly("phonetic");
    }

    @Test
    void protectedPatronIsFoundByNameButNotByTheDigitsOfATelephoneNumber() {
        PatronId patron = register("'family':'Winterbourne'", ",'phone':['203-555-7781']");
        vault.patrons()
                .protection()
                .put(
                        OpenVault.person("supervisor"),
                        Optional.of(patron),
                        OptionalLong.empty(),
                        new Protection.Request(Optional.of(true), Optional.empty(), Optional.empty()),
                        Optional.empty(),
                        AuditLog.newRequest());
        assertThat(matches("winterbourne", patron)).containsExactly("exact");
        assertThat(matches("winterbourne 7781", patron)).isEmpty();
    }

    @Test
    void whoMaySearchByCardAloneIsRefusedANameInItsFieldAndInTheBox() {
        Caller officer = OpenVault.person("privacy-officer");
        for (SearchQuery query : List.of(
                new SearchQuery(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("O'Sullivan"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(new Purpose("patron-request")),
                        20,
                        Set.of(),
                        Optional.empty()),
                SearchQuery.ofBox(
                        Optional.of("O'Sullivan, K"),
                        Optional.of(new Purpose("patron-request")),
                        20,
                        Set.of(),
                        Optional.empty()))) {
            assertThatThrownBy(() -> find(officer, query))
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> assertThat(refused.problem()).isEqualTo(Problem.FIELD_NOT_ALLOWED));
        }
    }
}
