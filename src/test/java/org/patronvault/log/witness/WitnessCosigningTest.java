package org.patronvault.log.witness;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.crypto.SigningKey;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.log.CheckpointThinning;
import org.patronvault.core.log.LogTestVault;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.log.read.Tampering;
import org.patronvault.core.log.tree.CheckpointSigner;
import org.patronvault.core.log.tree.LogReport;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.log.tree.LogVerifier.Finding;
import org.patronvault.core.log.tree.WitnessPeer;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.NoteSignature;
import org.patronvault.core.tlog.SignatureType;
import org.patronvault.core.tlog.VerifierKey;
import org.patronvault.web.WitnessServer;

/** Tests of the vault's side of a witness, over real HTTP: signatures, refusals and outages. */
final class WitnessCosigningTest {
    private static final String NAME = "witness.example.org/w1";

    @TempDir
    Path directory;

    private final AtomicLong nanos = new AtomicLong();
    private KeyCustody custody;
    private LogTestVault vault;
    private Witness witness;
    private WitnessServer server;
    private WitnessPeer peer;

    @BeforeEach
    void makeALogAndItsWitness() throws Exception {
        custody = OpenedKeys.create(directory.resolve("keys"), "vault-a", LogTestVault.CLOCK);
        vault = make("home");
        String key = CheckpointSigner.verifierKey(
                        "vault-a", custody.keys().logSigning().publicKey())
                .toString();
        witness = Witness.open(directory.resolve("witness"), Optional.of(NAME), Optional.of(key), LogTestVault.CLOCK);
        server = WitnessServer.start(witness, "127.0.0.1", 0);
        peer = new WitnessPeer(
                URI.create("http://127.0.0.1:" + server.port() + "/"), VerifierKey.parse(witness.verifierKey()));
    }

    private LogTestVault make(String name) throws IOException {
        Path home = Files.createDirectories(directory.resolve(name));
        // An attacker who rewrites a log with the keys themselves has the ledger beside them.
        Files.deleteIfExists(directory.resolve("keys/ledger"));
        return LogTestVault.create(custody, home, StoreSettings.sqlite(home.resolve("vault.db")));
    }

    @AfterEach
    void close() {
        server.close();
        witness.close();
        vault.close();
    }

    private WitnessCosigning cosigning(LogTestVault of, WitnessPeer by) {
        return new WitnessCosigning(of.log, by, 60, nanos::get);
    }

    private SignedCheckpoint grown(int entries) {
        vault.fill(entries);
        return vault.log.checkpoint();
    }

    private void turnAfter(WitnessCosigning cosigning, Duration time) throws InterruptedException {
        nanos.addAndGet(time.toNanos());
        cosigning.turn();
    }

    /** Returns the alerts about the witness in a log. */
    private static List<String> alerts(LogTestVault of) {
        return of.entries().stream()
                .filter(entry -> entry.event().outcome() == Outcome.ALERT)
                .map(entry -> entry.event().about().orElseThrow())
                .toList();
    }

    private LogReport verify(LogTestVault of) {
        return LogVerifier.verify(
                        of.store,
                        new LogVerifier.TrustAnchors(
                                List.of(), List.of(), Optional.empty(), List.of(witness.verifierKey())))
                .requiring(List.of(witness.verifierKey()));
    }

    @Test
    void eachNewCheckpointIsSignedStoredAndPublishedWithBothSignatures() throws Exception {
        assertThat(verify(vault).problems()).containsExactly(new Finding(0, "cosignature-missing"));
        WitnessCosigning cosigning = cosigning(vault, peer);
        for (int round = 1; round <= 3; round++) {
            SignedCheckpoint checkpoint = grown(200);
            cosigning.turn();
            assertThat(cosigning.state()).isEqualTo(new Witnesses.State(NAME, checkpoint.size(), 0, 0, ""));
            SignedCheckpoint cosigned = vault.log.checkpoint();
            assertThat(cosigned.parsed().text()).isEqualTo(checkpoint.parsed().text());
            assertThat(cosigned.parsed().signatures()).hasSize(2);
            assertThat(cosigned.parsed().isSignedBy(peer.key())).isTrue();
            assertThat(Files.readString(vault.home.resolve("published/checkpoint")))
                    .isEqualTo(cosigned.note());
            assertThat(vault.log.reader().receipt(5, cosigned)).endsWith(cosigned.note());
            assertThat(verify(vault).ok()).isTrue();
            assertThat(verify(vault).witnessed()).containsEntry(NAME, checkpoint.size());
        }
        assertThat(alerts(vault)).isEmpty();
        Witnesses.StoredWitness written = vault.store.read(tx -> Witnesses.written(tx, peer));
        assertThat(written.signed()).isEqualTo(written.entries());
        assertThat(written.at()).contains(LogTestVault.CLOCK.instant());
    }

    @Test
    void stateOfTheLogSaysWhoHasSignedTheNewestCheckpoint() throws Exception {
        long first = grown(20).size();
        WitnessCosigning cosigning = cosigning(vault, peer);
        cosigning.turn();
        LogState state = vault.store.read(tx -> LogState.of(tx, List.of(peer)));
        assertThat(state.entries()).isEqualTo(first);
        assertThat(state.signed()).isEqualTo(first);
        assertThat(state.newest()).contains(LogTestVault.CLOCK.instant());
        assertThat(state.cosigned()).isEqualTo(1);
        assertThat(state.lastCosigned()).contains(LogTestVault.CLOCK.instant());
        long second = grown(20).size();
        LogState later = vault.store.read(tx -> LogState.of(tx, List.of(peer)));
        assertThat(later.signed()).isEqualTo(second);
        assertThat(later.cosigned()).as("of the newest").isZero();
        assertThat(later.witnesses().get(0).signed()).isEqualTo(first);
        assertThat(later.lastCosigned()).isPresent();
    }

    @Test
    void wrongSignatureOfAWitnessIsFound() throws Exception {
        SignedCheckpoint first = grown(20);
        cosigning(vault, peer).turn();
        String line = vault.log.checkpoint().parsed().signatures().get(1).toLine();
        SignedCheckpoint second = grown(20);
        vault.close();
        try (Tampering tampering = new Tampering(vault)) {
            tampering.run(
                    "UPDATE log_checkpoint SET note = ? WHERE size = ?", second.note() + line + "\n", second.size());
        }
        vault.reopen();
        assertThat(verify(vault).problems()).containsExactly(new Finding(second.size(), "cosignature"));
        assertThat(verify(vault).witnessed()).containsEntry(NAME, first.size());
    }

    @Test
    void nodeThatKnowsNothingGoesOnWhereTheWitnessIs() throws Exception {
        SignedCheckpoint first = grown(20);
        cosigning(vault, peer).turn();
        SignedCheckpoint second = grown(20);
        WitnessCosigning other = cosigning(vault, peer);
        other.turn();
        assertThat(other.state().signed()).isEqualTo(second.size());
        // As after a crash between the witness's answer and the database: the witness signs the same again.
        vault.store.write(tx -> {
            tx.log().cosign(new org.patronvault.core.store.table.LogRows.CheckpointRow(second.size(), second.note()));
            return null;
        });
        vault.reopen();
        vault.log.resume();
        vault.log.checkpoint();
        WitnessCosigning third = cosigning(vault, peer);
        third.turn();
        assertThat(third.state().trouble()).isEmpty();
        assertThat(verify(vault).witnessed()).containsEntry(NAME, second.size());
        assertThat(first.size()).isLessThan(second.size());
    }

    @Test
    void witnessThatWasAwayDuringHandOversFollowsThem() throws Exception {
        WitnessCosigning cosigning = cosigning(vault, peer);
        grown(5);
        cosigning.turn();
        for (int version = 1; version <= 2; version++) {
            custody.addVersion("log");
            grown(1);
            custody.retire("log", version);
            grown(3);
        }
        turnAfter(cosigning, Duration.ofMinutes(2));
        assertThat(cosigning.state().trouble()).isEmpty();
        assertThat(cosigning.state().signed()).isEqualTo(vault.log.reader().size());
        assertThat(verify(vault).ok()).isTrue();
        assertThat(alerts(vault)).isEmpty();
    }

    @Test
    void witnessWhoseLastCheckpointIsKeptNoLongerGoesOnFromIt() throws Exception {
        WitnessCosigning cosigning = cosigning(vault, peer);
        SignedCheckpoint last = grown(5);
        cosigning.turn();
        assertThat(cosigning.state().signed()).isEqualTo(last.size());
        custody.addVersion("log");
        String handOver = grown(1).note();
        custody.retire("log", 1);
        SignedCheckpoint preferred = grown(1);
        SigningKey w2 = SigningKey.ofSeed(new byte[32]);
        vault.log.cosigned(
                preferred,
                NoteSignature.cosign(
                        Checkpoint.parse(preferred.parsed().text()),
                        VerifierKey.of("w2", SignatureType.COSIGNATURE_V1, w2.publicKey()),
                        1,
                        w2::sign));
        vault.fillAt(List.of(LogTestVault.CLOCK.instant().plus(Duration.ofDays(40))));
        new CheckpointThinning(vault.store, vault.log).turn();
        // The last checkpoint this witness signed stays, though another signed later ones. So this removes it.
        String kept = vault.store
                .<Optional<String>>read(tx -> tx.log().checkpoint(last.size()))
                .orElseThrow();
        vault.store.write(tx -> {
            tx.log().removeCheckpoints(List.of(new CheckpointRow(last.size(), kept)));
            return kept;
        });
        turnAfter(cosigning(vault, peer), Duration.ofMinutes(2));
        assertThat(verify(vault).witnessed())
                .containsEntry(NAME, vault.log.reader().size());
        assertThat(vault.log.reader().signers().handOvers())
                .singleElement()
                .asString()
                .startsWith(handOver);
    }

    @Test
    void logThatWasWrittenAnewWithItsOwnKeyIsRefusedAndSaid() throws Exception {
        grown(40);
        cosigning(vault, peer).turn();
        try (LogTestVault forged = make("forged")) {
            forged.fill(60);
            forged.log.checkpoint();
            assertThat(LogVerifier.verify(forged.store, List.of()).ok())
                    .as("nothing in it tells")
                    .isTrue();
            WitnessCosigning cosigning = cosigning(forged, peer);
            cosigning.turn();
            assertThat(cosigning.state().trouble()).contains("another log");
            assertThat(alerts(forged)).containsExactly("witness-refused");
            LogReader.Entry before = forged.entries().get(forged.entries().size() - 2);
            assertThat(before.event().about()).contains(NAME);
            assertThat(before.event().outcome()).isEqualTo(Outcome.FAILED);
            forged.log.checkpoint();
            turnAfter(cosigning, Duration.ofMinutes(59));
            assertThat(alerts(forged)).hasSize(1);
            turnAfter(cosigning, Duration.ofHours(24));
            assertThat(alerts(forged))
                    .containsOnlyOnce("witness-behind")
                    .filteredOn("witness-refused"::equals)
                    .hasSize(2);
        }
    }

    @Test
    void shorterLogIsRefusedAndSaid() throws Exception {
        grown(40);
        cosigning(vault, peer).turn();
        try (LogTestVault forged = make("forged")) {
            forged.fill(3);
            forged.log.checkpoint();
            WitnessCosigning cosigning = cosigning(forged, peer);
            cosigning.turn();
            assertThat(cosigning.state().trouble()).contains("longer log");
            assertThat(alerts(forged)).containsExactly("witness-refused");
        }
    }

    @Test
    void witnessThatDoesNotKnowTheLogOrItsKeyIsSaid() throws Exception {
        KeyCustody stranger = OpenedKeys.create(directory.resolve("other"), "vault-b", LogTestVault.CLOCK);
        Path home = Files.createDirectories(directory.resolve("stranger"));
        try (LogTestVault other = LogTestVault.create(stranger, home, StoreSettings.sqlite(home.resolve("vault.db")))) {
            other.log.checkpoint();
            WitnessCosigning cosigning = cosigning(other, peer);
            cosigning.turn();
            assertThat(cosigning.state().trouble()).contains("does not know this log");
            assertThat(alerts(other)).containsExactly("witness-refused");
        }
        KeyCustody renamed = OpenedKeys.create(directory.resolve("renamed"), "vault-a", LogTestVault.CLOCK);
        Path third = Files.createDirectories(directory.resolve("third"));
        try (LogTestVault other =
                LogTestVault.create(renamed, third, StoreSettings.sqlite(third.resolve("vault.db")))) {
            other.log.checkpoint();
            WitnessCosigning cosigning = cosigning(other, peer);
            cosigning.turn();
            assertThat(cosigning.state().trouble()).contains("does not believe the key");
        }
    }

    @Test
    void logGoesOnWithoutItsWitnessAndTheWitnessFallsBehindAloud() throws Exception {
        WitnessCosigning cosigning = cosigning(vault, peer);
        grown(5);
        cosigning.turn();
        int port = server.port();
        server.close();
        grown(7);
        cosigning.turn();
        assertThat(cosigning.state().trouble()).contains("cannot be reached");
        assertThat(cosigning.state().behindEntries()).isEqualTo(7);
        turnAfter(cosigning, Duration.ofMinutes(59));
        assertThat(alerts(vault)).isEmpty();
        turnAfter(cosigning, Duration.ofMinutes(1));
        assertThat(alerts(vault)).containsExactly("witness-behind");
        assertThat(cosigning.state().behindSeconds()).isEqualTo(3_600);
        turnAfter(cosigning, Duration.ofHours(23));
        assertThat(alerts(vault)).hasSize(1);
        turnAfter(cosigning, Duration.ofHours(1));
        assertThat(alerts(vault)).hasSize(2);
        server = WitnessServer.start(witness, "127.0.0.1", port);
        vault.log.checkpoint();
        turnAfter(cosigning, Duration.ofMinutes(1));
        assertThat(cosigning.state())
                .isEqualTo(new Witnesses.State(NAME, vault.log.reader().size(), 0, 0, ""));
    }

    @Test
    void whatAWitnessAnswersIsNotBelievedAndNeverReadWithoutEnd() throws Exception {
        grown(5);
        for (String body : List.of(
                "",
                "no signature",
                "\u2014 " + NAME + " AAAAAAAA\n",
                vault.log.checkpoint().note())) {
            assertThat(troubleWith(200, body, 1)).as(body).contains("not its signature");
        }
        assertThat(troubleWith(200, "x".repeat(1 << 16), 1 << 14)).contains("not its signature");
        assertThat(troubleWith(409, "many\n", 1)).contains("no size");
        assertThat(troubleWith(409, "3\n", 1)).contains("does not keep to what it says");
        assertThat(troubleWith(500, "", 1)).contains("status 500");
        assertThat(troubleWith(302, "", 1)).contains("status 302");
        assertThat(vault.log.checkpoint().parsed().signatures()).hasSize(1);
    }

    /** Returns the trouble with a witness of the right key that always gives that answer, so many times. */
    private String troubleWith(int status, String body, int times) throws Exception {
        HttpServer fake = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        fake.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Location", "http://127.0.0.1:1/");
            exchange.sendResponseHeaders(status, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                for (int i = 0; i < times; i++) {
                    out.write(body.getBytes(StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                // The vault has read enough.
            }
        });
        fake.start();
        try {
            URI url = URI.create("http://127.0.0.1:" + fake.getAddress().getPort());
            VerifierKey key = VerifierKey.of(
                    NAME, SignatureType.COSIGNATURE_V1, peer.key().publicKey());
            WitnessCosigning cosigning = cosigning(vault, new WitnessPeer(url, key));
            long start = System.nanoTime();
            cosigning.turn();
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(9));
            return cosigning.state().trouble();
        } finally {
            fake.stop(0);
        }
    }
}
