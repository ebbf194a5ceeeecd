package org.patronvault.log.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;

/** Tests that the phrases of a patron's report are true, and in a patron's words. */
class EntryPhrasesTest {
    private static final PatronId ANN = new PatronId(1);
    private static final Actor CLERK = new Actor(Actor.Kind.STAFF, "kim", "circulation", "NC");
    private static final EntryPhrases WORDS = new EntryPhrases(false);

    private static AccessEvent event(Actor actor, ActKind act, Outcome outcome, PatronField... fields) {
        Set<PatronField> named = EnumSet.noneOf(PatronField.class);
        named.addAll(List.of(fields));
        return AccessEvent.of(Instant.EPOCH, actor, act, outcome, new byte[16])
                .on(List.of(Subject.opened(new PatronId(2), Set.of(PatronField.CARD)), Subject.opened(ANN, named)));
    }

    @ParameterizedTest
    @EnumSource
    void everyActHasASentenceHoweverItEnded(ActKind act) {
        for (Outcome outcome : Outcome.values()) {
            for (PatronField[] fields : new PatronField[][] {{}, {PatronField.PHONE}}) {
                String sentence = WORDS.what(event(CLERK, act, outcome, fields), ANN);
                assertThat(sentence)
                        .as("%s %s", act, outcome)
                        .matches("[A-Z][a-z].*[.]")
                        .doesNotContain("card number")
                        .doesNotContain("-card");
                assertThat(sentence.contains("refused")).isEqualTo(outcome == Outcome.REFUSED);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "REVEAL   | DISCLOSED | PHONE | Saw your telephone number.",
                "REVEAL   | REFUSED   | PHONE | Tried to see your telephone number, and was refused.",
                "VERIFY   | VERIFIED  | PHONE | Checked what somebody said about your telephone number, without seeing it.",
                "VERIFY   | FAILED    |       | What was said was not what the library has.",
                "VERIFY   | VERIFIED  |       | What was said was right.",
                "SEARCH   | SEARCHED  |       | Came upon you in a search.",
                "SEARCH   | DISCLOSED | NAME  | Found you in a search, and saw your name.",
                "SEARCH   | DISCLOSED | CARD  | Found you in a search, and saw your card number or its last four.",
                "REVEAL   | DISCLOSED | CARD  | Saw your card number.",
                "CHANGE   | DISCLOSED | NAME  | Opened your record to change it.",
                "CHANGE   | WRITTEN   | EMAIL | Changed your e-mail address.",
                "PROTECT  | SEARCHED  |       | Looked who may see your address and telephone number.",
                "PROTECT  | WRITTEN   |       | Changed who may see your address and telephone number.",
                "ERASE    | REFUSED   |       | Tried to erase your record, and was refused.",
                "ACCESSES | REFUSED   |       | Tried to look at who had looked at your record, and was refused."
            })
    void sentencesAreThese(ActKind act, Outcome outcome, PatronField field, String sentence) {
        AccessEvent event = field == null ? event(CLERK, act, outcome) : event(CLERK, act, outcome, field);
        assertThat(WORDS.what(event, ANN)).isEqualTo(sentence);
    }

    @ParameterizedTest
    @EnumSource(names = {"CARRY", "ROTATE", "REENCRYPT", "REINDEX", "CHECK", "LEAKAGE"})
    void upkeepIsNotToldWhoeverBeganIt(ActKind act) {
        assertThat(AccessHistory.isUntold(event(CLERK, act, Outcome.FAILED, PatronField.PHONE)))
                .isTrue();
        assertThat(AccessHistory.isUntold(event(Actor.VAULT, act, Outcome.DISCLOSED)))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"DISCLOSED", "REFUSED", "FAILED"})
    void nothingOfADisclosureIsTold(Outcome outcome) {
        AccessEvent look = event(CLERK, ActKind.REVEAL, outcome, PatronField.PHONE);
        assertThat(AccessHistory.isUntold(look)).isFalse();
        assertThat(AccessHistory.isUntold(look.forPurpose(Purpose.DISCLOSURE))).isTrue();
        assertThat(AccessHistory.isUntold(look.in(new CaseId(3)))).isTrue();
        assertThat(AccessHistory.isUntold(look.ending(Outcome.ALERT))).isTrue();
    }
}
