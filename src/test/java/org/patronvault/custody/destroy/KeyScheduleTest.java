package org.patronvault.custody.destroy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.rotate.Operation;
import org.patronvault.custody.rotate.Operations;
import org.patronvault.custody.rotate.Rotations;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.TestClock;

/** Tests of automatic key rotations, and of their reports. */
final class KeyScheduleTest {
    private static final int DAYS = 30;
    /** Within the DEK as the KEK wraps it (format.md). */
    private static final int WRAP_AT = 40;

    private static final Duration MONTH = Duration.ofDays(DAYS);

    private OpenVault vault;
    private KeySchedule schedule;
    private PatronId patron;

    @BeforeEach
    void open() {
        vault = OpenVault.onSqlite();
        patron = vault.register("'card':'S1','name':{'family':'Doe'},'phone':['203-555-0143']");
        schedule = every(DAYS);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private KeySchedule every(int days) {
        return new KeySchedule(vault.vault().custody(), vault.vault().rotations(), days, vault.clock());
    }

    /** Runs turns until one starts nothing, and waits for each; returns the rotated keys in their order. */
    private List<String> turns() {
        List<String> rotated = new ArrayList<>();
        Set<String> before = ids();
        while (true) {
            schedule.turn();
            List<Operation> begun = operations().all().stream()
                    .filter(one -> !before.contains(one.id()))
                    .toList();
            if (begun.isEmpty()) {
                return rotated;
            }
            assertThat(begun).hasSize(1);
            assertThat(operations().await(begun.get(0).id()).state()).isEqualTo(Operation.DONE);
            before.add(begun.get(0).id());
            rotated.add(begun.get(0).field());
        }
    }

    private Set<String> ids() {
        return new TreeSet<>(operations().all().stream().map(Operation::id).toList());
    }

    private Operations operations() {
        return vault.vault().operations();
    }

    private KeyStatus.Key key(String name) {
        return vault.vault().keyStatus().now().keys().stream()
                .filter(one -> one.field().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void fieldsTogetherAndTheIndexAreRotatedOnceWhenTheyAreOldEnough() {
        vault.clock().advance(MONTH.minusSeconds(1));
        assertThat(turns()).isEmpty();
        vault.clock().advance(Duration.ofSeconds(1));
        long from = vault.logSize();

        assertThat(turns()).containsExactlyInAnyOrder(Rotations.ALL, "search");

        assertThat(turns()).isEmpty();
        AccessEvent first = vault.logSince(from).stream()
                .filter(event -> event.act() == ActKind.ROTATE)
                .findFirst()
                .orElseThrow();
        assertThat(first.actor()).isEqualTo(Actor.VAULT);
        assertThat(first.act()).isEqualTo(ActKind.ROTATE);
        assertThat(first.outcome()).isEqualTo(Outcome.KEY);
        assertThat(first.mark()).isPresent();
        assertThat(operations().all()).allSatisfy(one -> assertThat(one.by()).isEqualTo(Actor.VAULT.name()));
    }

    @Test
    void whatACustodianRotatedIsLeftAloneUnlessMostOthersAreDue() {
        vault.clock().advance(Duration.ofDays(10));
        List.of("card", "name", "address", "phone").forEach(vault::rotate);
        vault.clock().advance(Duration.ofDays(20));
        assertThat(turns()).containsExactlyInAnyOrder("email", "meta", "labels", "case", "search");
        vault.clock().advance(Duration.ofDays(10));
        assertThat(turns()).containsExactly(Rotations.ALL);
        vault.clock().advance(MONTH);
        assertThat(turns()).containsExactlyInAnyOrder(Rotations.ALL, "search");
    }

    @Test
    void withNoDaysNothingIsRotated() {
        schedule = every(0);
        vault.clock().advance(Duration.ofDays(1_000));
        assertThat(turns()).isEmpty();
    }

    @Test
    void nothingBeginsWhileAnOperationRuns() {
        vault.clock().advance(MONTH);
        for (int n = 2; n < 12; n++) {
            vault.register("'card':'S" + n + "','name':{'family':'Doe'}");
        }
        Operation slow = vault.vault()
                .rotations()
                .reencrypt(OpenVault.person("custodian"), "email", () -> 4, Optional::empty, AuditLog.newRequest())
                .get(0);
        schedule.turn();
        assertThat(operations().all()).hasSize(1);
        Operation unused =
                vault.vault().rotations().keepTo(OpenVault.person("custodian").actor(), slow.id(), 0);
        assertThat(operations().await(slow.id()).state()).isEqualTo(Operation.DONE);
        assertThat(turns()).containsExactlyInAnyOrder(Rotations.ALL, "search");
    }

    @Test
    void clockThatJumpsRotatesOnceAndNotAgainWhenItIsSetBack() {
        vault.clock().advance(Duration.ofDays(4_000));
        assertThat(turns()).hasSize(2);
        vault.clock().advance(Duration.ofDays(-4_000));
        assertThat(turns()).hasSize(2);
        assertThat(turns()).isEmpty();
        assertThat(key("phone").nextRotation()).contains(TestClock.MORNING.plus(MONTH));
    }

    @Test
    void keyThatIsOldAndWasWorkedAtLatelyKeepsNoOtherFromItsTurn() {
        // As a rebuild that failed leaves it; the next goes on with the version that was made for it.
        vault.vault().custody().addIndexVersion();
        vault.clock().advance(Duration.ofDays(20));
        vault.rotate("search");
        vault.vault().custody().addVersion("card");
        vault.clock().advance(Duration.ofDays(10));
        assertThat(turns()).containsExactly(Rotations.ALL);
        vault.clock().advance(Duration.ofDays(20));
        assertThat(turns()).containsExactly("search");
    }

    @Test
    void serverThatDoesNotKnowYetThatAnotherRotatedIsRefusedInItsUnit() {
        vault.clock().advance(MONTH);
        vault.rotate("card");
        int version = vault.patrons().vault().primaryVersion(PatronField.CARD);
        assertThatThrownBy(() -> vault.vault().rotations().beginByItself("card", tx -> schedule.requireDue(tx, "card")))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.CHANGED_MEANWHILE));
        assertThat(vault.patrons().vault().primaryVersion(PatronField.CARD)).isEqualTo(version);
    }

    @Test
    void statusSaysWhenTheNextRotationIsAndSinceWhenAVersionIsToBeDestroyed() {
        assertThat(key("phone").nextRotation()).contains(TestClock.MORNING.plus(MONTH));
        assertThat(key("index-label").nextRotation()).contains(TestClock.MORNING.plus(MONTH));
        assertThat(key("row").nextRotation()).isEmpty();
        vault.clock().advance(Duration.ofDays(3));
        Instant rotated = vault.clock().instant();
        vault.rotate("phone");
        vault.rotate("search");
        vault.clock().advance(Duration.ofDays(1));
        vault.rotate("phone");
        for (String name : List.of("phone", "index-label", "index-value")) {
            KeyStatus.Version old = key(name).versions().get(0);
            assertThat(old.retired()).contains(rotated);
        }
        assertThat(key("phone").versions().get(1).retired()).contains(rotated.plus(Duration.ofDays(1)));
        assertThat(key("phone").versions().get(2).retired()).isEmpty();
        assertThat(vault.vault().keyStatus().retired("search")).hasToString("[search 1]");
        assertThat(vault.vault().keyStatus().retired("phone")).hasToString("[phone 1, phone 2]");
    }

    @Test
    void failedRotationIsShownWithItsNumberAndCureUntilOneEndsWell() throws SQLException {
        damage();
        assertThat(vault.rotate("phone").state()).isEqualTo(Operation.FAILED);
        assertThat(vault.rotate("email").state()).isEqualTo(Operation.DONE);
        assertThat(vault.vault().keyStatus().unsettled()).singleElement().satisfies(one -> {
            assertThat(one.operation().field()).isEqualTo("phone");
            assertThat(one.hindrance().orElseThrow())
                    .startsWith("1 could not be moved (phone).")
                    .endsWith("`keys rotate phone`.");
        });
        assertThat(late(Duration.ZERO).failed()).containsExactly("keys rotate phone");
        // Damaging it again repairs it.
        damage();
        vault.clock().advance(Duration.ofSeconds(1));
        assertThat(vault.rotate("phone").state()).isEqualTo(Operation.DONE);
        assertThat(vault.vault().keyStatus().unsettled()).isEmpty();
        assertThat(late(Duration.ZERO).failed()).isEmpty();
    }

    @Test
    void rotationOfAllThatLeftAFieldBehindCountsAsGoodForTheOthers() throws SQLException {
        damage();
        Instant rotated = vault.clock().instant();
        Operation all = vault.rotate(Rotations.ALL);
        assertThat(all.state()).isEqualTo(Operation.FAILED);
        assertThat(all.notWell()).containsExactly("phone");
        AccessEvent end = vault.logSince(vault.logSize() - 1).get(0);
        assertThat(end.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(end.subjects()).containsExactly(Subject.opened(patron, Set.of(PatronField.PHONE)));
        assertThat(vault.vault().keyStatus().unsettled())
                .singleElement()
                .satisfies(one -> assertThat(one.hindrance().orElseThrow())
                        .startsWith("1 could not be moved (phone).")
                        .endsWith("`keys rotate phone`."));
        assertThat(late(Duration.ofDays(3)).failed()).containsExactly("keys rotate phone");
        assertThat(late(Duration.ofDays(3)).destruction())
                .containsExactlyInAnyOrder("card", "name", "address", "email", "meta", "labels", "case");
        vault.clock().advance(Duration.ofDays(10));
        damage();
        assertThat(vault.rotate("phone").state()).isEqualTo(Operation.DONE);
        assertThat(vault.vault().keyStatus().unsettled()).isEmpty();
        assertThat(late(Duration.ZERO).failed()).isEmpty();
        assertThat(vault.rotate(Rotations.ALL).state()).isEqualTo(Operation.DONE);
        assertThat(key("name").versions().get(0).retired()).contains(rotated);
    }

    private void damage() throws SQLException {
        byte[] envelope = vault.vault()
                .store()
                .read(tx -> tx.wraps().outdated(Map.of(PatronField.PHONE, 2), Long.MIN_VALUE, 1))
                .patrons()
                .get(0)
                .value(PatronField.PHONE)
                .orElseThrow()
                .envelope();
        envelope[WRAP_AT] ^= 1;
        try (Connection connection = vault.connect();
                PreparedStatement update =
                        connection.prepareStatement("UPDATE cell SET envelope = ? WHERE field = 'phone'")) {
            update.setBytes(1, envelope);
            update.execute();
        }
    }

    @Test
    void rowsAloneSayWhatIsLate() {
        assertThat(late(Duration.ofDays(30))).isEqualTo(new KeySchedule.Late(List.of(), List.of(), List.of()));
        assertThat(late(Duration.ofDays(32)).rotation()).hasSize(9);
        vault.rotate("phone");
        assertThat(late(Duration.ofDays(32)).rotation()).hasSize(9);
        vault.clock().advance(Duration.ofDays(2));
        vault.rotate("email");
        assertThat(late(Duration.ofDays(1).minusSeconds(1)))
                .isEqualTo(new KeySchedule.Late(List.of(), List.of(), List.of()));
        assertThat(late(Duration.ofDays(1)).destruction()).containsExactly("phone");
        assertThat(late(Duration.ofDays(32)).rotation()).hasSize(8).doesNotContain("email");
    }

    private KeySchedule.Late late(Duration after) {
        return vault.vault()
                .store()
                .read(tx -> KeySchedule.late(tx, DAYS, TestClock.MORNING, TestClock.MORNING.plus(after)));
    }
}
