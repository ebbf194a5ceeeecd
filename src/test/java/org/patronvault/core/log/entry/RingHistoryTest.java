package org.patronvault.core.log.entry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.keys.ring.RingRevision;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.AuditLogContract;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.log.read.Tampering;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.store.sql.StoreSettings;

/** A vault whose ring advanced by one month's key, and a copy of keys/ from before. */
class RingHistoryTest {
    @TempDir
    Path directory;

    @TempDir
    static Path made;

    private KeyCustody keys;
    private Path before;

    @BeforeAll
    static void makeKeys() {
        OpenedKeys.create(made, "vault-c", LogTestVault.CLOCK);
    }

    @BeforeEach
    void copyKeys() throws IOException {
        keys = opened(copyOfKeys(made, "keys"));
        before = copyOfKeys(made, "keys-before");
    }

    private static KeyCustody opened(Path copy) {
        return OpenedKeys.at(copy, LogTestVault.CLOCK);
    }

    private Path copyOfKeys(Path from, String name) throws IOException {
        Path copy = Files.createDirectories(directory.resolve(name));
        for (String file : new String[] {"ring.json", "slots.json"}) {
            Files.copy(from.resolve(file), copy.resolve(file));
        }
        return copy;
    }

    private LogTestVault create() {
        return LogTestVault.create(keys, directory, StoreSettings.sqlite(directory.resolve("vault.db")));
    }

    @Test
    void anOlderOrForkedRingIsRefusedByTheNodeAndByTheLogAndSignsNothing() throws Exception {
        try (LogTestVault vault = create()) {
            vault.log.record(vault.reveal(1));
            vault.log.checkpoint();
        }
        KeyCustody older = opened(before);
        byte[] known = Files.readAllBytes(directory.resolve("node/head"));
        LogTestVault closed = closedVault();
        for (boolean nodeRemembers : new boolean[] {true, false}) {
            if (!nodeRemembers) {
                Files.delete(directory.resolve("node/head"));
            }
            try (LogTestVault vault = closed.under(older)) {
                AuditLogContract.assertRefused(Problem.KEYS_REFUSED, vault.log::resume);
                AuditLogContract.assertRefused(Problem.LOG_UNAVAILABLE, vault.log::checkpoint);
            }
            if (nodeRemembers) {
                assertThat(directory.resolve("node/head")).hasBinaryContent(known);
            } else {
                assertThat(directory.resolve("node/head")).doesNotExist();
            }
        }
        // A fork: as new as the true ring by its revision, and another by its digest.
        older.addVersion("name");
        assertThat(older.mark().revision()).isEqualTo(keys.mark().revision());
        try (LogTestVault vault = closed.under(older)) {
            AuditLogContract.assertRefused(Problem.KEYS_REFUSED, vault.log::resume);
        }
        try (LogTestVault vault = closed.under(keys)) {
            vault.log.resume();
            assertThat(vault.log.reader().about(new PatronId(1))).hasSize(1);
        }
    }

    @Test
    void anOlderRingIsTakenOnceItWasAccepted() throws Exception {
        try (LogTestVault vault = create()) {
            vault.log.record(vault.reveal(1));
            vault.log.checkpoint();
        }
        KeyCustody older = opened(before);
        LogTestVault closed = closedVault();
        try (LogTestVault vault = closed.under(older)) {
            assertThat(vault.log.acceptance().differences()).hasSize(2).allMatch(how -> how.contains("keys/ is older"));
            vault.log
                    .acceptance()
                    .accept(vault.log.event(LogTestVault.CLERK, ActKind.ACCEPT, Outcome.KEY, AuditLog.newRequest()));
        }
        try (LogTestVault vault = closed.under(older)) {
            vault.log.resume();
            assertThat(vault.log.acceptance().differences()).isEmpty();
        }
    }

    @Test
    void aMonthWhoseKeyTheAcceptedRingLacksGetsNoSecondKeyAndNothingThatReadsTheLogFails() throws Exception {
        try (LogTestVault vault = create()) {
            vault.log.record(vault.reveal(1));
            vault.log.checkpoint();
        }
        KeyCustody older = opened(before);
        LogTestVault closed = closedVault();
        try (LogTestVault vault = closed.under(older)) {
            vault.log
                    .acceptance()
                    .accept(vault.log.event(LogTestVault.CLERK, ActKind.ACCEPT, Outcome.KEY, AuditLog.newRequest()));
        }
        // As a custodian does who opens the keys again.
        try (LogTestVault vault = closed.under(opened(before))) {
            vault.log.resume();
            vault.log.record(vault.reveal(2));
            assertThat(vault.log.reader().entries(0, 100).entries())
                    .extracting(entry -> entry.event().subjects().size())
                    .containsExactly(0, 0, 0, 0, 0, 0, 1);
            assertThat(vault.log.reader().about(new PatronId(2))).hasSize(1);
        }
    }

    /** Returns a closed handle on the settings of the existing vault. */
    private LogTestVault closedVault() {
        return LogTestVault.closed(keys, directory, StoreSettings.sqlite(directory.resolve("vault.db")));
    }

    @Test
    void aKeyEventThatCannotBeFoundInTheLogIsRefused() throws Exception {
        try (LogTestVault vault = create()) {
            vault.log.record(vault.reveal(1));
        }
        LogTestVault closed = closedVault();
        for (String place : new String[] {"many", "99", "-1"}) {
            try (LogTestVault vault = closed.under(keys)) {
                setKeyEntry(vault, place);
                AuditLogContract.assertRefused(Problem.KEYS_REFUSED, vault.log::resume);
            }
        }
    }

    private static void setKeyEntry(LogTestVault vault, String place) throws SQLException {
        try (Tampering tampering = new Tampering(vault)) {
            tampering.run("UPDATE vault_fact SET value = ? WHERE name = ?", place, LatestEntryFacts.KEY);
        }
    }

    @Test
    void whileSealedOnlyWhatNamesNobodyIsLogged() {
        try (LogTestVault vault = create()) {
            vault.log.record(vault.reveal(1));
            RingRevision mark = keys.mark();
            AccessEvent reveal = vault.reveal(2);
            keys.seal();
            AuditLogContract.assertRefused(Problem.SEALED, () -> vault.log.record(reveal));
            AccessEvent wrongTry = vault.log.event(Actor.NOBODY, ActKind.UNSEAL, Outcome.FAILED, AuditLog.newRequest());
            long index = vault.log.record(wrongTry).index();
            assertThat(index).isEqualTo(3);
            AuditLogContract.assertRefused(Problem.SEALED, vault.log::checkpoint);
            assertThat(LogVerifier.verify(vault.store, java.util.List.of()).entries())
                    .isEqualTo(4);
            assertThat(mark.revision()).isEqualTo(2);
        }
    }
}
