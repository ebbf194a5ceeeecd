package org.patronvault.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.RowMac;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.AuthorityMark;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.AuthorityRows.Row;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.testing.Postgres;

/** Tests that restored old rows are found, while serving and at the next start. Their own MACs cannot show them. */
final class RunningDigestTest {
    private static final String FACT = "authority-digest";

    /** Something that is stored. */
    record Shelf(String label, int books) {}

    private Path home;
    private AccessTestVault vault;
    private final List<String> refused = new ArrayList<>();

    @BeforeEach
    void putTwoShelves(@TempDir Path directory) {
        home = directory;
        vault = new AccessTestVault(directory);
        putTwoShelves();
    }

    private void putTwoShelves() {
        authority().onRefused(() -> refused.add("row"));
        put("a", 7);
        put("b", 1);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private Authority authority() {
        return vault.access().authority();
    }

    private Optional<Authority.Versioned<Shelf>> find(String name) {
        return vault.store().read(tx -> authority().find(tx, "shelf", name, Shelf.class));
    }

    private void put(String name, int books) {
        vault.write(tx -> authority()
                .put(tx, "shelf", name, authority().find(tx, "shelf", name, Shelf.class), new Shelf("poems", books)));
    }

    private void remove(String name) {
        vault.write(tx -> authority()
                .remove(tx, authority().find(tx, "shelf", name, Shelf.class).orElseThrow()));
    }

    private Row row(String name) {
        return find(name).orElseThrow().row();
    }

    /** Puts a row into the database behind the vault's back, as who can write the database can. */
    private void putBack(Row row) {
        assertThat(vault.tamper(
                        "INSERT OR REPLACE INTO authority (kind, name, generation, body, mac) VALUES (?, ?, ?, ?, ?)",
                        row.kind(),
                        row.name(),
                        row.generation(),
                        row.body(),
                        row.mac()))
                .isEqualTo(1);
    }

    private String fact() {
        return vault.store().read(tx -> tx.fact(FACT)).orElseThrow();
    }

    private void putBackFact(String value) {
        assertThat(vault.tamper("UPDATE vault_fact SET value = ? WHERE name = ?", value, FACT))
                .isEqualTo(1);
    }

    private void assertStartIsRefused() {
        assertThat(Refusals.problemOf(vault::restart)).isEqualTo(Problem.KEYS_REFUSED);
    }

    @Test
    void untouchedRowsAreTakenAtEveryStart() {
        put("a", 8);
        remove("b");
        vault.restart();
        assertThat(find("a").orElseThrow().body().books()).isEqualTo(8);
        assertThat(find("b")).isEmpty();
        put("b", 2);
        vault.restart();
        assertThat(find("b").orElseThrow().generation()).isEqualTo(1);
    }

    @Test
    void earlierRowPutBackIsRefusedAtItsNextReadingAndTold() {
        Row earlier = row("a");
        put("a", 8);
        putBack(earlier);
        assertThatThrownBy(() -> find("a")).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> vault.store().read(tx -> authority().all(tx, "shelf", Shelf.class)))
                .isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> put("a", 9)).isInstanceOf(IntegrityException.class);
        assertThat(refused).hasSize(3);
        assertThat(find("b")).isPresent();
    }

    @Test
    void removedRowIsRefusedAtItsNextReading() {
        vault.tamper("DELETE FROM authority WHERE name = 'a'");
        assertThatThrownBy(() -> find("a")).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> put("a", 1)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void readerWhoseSnapshotIsOlderThanTheNewestWriteGetsTheNewestRow() {
        Authority.Versioned<Shelf> found = vault.store().read(tx -> {
            tx.authority().all("shelf");
            put("a", 8);
            return authority().find(tx, "shelf", "a", Shelf.class).orElseThrow();
        });
        assertThat(found.body().books()).isEqualTo(8);
        assertThat(refused).isEmpty();
    }

    @Test
    void earlierRowIsRefusedAtTheNextStart() {
        Row earlier = row("a");
        put("a", 8);
        putBack(earlier);
        assertStartIsRefused();
    }

    @Test
    void earlierRowAndEarlierDigestAreRefusedAtTheNextStart() {
        Row earlier = row("a");
        String digest = fact();
        put("a", 8);
        putBack(earlier);
        putBackFact(digest);
        assertStartIsRefused();
    }

    @Test
    void removedRowPutBackIsRefusedAtTheNextStart() {
        Row earlier = row("a");
        remove("a");
        putBack(earlier);
        assertStartIsRefused();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM authority WHERE name = 'a'",
                "DELETE FROM authority",
                "UPDATE authority SET generation = generation + 1 WHERE name = 'a'",
                "DELETE FROM vault_fact WHERE name = 'authority-digest'"
            })
    void rowsThatWereChangedAreRefusedAtTheNextStart(String edit) {
        assertThat(vault.tamper(edit)).isPositive();
        assertStartIsRefused();
    }

    @Test
    void digestPutBackWhileServingEndsTheServerBeforeItsNextWrite() {
        String digest = fact();
        put("a", 8);
        putBackFact(digest);
        assertThatThrownBy(() -> put("a", 9)).isInstanceOf(IntegrityException.class);
        assertThat(vault.broken).hasSize(1);
    }

    @Test
    void actThatWasRefusedLeavesTheDigestAsItWas() {
        String digest = fact();
        assertThatThrownBy(() -> vault.write(tx -> {
                    authority().insert(tx, "shelf", "c", new Shelf("prose", 1), new Refused(Problem.NAME_IN_USE, "c"));
                    throw new Refused(Problem.NOT_ALLOWED, "No.");
                }))
                .isInstanceOf(Refused.class);
        assertThat(fact()).isEqualTo(digest);
        assertThatCode(vault::restart).doesNotThrowAnyException();
        assertThat(find("c")).isEmpty();
    }

    @Test
    void entrySaysTheDigestOfTheDocument() {
        put("a", 8);
        RowMac mac = vault.custody.keys().rows().newest();
        byte[] digest = new byte[32];
        for (String name : List.of("a", "b")) {
            Row row = row(name);
            byte[] place = CanonicalBytes.plain()
                    .lp("shelf")
                    .lp(name.getBytes(StandardCharsets.UTF_8))
                    .bytes();
            byte[] element = mac.mac("authority-element", place, row.generation(), row.mac());
            for (int i = 0; i < digest.length; i++) {
                digest[i] ^= element[i];
            }
        }
        AuthorityMark mark = vault.lastEntry().authority().orElseThrow();
        assertThat(mark.number()).isEqualTo(3);
        assertThat(mark.mac()).isEqualTo(mac.mac("authority-digest", new byte[0], 3, digest));
    }

    /** Goes on in a database that other nodes may share. */
    private void goOnWithNodes() {
        vault.close();
        vault = new AccessTestVault(home.resolve("node-1"), new StoreSettings(Postgres.databaseWithTables(), 4));
        putTwoShelves();
    }

    /** Removes a row as another node on the same database would. */
    private void removeElsewhere(String name) {
        goOnWithNodes();
        var unused = vault.log().publishedCheckpoint();
        Path published = home.resolve("node-1/published");
        DurableFile.makeDirectory(home.resolve("node-2"));
        try (AuditLog log = AuditLog.open(
                vault.store(), vault.custody, vault.clock, home.resolve("node-2"), published, refused::add)) {
            log.resume();
            Authority there = new Authority(vault.store(), log, vault.custody);
            log.call(vault.event(), now -> {
                WriteTx tx = now.tx();
                there.remove(tx, there.find(tx, "shelf", name, Shelf.class).orElseThrow());
                return Decision.done(vault.event());
            });
        }
    }

    @Test
    void rowRemovedByAnotherNodeIsGoneAndNotPutBack() {
        removeElsewhere("a");
        assertThat(find("a")).isEmpty();
        put("b", 2);
        put("a", 3);
        assertThat(find("a").orElseThrow().body().books()).isEqualTo(3);
        assertThat(refused).isEmpty();
    }

    @Test
    void rowRemovedByAnotherNodeIsGoneAfterThisOneWroteToo() {
        removeElsewhere("a");
        put("b", 2);
        assertThat(find("a")).isEmpty();
        assertThat(refused).isEmpty();
    }

    @Test
    void rowRemovedBehindBothNodesBacksIsRefused() {
        removeElsewhere("a");
        vault.tamper("DELETE FROM authority WHERE kind = 'shelf' AND name = 'b'");
        assertThatThrownBy(() -> find("b")).isInstanceOf(IntegrityException.class);
    }

    @Test
    void rowRemovedEarlierInTheSameTransactionIsGoneThereAndMayBeAddedAnew() {
        vault.write(tx -> {
            authority()
                    .remove(tx, authority().find(tx, "shelf", "a", Shelf.class).orElseThrow());
            assertThat(authority().find(tx, "shelf", "a", Shelf.class)).isEmpty();
            authority().put(tx, "shelf", "a", Optional.empty(), new Shelf("prose", 4));
            assertThat(authority().find(tx, "shelf", "a", Shelf.class)).isPresent();
        });
        assertThat(find("a").orElseThrow().generation()).isEqualTo(1);
        assertThat(refused).isEmpty();
    }

    @Test
    void sealedVaultLogsWhatWasTriedAndChangesNoRow() {
        vault.custody.seal();
        AccessEvent tried = vault.log().event(Actor.NOBODY, ActKind.UNSEAL, Outcome.FAILED, AuditLog.newRequest());
        long size = vault.log().reader().size();

        assertThat(vault.log().record(tried).index()).isEqualTo(size);
        assertThatThrownBy(() -> put("c", 1)).isInstanceOf(Refused.class);
    }
}
