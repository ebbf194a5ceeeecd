package org.patronvault.core.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.ValueRow;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.testing.OpenVault;

/**
 * Tests that no plaintext is returned before its entry is committed, and none that the entry does not name (promise 1).
 */
final class ReceiptFirstTest {
    private static final Set<PatronField> PHONE = Set.of(PatronField.PHONE);
    private static final Actor CLERK = OpenVault.person("circulation").actor();
    private static final Purpose WHY = Purpose.ACCOUNT_SERVICE;

    private OpenVault vault;
    private PatronId patron;

    @BeforeEach
    void registerOne() {
        vault = OpenVault.onSqlite();
        patron = vault.register("'card':'R1','name':{'family':'Doe'},'phone':['203-555-0101']");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private CompletableFuture<Lookup.RevealedPatron> reveal() {
        return vault.patrons()
                .lookup()
                .reveal(
                        OpenVault.person("circulation"),
                        Optional.of(patron),
                        PHONE,
                        Optional.of(Purpose.ACCOUNT_SERVICE),
                        Optional.empty(),
                        AuditLog.newRequest());
    }

    @Test
    void whileTheEntryCannotBeWrittenNothingIsShown() throws SQLException {
        long before = vault.logSize();
        try (Connection other = vault.connect();
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            CompletableFuture<Lookup.RevealedPatron> look = reveal();
            assertThatThrownBy(() -> AuditLog.await(look))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.LOG_UNAVAILABLE));
            statement.execute("ROLLBACK");
        }
        assertThat(AuditLog.await(reveal()).entry())
                .as("the first look left none")
                .isEqualTo(before);
    }

    @Test
    void whenAnythingIsShownItsEntryIsCommitted() {
        CompletableFuture<Boolean> logged = reveal().thenApply(shown -> {
            assertThat(shown.data().phone()).isPresent();
            return isCommitted(shown.entry());
        });
        assertThat(AuditLog.await(logged)).isTrue();
    }

    /** Reads through another connection, which sees only committed entries. */
    private boolean isCommitted(long entry) {
        try (Connection other = vault.connect();
                Statement statement = other.createStatement();
                ResultSet found = statement.executeQuery("SELECT 1 FROM access_log WHERE idx = " + entry)) {
            return found.next();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void receiptOpensThePatronAndTheFieldsThatItsEntryNamesAndNoMore() {
        PatronId other = vault.register("'card':'R2','name':{'family':'Roe'},'phone':['203-555-0102']");
        assertThat(opened(receipt(patron, Outcome.DISCLOSED), PHONE).phone()).isPresent();
        assertOpensNothing(() -> opened(receipt(other, Outcome.DISCLOSED), PHONE));
        assertOpensNothing(() -> opened(receipt(patron, Outcome.REFUSED), PHONE));
        assertOpensNothing(
                () -> opened(receipt(patron, Outcome.DISCLOSED), Set.of(PatronField.PHONE, PatronField.NAME)));
    }

    @Test
    void receiptOpensEachFieldOnce() {
        AuditReceipt receipt = receipt(patron, Outcome.DISCLOSED);
        assertThat(opened(receipt, PHONE).phone()).isPresent();
        assertOpensNothing(() -> opened(receipt, PHONE));
        assertOpensNothing(() -> reseal(receipt));

        AuditReceipt resealing = receipt(patron, Outcome.DISCLOSED);
        assertThat(reseal(resealing).generation()).isEqualTo(2);
        assertOpensNothing(() -> opened(resealing, PHONE));
    }

    @Test
    void receiptIsForTheCallerAndThePurposeOfItsEntryOnly() {
        AuditReceipt receipt = receipt(patron, Outcome.DISCLOSED);
        assertOpensNothing(() -> opened(receipt, PHONE, new Actor(Actor.Kind.STAFF, "other", "circulation", ""), WHY));
        assertOpensNothing(() -> opened(receipt, PHONE, Actor.VAULT, WHY));
        assertOpensNothing(() -> opened(receipt, PHONE, CLERK, Purpose.REINDEX));
        assertThat(opened(receipt, PHONE).phone()).isPresent();
    }

    private AuditReceipt receipt(PatronId whom, Outcome outcome) {
        AuditLog log = vault.vault().log();
        return log.record(log.event(CLERK, ActKind.REVEAL, outcome, AuditLog.newRequest())
                .forPurpose(WHY)
                .on(List.of(Subject.opened(whom, PHONE))));
    }

    private PersonalData opened(AuditReceipt receipt, Set<PatronField> fields) {
        return opened(receipt, fields, CLERK, WHY);
    }

    private PersonalData opened(AuditReceipt receipt, Set<PatronField> fields, Actor by, Purpose why) {
        return vault.patrons().vault().open(stored(), fields, receipt, by, why);
    }

    private ValueRow reseal(AuditReceipt receipt) {
        PatronVault opens = vault.patrons().vault();
        return opens.reseal(opens.known(stored()), PatronField.PHONE, receipt, CLERK, WHY);
    }

    private StoredPatron stored() {
        return vault.vault().store().read(tx -> tx.patrons().find(patron)).orElseThrow();
    }

    private static void assertOpensNothing(ThrowableAssert.ThrowingCallable opening) {
        assertThatThrownBy(opening).isInstanceOf(IllegalStateException.class);
    }
}
