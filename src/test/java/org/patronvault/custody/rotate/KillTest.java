package org.patronvault.custody.rotate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.patronvault.testing.LongRun;
import org.patronvault.testing.OpenVault;

/**
 * Tests of rotations whose process is killed repeatedly, each time at another place of the work. Each rotation must
 * finish automatically, and lose nothing. Every other process halts itself there while its other threads run. The rest
 * wait there and are killed from outside.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
final class KillTest {
    /**
     * A rotation, and where the process dies: at the n-th time it is at that stage since it was started. {@code BEGUN}
     * leaves no operation behind, so the next process begins one.
     */
    private static final String ALL = """
            card:    BEGUN.1 PREPARING.1 WRITTEN.1 COMMITTED.1 ENDED.1
            name:    PREPARING.2 WRITTEN.3 COMMITTED.2 WRITTEN.2 ENDING.1 ENDED.1
            address: WRITTEN.1 WRITTEN.1 WRITTEN.8
            phone:   BEGUN.1 BEGUN.1 COMMITTED.1 COMMITTED.5 ENDING.1
            email:   WRITTEN.4 PREPARING.1 PREPARING.3 ENDED.1
            meta:    BEGUN.1 WRITTEN.2 COMMITTED.1 ENDING.1 ENDED.1 ENDED.1
            labels:  WRITTEN.2 COMMITTED.5 ENDED.1 ENDING.1
            all:     BEGUN.1 WRITTEN.5 COMMITTED.14 PREPARING.11 WRITTEN.1 COMMITTED.9 ENDED.1 ENDING.1
            case:    BEGUN.1 PREPARING.1 WRITTEN.1 COMMITTED.1 ENDING.1 ENDED.1
            log:     BEGUN.1 PREPARING.1 ENDING.1 ENDED.1
            rest:    BEGUN.1 PREPARING.1 WRITTEN.1 COMMITTED.1 ENDING.1 ENDED.1
            pairwise: BEGUN.1 ENDING.1 ENDED.1
            reencrypt-all: BEGUN.2 WRITTEN.3 COMMITTED.10 ENDED.1 ENDING.1
            search:  BEGUN.1 PREPARING.1 WRITTEN.3 COMMITTED.6 WRITTEN.1 COMMITTED.1 ENDING.1 ENDED.1
            """;

    /** Each build runs a kill at each stage, and a kill of each kind of work. */
    private static final String FEW = """
            phone:   BEGUN.1 PREPARING.2
            all:     COMMITTED.9
            log:     ENDING.1
            rest:    BEGUN.1 WRITTEN.1 ENDED.1
            reencrypt-all: ENDED.1
            search:  WRITTEN.2
            """;

    /** One line of a table. */
    private record Row(String name, List<String> points) {
        private static Row of(String line) {
            String[] parts = line.split(": +", -1);
            return new Row(parts[0], List.of(parts[1].split(" +", -1)));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Row> rows() {
        return (LongRun.ON ? ALL : FEW).lines().map(Row::of);
    }

    private static final Map<String, Future<Integer>> ROTATED = new HashMap<>();

    /** Two at a time, each in a home of its own. */
    @BeforeAll
    static void rotate(@TempDir Path directory) {
        DyingJvm jvm = LongRun.ON ? new DyingJvm(directory) : new DyingJvm();
        ExecutorService two = Executors.newFixedThreadPool(2);
        rows().forEach(row ->
                ROTATED.put(row.name(), two.submit(() -> new KilledRotation(jvm, row.name(), row.points()).call())));
        two.shutdown();
    }

    @Test
    void everyRotationThereIsIsKilledAndAllOfThemFiftyTimes() {
        try (OpenVault vault = OpenVault.onSqlite()) {
            List<String> all = new ArrayList<>(vault.vault().rotations().names());
            all.add(DyingVault.REENCRYPT + Rotations.ALL);
            assertThat(ALL.lines().map(line -> Row.of(line).name())).containsExactlyInAnyOrderElementsOf(all);
        }
        assertThat(ALL.lines()
                        .flatMap(line -> Row.of(line).points().stream())
                        .filter(point -> !point.startsWith("BEGUN")))
                .hasSizeGreaterThanOrEqualTo(50);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void rotationEndsByItselfAndNothingIsLostWhereverItsProcessIsKilled(Row row) throws Exception {
        assertThat(ROTATED.get(row.name()).get()).isEqualTo(row.points().size());
    }
}
