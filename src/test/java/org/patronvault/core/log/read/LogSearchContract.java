package org.patronvault.core.log.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.LogQuery;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;

/** Tests of entries found by their content, in either order. */
abstract class LogSearchContract {
    private static final long NOW = Long.MAX_VALUE;

    @TempDir
    Path home;

    private LogTestVault vault;

    abstract LogTestVault vault(Path emptyDirectory);

    @BeforeEach
    void open() {
        vault = vault(home);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private static AccessEvent event(String time, Actor actor, ActKind act, Outcome outcome) {
        return AccessEvent.of(Instant.parse(time), actor, act, outcome, AuditLog.newRequest());
    }

    private static Actor clerk(String name) {
        return new Actor(Actor.Kind.STAFF, name, "circulation", "NC");
    }

    private long append(AccessEvent event) {
        return vault.log.record(event).index();
    }

    private static Subject looked(long patron) {
        return Subject.opened(new PatronId(patron), Set.of(PatronField.PHONE));
    }

    private static LogQuery query(String... members) {
        Map<String, String> written = new java.util.HashMap<>();
        for (int i = 0; i < members.length; i += 2) {
            written.put(members[i], members[i + 1]);
        }
        return LogQuery.parse(name -> Optional.ofNullable(written.get(name)), ZoneOffset.UTC);
    }

    private List<Long> newest(LogQuery query) {
        return vault.log.reader().search().newest(query, NOW, 100).entries().stream()
                .map(LogReader.Entry::index)
                .toList();
    }

    private List<Long> all(LogQuery query) {
        List<Long> indices = new ArrayList<>();
        vault.log.reader().search().forEach(query, entry -> indices.add(entry.index()), index -> {});
        return indices;
    }

    private void finds(LogQuery query, Long... indices) {
        assertThat(newest(query)).containsExactly(indices);
        assertThat(all(query)).containsExactly(indices);
    }

    @Test
    void eachMemberMustFit() {
        CaseId inCase = new CaseId(77);
        long first = append(event("2026-11-20T09:00:00Z", clerk("clerk"), ActKind.REVEAL, Outcome.DISCLOSED)
                .forPurpose(Purpose.ACCOUNT_SERVICE)
                .on(List.of(looked(1))));
        long second = append(event("2026-11-21T09:00:00Z", clerk("kim"), ActKind.SEARCH, Outcome.REFUSED)
                .forPurpose(new Purpose("checkout"))
                .on(List.of(looked(1), looked(2))));
        long third = append(event(
                        "2026-11-22T09:00:00Z",
                        new Actor(Actor.Kind.CLIENT, "koha", "ils,notices", ""),
                        ActKind.REVEAL,
                        Outcome.DISCLOSED)
                .forPurpose(new Purpose("hold-notice"))
                .on(List.of(looked(2))));
        long fourth = append(event("2026-11-22T10:00:00Z", clerk("dora"), ActKind.REVEAL, Outcome.DISCLOSED)
                .forPurpose(Purpose.DISCLOSURE)
                .on(List.of(looked(3)))
                .in(inCase));
        finds(query("patron", new PatronId(1).toString()), first, second);
        finds(query("patron", new PatronId(2).toString()), second, third);
        finds(query("patron", new PatronId(2).toString(), "act", "search"), second);
        finds(query("case", inCase.toString()), fourth);
        finds(query("actor", "Kim "), second);
        finds(query("role", "notices"), third);
        finds(query("purpose", "checkout"), second);
        finds(query("act", "reveal"), first, third, fourth);
        finds(query("act", "reveal", "actor", "clerk"), first);
        finds(query("outcome", "refused"), second);
        finds(query("patron", new PatronId(4).toString()));
        finds(query("actor", "nobody"));
    }

    @Test
    void timesAndDaysBoundWhatIsFoundWhereverInTheLogItStands() {
        long late = append(event("2026-11-22T00:00:00Z", clerk("clock"), ActKind.SEARCH, Outcome.SEARCHED));
        long early = append(event("2026-11-19T23:59:59.999Z", clerk("clock"), ActKind.SEARCH, Outcome.SEARCHED));
        long mid = append(event("2026-11-20T12:00:00Z", clerk("clock"), ActKind.SEARCH, Outcome.SEARCHED));
        finds(query("actor", "clock", "since", "2026-11-20"), late, mid);
        finds(query("actor", "clock", "until", "2026-11-20"), early, mid);
        finds(query("actor", "clock", "since", "2026-11-20", "until", "2026-11-21"), mid);
        finds(query("actor", "clock", "since", "2026-11-22T01:00:00+01:00"), late);
        finds(query("actor", "clock", "until", "2026-11-19T23:59:59.999Z"));
        finds(query("actor", "clock", "since", "2027-01-01"));
        LogQuery inTokyo = LogQuery.parse(
                name -> Optional.ofNullable(
                        Map.of("actor", "clock", "since", "2026-11-22").get(name)),
                ZoneId.of("Asia/Tokyo"));
        finds(inTokyo, late);
    }

    @Test
    void newestGoesOnWhereItStoppedUntilNothingIsLeft() {
        vault.fill(1_500);
        List<Long> expected = LongStream.range(0, 7)
                .mapToObj(i -> append(event("2026-11-24T10:00:00Z", clerk("rare"), ActKind.FACTS, Outcome.SEARCHED)))
                .toList();
        vault.fill(1_200);
        List<Long> found = new ArrayList<>();
        OptionalLong next = OptionalLong.of(NOW);
        int answers = 0;
        while (next.isPresent()) {
            LogSearch.Result some = vault.log.reader().search().newest(query("actor", "rare"), next.getAsLong(), 3);
            assertThat(some.entries()).hasSizeLessThanOrEqualTo(3);
            found.addAll(0, some.entries().stream().map(LogReader.Entry::index).toList());
            next = some.next();
            answers++;
        }
        assertThat(found).isEqualTo(expected);
        assertThat(answers).isBetween(3, 4);
        assertThat(all(query("actor", "rare"))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "patron,12",
        "case,0000000000000000",
        "act,stare",
        "outcome,unknown",
        "since,yesterday",
        "since,+999999999-12-31",
        "until,+999999999-12-31",
        "since,-292278995-01-01T00:00:00Z",
        "until,10000-01-01",
        "purpose,A B",
        "purpose,gossip"
    })
    void memberThatCannotBeReadIsRefusedWithoutBeingRepeated(String member, String text) {
        assertThatThrownBy(() -> query(member, text))
                .isInstanceOf(Refused.class)
                .hasMessageNotContaining(text);
    }

    @Test
    void entryThatWasChangedIsNamedAndStopsNothing() throws SQLException {
        long before = append(event("2026-11-20T09:00:00Z", clerk("clerk"), ActKind.REVEAL, Outcome.DISCLOSED)
                .on(List.of(looked(1))));
        long changed = append(event("2026-11-20T09:01:00Z", clerk("clerk"), ActKind.REVEAL, Outcome.DISCLOSED)
                .on(List.of(looked(1))));
        long after = append(event("2026-11-20T09:02:00Z", clerk("clerk"), ActKind.REVEAL, Outcome.DISCLOSED)
                .on(List.of(looked(1))));
        byte[] leaf = vault.store.read(tx -> tx.log().leaf(changed)).orElseThrow();
        leaf[leaf.length - 1] ^= 1;
        try (Connection connection = DriverManager.getConnection(vault.settings.jdbcUrl());
                PreparedStatement statement =
                        connection.prepareStatement("UPDATE access_log SET leaf = ? WHERE idx = ?")) {
            statement.setBytes(1, leaf);
            statement.setLong(2, changed);
            statement.executeUpdate();
        }
        LogSearch.Result found = vault.log.reader().search().newest(query("actor", "clerk"), NOW, 100);
        assertThat(found.entries()).extracting(LogReader.Entry::index).containsExactly(before, after);
        assertThat(found.unreadable()).containsExactly(changed);
        List<Long> unreadable = new ArrayList<>();
        List<Long> read = new ArrayList<>();
        vault.log.reader().search().forEach(query("actor", "clerk"), entry -> read.add(entry.index()), unreadable::add);
        assertThat(read).containsExactly(before, after);
        assertThat(unreadable).containsExactly(changed);
        finds(query("patron", new PatronId(1).toString()), before, after);
    }
}
