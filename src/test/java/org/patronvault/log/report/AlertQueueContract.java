package org.patronvault.log.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.testing.OpenVault;

/** Tests that an alert waits until another person has reviewed it. */
abstract class AlertQueueContract {
    private static final Caller OFFICER = person("olga", "privacy-officer");
    private static final Caller OTHER_OFFICER = person("otto", "privacy-officer");
    private static final Caller CLERK = person("kim", "circulation");

    private OpenVault vault;
    private long before;

    abstract OpenVault vault();

    private static Caller person(String name, String role) {
        return new Caller(
                new Actor(Actor.Kind.STAFF, name, role, "NC"),
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                false);
    }

    @BeforeEach
    void open() {
        vault = vault();
        before = queue().count();
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private AlertQueue alerts() {
        return vault.vault().privacy().logOverview().alerts();
    }

    private AlertQueue.Queue queue() {
        return vault.vault()
                .privacy()
                .logOverview()
                .look(OFFICER, AuditLog.newRequest())
                .alerts();
    }

    private int mark(Caller caller, Long... entries) {
        return alerts().mark(caller, () -> List.of(entries), AuditLog.newRequest());
    }

    /** Logs an access that raises those alerts; returns its entry. */
    private long look(Caller by, Set<Alert> alerts) {
        AccessEvent look = vault.vault()
                .log()
                .event(by.actor(), ActKind.REVEAL, Outcome.DISCLOSED, AuditLog.newRequest())
                .forPurpose(Purpose.ACCOUNT_SERVICE)
                .on(List.of(Subject.opened(new PatronId(7), Set.of(PatronField.PHONE))));
        return vault.vault().log().record(look, alerts.toArray(Alert[]::new)).index();
    }

    private long alert() {
        return look(CLERK, Set.of(Alert.LIMIT_HALF)) + 1;
    }

    @Test
    void newestComesFirstWithTheEntryOfItsAct() {
        long first = alert();
        long act = look(CLERK, Set.of(Alert.LIMIT_HALF, Alert.PROTECTED_ASKED));
        List<AlertQueue.QueuedAlert> waiting = queue().waiting();
        assertThat(waiting).extracting(AlertQueue.QueuedAlert::entry).startsWith(act + 2, act + 1, first);
        assertThat(waiting).extracting(AlertQueue.QueuedAlert::act).startsWith(act, act, first - 1);
        assertThat(waiting.get(0).event().subjects()).as("nobody is opened").isEmpty();
        assertThat(queue().count() - before).isEqualTo(3);
    }

    @Test
    void whatOneMarkedWaitsForNobodyAndIsInTheLog() {
        long alert = alert();
        long size = vault.logSize();
        assertThat(mark(OFFICER, alert)).isEqualTo(1);
        assertThat(vault.logSince(size)).singleElement().satisfies(entry -> {
            assertThat(entry.act()).isEqualTo(ActKind.REVIEW);
            assertThat(entry.outcome()).isEqualTo(Outcome.CONFIGURATION);
            assertThat(entry.actor().name()).isEqualTo("olga");
            assertThat(entry.about()).contains(Long.toString(alert));
        });
        AlertQueue.QueuedAlert told = queue().lookedInto().get(0);
        assertThat(told.entry()).isEqualTo(alert);
        assertThat(told.reviewed().orElseThrow().by()).isEqualTo("olga");
        assertThat(told.reviewed().orElseThrow().when()).isEqualTo(vault.clock().instant());
        assertThat(queue().count()).isEqualTo((int) before);
        assertThat(mark(OTHER_OFFICER, alert)).as("again").isZero();
        vault.restart();
        assertThat(queue().count()).isEqualTo((int) before);
        assertThat(queue().lookedInto().get(0).entry()).isEqualTo(alert);
    }

    @Test
    void whoSetItOffDoesNotMarkIt() {
        long own = look(OFFICER, Set.of(Alert.LIMIT_HALF)) + 1;
        long clerks = alert();
        assertThatThrownBy(() -> mark(OFFICER, clerks, own))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.SECOND_PERSON_REQUIRED));
        assertThat(queue().count() - before).as("neither is marked").isEqualTo(2);
        List<AccessEvent> log = vault.logSince(clerks);
        assertThat(log).anySatisfy(entry -> {
            assertThat(entry.act()).isEqualTo(ActKind.REVIEW);
            assertThat(entry.reason()).contains(Problem.SECOND_PERSON_REQUIRED);
        });
        assertThat(mark(OTHER_OFFICER, clerks, own)).isEqualTo(2);
    }

    @Test
    void whatIsNoAlertIsNotMarked() {
        long act = look(CLERK, Set.of());
        for (long entry : new long[] {act, vault.logSize() + 100}) {
            assertThatThrownBy(() -> mark(OFFICER, entry))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_FOUND));
        }
    }

    @Test
    void whoMayNotReadTheLogNeitherLooksNorMarksAndIsLogged() {
        long alert = alert();
        long size = vault.logSize();
        assertThatThrownBy(() -> mark(CLERK, alert)).isInstanceOf(Refused.class);
        assertThatThrownBy(() -> vault.vault().privacy().logOverview().look(CLERK, AuditLog.newRequest()))
                .isInstanceOf(Refused.class);
        assertThat(vault.logSince(size)).extracting(AccessEvent::act).containsExactly(ActKind.REVIEW, ActKind.READ_LOG);
    }

    @Test
    void lookIsInTheLog() {
        long size = vault.logSize();
        queue();
        assertThat(vault.logSince(size))
                .singleElement()
                .satisfies(entry -> assertThat(entry.act()).isEqualTo(ActKind.READ_LOG));
    }

    @Test
    void rowThatSomebodyPutIntoTheDatabaseHidesNoAlert() throws SQLException {
        long alert = alert();
        try (Connection connection = vault.connect();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO authority (kind, name, generation, body, mac) VALUES ('alert-review', ?, 1, ?, ?)")) {
            insert.setString(1, Long.toString(alert));
            insert.setString(2, "{\"by\":\"olga\",\"role\":\"privacy-officer\",\"at\":1}");
            insert.setBytes(3, new byte[32]);
            insert.executeUpdate();
        }
        assertThat(queue().waiting()).extracting(AlertQueue.QueuedAlert::entry).startsWith(alert);
    }

    @Test
    void onlyTheNewestAreShownButAllAreCounted() {
        for (int i = 0; i < AlertQueue.MOST + 5; i++) {
            alert();
        }
        AlertQueue.Queue queue = queue();
        assertThat(queue.waiting()).hasSize(AlertQueue.MOST);
        assertThat(queue.count() - before).isEqualTo(AlertQueue.MOST + 5);
        assertThat(queue.counted()).isTrue();
    }
}
