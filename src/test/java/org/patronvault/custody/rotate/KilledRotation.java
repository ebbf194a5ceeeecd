package org.patronvault.custody.rotate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.patronvault.core.keys.ring.KeyName;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.keys.ring.RingKey;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.tree.LogVerifier;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.patron.lookup.Lookup;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.privacy.disclosure.Cases;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.NumberedPatrons;
import org.patronvault.testing.OpenVault;

/**
 * One rotation, in a home of its own, whose process dies at each of those points. Then a vault starts on the home
 * without any request, and must finish the rotation.
 */
final class KilledRotation implements Callable<Integer> {
    private static final int PATRONS = LongRun.times(24, 64);
    private static final int COMMITMENT_AT = 77;
    private static final int COMMITMENT_BYTES = 32;
    private static final List<String> INDEX = List.of(KeyName.INDEX_LABEL, KeyName.INDEX_VALUE);
    private static final List<String> FIELDS =
            Arrays.stream(PatronField.values()).map(PatronField::wireName).toList();

    private static final List<String> KEKS =
            Stream.concat(FIELDS.stream(), Stream.of(KeyName.CASE)).toList();
    private static final int CASES = 3;

    /** A stage, and for the how many-eth time in its life the process is there. */
    private record Point(OperationProbe.Stage stage, String nth) {
        private static Point of(String text) {
            String[] parts = text.split("\\.", -1);
            return new Point(OperationProbe.Stage.valueOf(parts[0]), parts[1]);
        }
    }

    private final DyingJvm jvm;
    private final String name;
    private final List<Point> points;
    private OpenVault vault;
    private int kills;

    /** That rotation, dying at those points, such as {@code WRITTEN.3}. */
    KilledRotation(DyingJvm jvm, String name, List<String> points) {
        this.jvm = jvm;
        this.name = name;
        this.points = points.stream().map(Point::of).toList();
    }

    /** Fails unless all is as it must be afterwards; returns how often a process died. */
    @Override
    public Integer call() throws SQLException {
        try (OpenVault opened = OpenVault.onSqlite()) {
            vault = opened;
            vault.patrons().importer().run(OpenVault.person("admin"), new NumberedPatrons(PATRONS), false, n -> {});
            for (int i = 0; i < CASES; i++) {
                cases().open(OpenVault.person("page"), true, Map::of, Optional::empty, AuditLog.newRequest());
            }
            Map<String, Integer> before = primaries();
            Set<ByteBuffer> commitments = commitments();
            dieBeforeThereIsARow();
            dieInside();
            assertEnded();
            assertThat(primaries())
                    .allSatisfy((key, version) -> assertThat(version > before.getOrDefault(key, version))
                            .as(key)
                            .isEqualTo(keys().contains(key) || closesTheMonth(key)));
            assertThat(versions()).isEqualTo(onlyPrimaries());
            if (isReencryption()) {
                assertThat(commitments()).doesNotContainAnyElementsOf(commitments);
            }
            takeOlderKeysAway();
            assertNothingIsLost();
        }
        return kills;
    }

    /** The ring has a new primary version then, and no operation says so: the next one has to sweep it up. */
    private void dieBeforeThereIsARow() {
        for (Point point : points) {
            if (point.stage() == OperationProbe.Stage.BEGUN) {
                vault.whileStopped(() -> kill(name, point));
                assertThat(operations()).isEmpty();
                assertNothingIsLost();
                changePhone(kills);
            }
        }
    }

    private void dieInside() {
        vault.whileStopped(() -> {
            String asked = name;
            for (Point point : points) {
                if (point.stage() != OperationProbe.Stage.BEGUN) {
                    kill(asked, point);
                    asked = DyingVault.RESUME;
                }
            }
        });
    }

    /**
     * Kills a process at that point. Every other process halts itself; the rest wait there and are killed from outside.
     */
    private void kill(String asked, Point point) {
        jvm.die(vault, asked, point.stage(), point.nth(), kills++ % 2 == 1);
    }

    private List<Operation> operations() {
        return vault.vault().operations().all();
    }

    private void assertEnded() {
        assertThat(operations())
                .hasSize(name.equals(DyingVault.REENCRYPT + Rotations.ALL) ? FIELDS.size() : 1)
                .allSatisfy(one -> assertThat(
                                vault.vault().operations().await(one.id()).state())
                        .isEqualTo(Operation.DONE));
    }

    private Cases cases() {
        return vault.vault().privacy().disclosures().cases();
    }

    private boolean isReencryption() {
        return name.startsWith(DyingVault.REENCRYPT);
    }

    /** A rotation of the rest has the next entry about patrons use another content key. */
    private boolean closesTheMonth(String key) {
        return name.equals(Rotations.REST) && key.equals(KeyName.LOG_CONTENT);
    }

    /** The keys of the ring that it rotates. */
    private List<String> keys() {
        if (isReencryption()) {
            return List.of();
        }
        return switch (name) {
            case "search" -> INDEX;
            case Rotations.ALL -> KEKS;
            case Rotations.REST -> KeyName.rest();
            default -> List.of(name);
        };
    }

    private Map<String, Integer> primaries() {
        return vault.vault().custody().keys().inventory().stream()
                .filter(key -> key.state() == KeyState.PRIMARY)
                .collect(Collectors.toMap(RingKey::name, RingKey::version));
    }

    /** Returns, for each field, the KEK versions in its envelopes. */
    private Map<String, Set<Integer>> versions() throws SQLException {
        Map<String, Set<Integer>> versions = new TreeMap<>();
        forEachEnvelope((field, envelope) ->
                versions.computeIfAbsent(field, any -> new TreeSet<>()).add(envelope.getInt(1)));
        return versions;
    }

    /** One for each DEK there is (format.md). */
    private Set<ByteBuffer> commitments() throws SQLException {
        Set<ByteBuffer> commitments = new HashSet<>();
        forEachEnvelope((field, envelope) -> {
            if (FIELDS.contains(field)) {
                commitments.add(envelope.slice(COMMITMENT_AT, COMMITMENT_BYTES));
            }
        });
        assertThat(commitments).hasSize(PATRONS * FIELDS.size());
        return commitments;
    }

    private void forEachEnvelope(BiConsumer<String, ByteBuffer> look) throws SQLException {
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT field, envelope FROM cell" + " UNION ALL SELECT 'case', envelope FROM case_cell")) {
            while (row.next()) {
                look.accept(row.getString(1), ByteBuffer.wrap(row.getBytes(2)));
            }
        }
    }

    private Map<String, Set<Integer>> onlyPrimaries() {
        Map<String, Integer> primaries = primaries();
        return KEKS.stream().collect(Collectors.toMap(field -> field, field -> Set.of(primaries.get(field))));
    }

    /** Destroys the older keys, so that any later decryption is under the new ones. */
    private void takeOlderKeysAway() {
        List<RingKey> old = vault.vault().custody().keys().inventory().stream()
                .filter(key -> keys().contains(key.name()) && key.state() != KeyState.PRIMARY)
                .toList();
        assertThat(old.isEmpty()).isEqualTo(isReencryption());
        // A password moves when it is next given, and nobody gives one here.
        assertThat(old)
                .filteredOn(key -> !key.name().equals(KeyName.PEPPER))
                .allSatisfy(key -> assertThat(key.state()).isEqualTo(KeyState.RETIRED));
        vault.whileStopped(
                () -> old.forEach(key -> OpenedKeys.destroy(vault.home().keys(), key.name(), key.version())));
    }

    /** Every value of every patron opens, everybody is found, and the log is whole. */
    private void assertNothingIsLost() {
        List<PatronId> ids = IntStream.rangeClosed(1, PATRONS)
                .mapToObj(n -> {
                    PatronDraft draft = NumberedPatrons.draft(n);
                    Lookup.Hit hit = found(n);
                    assertThat(hit.data().cards()).contains(List.of(draft.card()));
                    assertThat(hit.data().name()).contains(draft.name());
                    assertThat(hit.data().address()).contains(draft.address());
                    assertThat(hit.data().phone()).contains(draft.phone());
                    assertThat(hit.data().email()).contains(draft.email());
                    return hit.id();
                })
                .toList();
        assertThat(cases().list(OpenVault.person("director"), AuditLog.newRequest())
                        .cases())
                .hasSize(CASES);
        // Meta and labels of each are opened there.
        assertThat(vault.patrons().reindexing().due(ids).patrons()).hasSize(PATRONS);
        assertThat(LogVerifier.verify(vault.vault().store(), List.of()).problems())
                .isEmpty();
    }

    private Lookup.Hit found(int n) {
        List<Lookup.Hit> hits = vault.find("N" + n).hits();
        assertThat(hits).hasSize(1);
        return hits.get(0);
    }

    /** Writes every field of a patron twice, under keys that no operation speaks of. */
    private void changePhone(int n) {
        PatronId id = found(n).id();
        String phone = NumberedPatrons.draft(n).phone().get(0);
        long changed = vault.patch(id, 1, "{'phone':['203-555-0143'],'address':{'line1':'Elsewhere'}}")
                .version();
        vault.patch(
                id,
                changed,
                "{'phone':['" + phone + "'],'address':{'line1':'"
                        + NumberedPatrons.draft(n).address().line1() + "'}}");
    }
}
