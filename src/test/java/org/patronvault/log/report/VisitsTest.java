package org.patronvault.log.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.log.read.LogReader.Entry;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;

/** Tests of the entries that the log page shows as one visit. */
class VisitsTest {
    private static final Instant BEGIN = Instant.parse("2026-11-24T15:04:00Z");
    private static final Purpose SERVICE = Purpose.ACCOUNT_SERVICE;
    private static final Purpose CHECKOUT = new Purpose("checkout");

    private final List<Entry> entries = new ArrayList<>();

    private void entry(String who, int seconds, Purpose purpose, ActKind act, PatronField field, long... patrons) {
        List<Subject> subjects = LongStream.of(patrons)
                .mapToObj(patron -> Subject.opened(new PatronId(patron), Set.of(field)))
                .toList();
        AccessEvent event = AccessEvent.of(
                        BEGIN.plusSeconds(seconds),
                        new Actor(Actor.Kind.STAFF, who, "circulation", "NC"),
                        act,
                        Outcome.DISCLOSED,
                        AuditLog.newRequest())
                .forPurpose(purpose)
                .on(subjects);
        entries.add(new Entry(entries.size(), event));
    }

    private void search(String who, int seconds, long... patrons) {
        entry(who, seconds, SERVICE, ActKind.SEARCH, PatronField.NAME, patrons);
    }

    private void reveal(String who, int seconds, long patron) {
        entry(who, seconds, SERVICE, ActKind.REVEAL, PatronField.PHONE, patron);
    }

    private List<Long> visits() {
        Visits visits = new Visits();
        return entries.stream().map(visits::of).toList();
    }

    @Test
    void searchAndWhatIsOpenedOfOneItFoundAreOneVisitOfThatPatron() {
        search("clerk", 0, 1, 2, 3);
        reveal("clerk", 30, 2);
        entry("clerk", 60, SERVICE, ActKind.VERIFY, PatronField.ADDRESS, 2);
        assertThat(visits()).containsExactly(0L, 0L, 0L);
        Visits.Visit visit = Visits.in(entries).get(0);
        assertThat(visit.patrons()).containsExactly(new PatronId(2));
        assertThat(visit.fields()).containsExactly(PatronField.NAME, PatronField.ADDRESS, PatronField.PHONE);
        assertThat(visit.entries()).isEqualTo(entries);
        assertThat(visit.end()).isEqualTo(BEGIN.plusSeconds(60));
    }

    @Test
    void anotherPatronIsAnotherVisitThoughTheSearchFoundBoth() {
        search("clerk", 0, 1, 2);
        reveal("clerk", 10, 1);
        reveal("clerk", 20, 2);
        assertThat(visits()).containsExactly(0L, 0L, 2L);
    }

    @Test
    void anotherPersonOrPurposeIsAnotherVisit() {
        reveal("clerk", 0, 1);
        reveal("kim", 1, 1);
        entry("clerk", 2, CHECKOUT, ActKind.REVEAL, PatronField.CARD, 1);
        reveal("clerk", 3, 1);
        assertThat(visits()).containsExactly(0L, 1L, 2L, 0L);
    }

    @Test
    void pauseOfMoreThanTenMinutesEndsAVisitHoweverLongItIs() {
        reveal("clerk", 0, 1);
        reveal("clerk", 600, 1);
        reveal("clerk", 1_200, 1);
        reveal("clerk", 1_801, 1);
        assertThat(visits()).containsExactly(0L, 0L, 0L, 3L);
    }

    @Test
    void entryThatNamesNobodyStandsAloneAndEndsNothing() {
        reveal("clerk", 0, 1);
        search("clerk", 5);
        reveal("clerk", 10, 1);
        assertThat(visits()).containsExactly(0L, 1L, 0L);
        assertThat(Visits.in(entries)).extracting(Visits.Visit::id).containsExactly(0L, 1L);
    }

    @Test
    void whoServesTwoPatronsAtATimeHasOneVisitWithEach() {
        reveal("clerk", 0, 1);
        reveal("clerk", 5, 2);
        reveal("clerk", 10, 1);
        reveal("clerk", 15, 2);
        assertThat(visits()).containsExactly(0L, 1L, 0L, 1L);
    }
}
