package org.patronvault.log.count;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Lane;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Purpose;

/** Tests of the numbers of records opened and erased in each month, from the unsealed members of the log. */
abstract class MonthCounterContract {
    private static final YearMonth NOVEMBER = YearMonth.of(2026, 11);
    private static final YearMonth DECEMBER = YearMonth.of(2026, 12);

    @TempDir
    Path directory;

    LogTestVault vault;
    private Instant now = LogTestVault.CLOCK.instant();

    abstract LogTestVault vault(Path emptyDirectory);

    @BeforeEach
    void open() {
        vault = vault(directory);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private MonthCounter counter() {
        return new MonthCounter(vault.store, vault.custody, vault.log, Clock.fixed(now, ZoneOffset.UTC), 64);
    }

    private MonthCounts count() {
        try (MonthCounter counter = counter()) {
            counter.settle();
            return counter.counts();
        }
    }

    private void at(String time) {
        now = Instant.parse(time);
    }

    private AccessEvent event(Actor actor, ActKind act, Outcome outcome) {
        return AccessEvent.of(now, actor, act, outcome, AuditLog.newRequest());
    }

    private void append(AccessEvent event) {
        AuditLog.await(vault.log.submit(AuditLog.entry(event), Lane.DESK));
    }

    private void open(Purpose purpose) {
        append(event(LogTestVault.CLERK, ActKind.REVEAL, Outcome.DISCLOSED).forPurpose(purpose));
    }

    @Test
    void whatSomebodyOpenedAndErasedIsCounted() {
        open(Purpose.ACCOUNT_SERVICE);
        open(Purpose.EXPORT);
        open(new Purpose("newsletter"));
        append(event(LogTestVault.CLERK, ActKind.REVEAL, Outcome.DISCLOSED)
                .forPurpose(Purpose.PATRON_REQUEST)
                .on(List.of(
                        Subject.opened(new PatronId(1), Set.of(PatronField.NAME)),
                        Subject.opened(new PatronId(2), Set.of(PatronField.NAME)))));
        append(event(LogTestVault.CLERK, ActKind.ERASE, Outcome.ERASED));
        assertThat(count().in(NOVEMBER)).isEqualTo(new MonthCounts.Month(4, 1));
    }

    @Test
    void whatTheVaultDoesByItselfAndWhatWasNotDoneIsNot() {
        List.of(Purpose.IMPORT, Purpose.REINDEX, Purpose.CHECK).forEach(this::open);
        append(event(LogTestVault.CLERK, ActKind.REVEAL, Outcome.REFUSED).forPurpose(Purpose.ACCOUNT_SERVICE));
        append(event(LogTestVault.CLERK, ActKind.SEARCH, Outcome.SEARCHED).forPurpose(Purpose.ACCOUNT_SERVICE));
        append(event(LogTestVault.CLERK, ActKind.ERASE, Outcome.REFUSED));
        append(event(Actor.VAULT, ActKind.ERASE, Outcome.ERASED));
        append(event(Actor.VAULT, ActKind.CARRY, Outcome.ERASED));
        MonthCounts counts = count();
        assertThat(counts.to()).isEqualTo(vault.log.reader().size());
        assertThat(counts.in(NOVEMBER)).isEqualTo(new MonthCounts.Month(0, 0));
    }

    @Test
    void monthIsClosedOnceADayOfTheNextIsOver() {
        open(Purpose.ACCOUNT_SERVICE);
        at("2026-12-01T23:59:59Z");
        assertThat(count().closed()).isEqualTo(202610);
        at("2026-12-02T00:00:00Z");
        MonthCounts closed = count();
        assertThat(closed.closed()).isEqualTo(202611);
        assertThat(closed.checkpoint())
                .isEqualTo(vault.log.lastCheckpoint().orElseThrow().note());
        vault.fill(3);
        vault.log.checkpoint();
        assertThat(count().checkpoint()).isEqualTo(closed.checkpoint());
    }

    @Test
    void closedMonthStaysWhateverTheLogGetsLater() {
        open(Purpose.ACCOUNT_SERVICE);
        at("2026-12-02T00:00:00Z");
        MonthCounts before = count();
        at("2026-11-30T12:00:00Z");
        open(Purpose.ACCOUNT_SERVICE);
        at("2026-12-02T00:01:00Z");
        MonthCounts after = count();
        assertThat(after.in(NOVEMBER)).isEqualTo(before.in(NOVEMBER)).isEqualTo(new MonthCounts.Month(1, 0));
        assertThat(after.in(DECEMBER)).isEqualTo(new MonthCounts.Month(1, 0));
    }

    @Test
    void monthsThatAWrongClockClosedAreOpenAgain() {
        open(Purpose.ACCOUNT_SERVICE);
        at("2099-06-15T00:00:00Z");
        assertThat(count().closed()).isEqualTo(209905);
        at("2026-12-15T00:00:00Z");
        open(Purpose.ACCOUNT_SERVICE);
        MonthCounts counts = count();
        assertThat(counts.closed()).isEqualTo(202611);
        assertThat(counts.in(NOVEMBER)).isEqualTo(new MonthCounts.Month(1, 0));
        assertThat(counts.in(DECEMBER)).isEqualTo(new MonthCounts.Month(1, 0));
    }

    @Test
    void whatWasChangedCountsAsNothingAndIsMadeAnew() {
        open(Purpose.ACCOUNT_SERVICE);
        MonthCounts counts = count();
        vault.store.write(tx -> {
            tx.setFact(MonthCounts.FACT, "AAAA");
            return null;
        });
        try (MonthCounter counter = counter()) {
            assertThat(counter.counts().to()).isZero();
        }
        assertThat(count().in(NOVEMBER)).isEqualTo(counts.in(NOVEMBER));
    }

    @Test
    void countsOfAnotherTreeAreMadeAnew() {
        open(Purpose.ACCOUNT_SERVICE);
        MonthCounts counts = count();
        TreeMap<Integer, MonthCounts.Month> other = new TreeMap<>(Map.of(202611, new MonthCounts.Month(99, 99)));
        for (MonthCounts foreign : List.of(
                counts.at(counts.to(), new byte[32], other), counts.at(counts.to() + 1, counts.root(), other))) {
            vault.store.write(tx -> {
                foreign.write(tx, vault.custody.keys());
                return null;
            });
            assertThat(count().in(NOVEMBER)).isEqualTo(new MonthCounts.Month(1, 0));
        }
    }

    @Test
    void severalNodesCountEachEntryOnce() {
        open(Purpose.ACCOUNT_SERVICE);
        vault.fill(100);
        open(Purpose.ACCOUNT_SERVICE);
        try (MonthCounter one = counter();
                MonthCounter other = counter()) {
            assertThat(one.step()).isTrue();
            assertThat(one.counts().in(NOVEMBER).opened()).isEqualTo(1);
            assertThat(other.step()).isFalse();
            one.settle();
            assertThat(one.counts().in(NOVEMBER).opened()).isEqualTo(2);
            assertThat(other.counts().to()).isEqualTo(vault.log.reader().size());
        }
    }

    @Test
    void leafThatIsAnotherWhileItIsReadIsNotCounted() throws SQLException {
        open(Purpose.ACCOUNT_SERVICE);
        byte[] opening = leaf(vault.log.reader().size() - 1);
        MonthCounts before = count();
        open(Purpose.REINDEX);
        byte[] leaf = leaf(before.to());
        // The node has hashed the true entry when an attacker replaces it for a moment.
        assertThat(vault.log.reading(0).own().size()).isEqualTo(before.to() + 1);
        setLeaf(before.to(), opening);
        try (MonthCounter counter = counter()) {
            assertThatThrownBy(counter::step).isInstanceOf(IntegrityException.class);
            assertThat(counter.counts().to()).isEqualTo(before.to());
            setLeaf(before.to(), leaf);
            counter.settle();
            assertThat(counter.counts().to()).isEqualTo(before.to() + 1);
            assertThat(counter.counts().in(NOVEMBER)).isEqualTo(before.in(NOVEMBER));
        }
    }

    private byte[] leaf(long index) {
        return vault.store.read(tx -> tx.log().leaf(index)).orElseThrow();
    }

    private void setLeaf(long index, byte[] leaf) throws SQLException {
        try (Connection connection = DriverManager.getConnection(vault.settings.jdbcUrl());
                PreparedStatement change =
                        connection.prepareStatement("UPDATE access_log SET leaf = ? WHERE idx = ?")) {
            change.setBytes(1, leaf);
            change.setLong(2, index);
            change.executeUpdate();
        }
    }
}
