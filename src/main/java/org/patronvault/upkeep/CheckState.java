package org.patronvault.upkeep;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.NodeFile;

/** How far the sweep of this node is, in {@code node/check}. For one thread. */
final class CheckState {
    /** The name of the file. */
    static final String FILE = "check";

    /**
     * A sweep.
     *
     * @param started when
     * @param through the number of the last patron that was looked at, in the order of signed numbers
     * @param values how many were looked at
     * @param findings how many things were wrong
     * @param finished when it ended, if it has
     * @param before how the one before it ended, if there was one
     */
    record SweepProgress(
            Instant started,
            long through,
            long values,
            long findings,
            Optional<Instant> finished,
            Optional<FinishedSweep> before) {

        /** One that begins after that one. */
        static SweepProgress begun(Instant now, Optional<SweepProgress> last) {
            return new SweepProgress(
                    now, Long.MIN_VALUE, 0, 0, Optional.empty(), last.flatMap(SweepProgress::lastEnded));
        }

        /** The same, further. */
        SweepProgress at(long patron, long moreValues, long moreFindings) {
            return new SweepProgress(started, patron, values + moreValues, findings + moreFindings, finished, before);
        }

        SweepProgress ended(Instant now) {
            return new SweepProgress(started, through, values, findings, Optional.of(now), before);
        }

        /** How the newest that has ended did: this one, or the one before. */
        Optional<FinishedSweep> lastEnded() {
            return finished.map(when -> new FinishedSweep(when, findings)).or(() -> before);
        }
    }

    /** When a sweep ended, and how much was wrong. */
    record FinishedSweep(Instant when, long findings) {}

    private final NodeFile file;

    CheckState(Path node, KeyCustody custody) {
        this.file = new NodeFile(node.resolve(FILE), custody, "pv1.check", "node/check");
    }

    void write(SweepProgress now) {
        ObjectNode json = file.blank()
                .put("started", now.started().getEpochSecond())
                .put("through", now.through())
                .put("values", now.values())
                .put("findings", now.findings())
                .put("finished", seconds(now.finished()))
                .put("endedBefore", seconds(now.before().map(FinishedSweep::when)))
                .put("foundBefore", now.before().map(FinishedSweep::findings).orElse(0L));
        file.write(json, body(json));
    }

    private static long seconds(Optional<Instant> when) {
        return when.map(Instant::getEpochSecond).orElse(0L);
    }

    private static Optional<Instant> when(JsonNode seconds) {
        return Optional.of(seconds.asLong()).filter(some -> some > 0).map(Instant::ofEpochSecond);
    }

    /** The newest; empty if there was none, or the file is not as it was written. */
    Optional<SweepProgress> read() {
        return file.read(CheckState::body).map(CheckState::of);
    }

    /** The same without its MAC, for who has no key and decides nothing by it. */
    static Optional<SweepProgress> unproven(Path node) {
        return NodeFile.unproven(node.resolve(FILE)).map(CheckState::of);
    }

    private static SweepProgress of(JsonNode json) {
        return new SweepProgress(
                Instant.ofEpochSecond(json.path("started").asLong()),
                json.path("through").asLong(),
                json.path("values").asLong(),
                json.path("findings").asLong(),
                when(json.path("finished")),
                when(json.path("endedBefore"))
                        .map(ended -> new FinishedSweep(
                                ended, json.path("foundBefore").asLong())));
    }

    private static CanonicalBytes body(JsonNode json) {
        return CanonicalBytes.plain()
                .u64(json.path("started").asLong())
                .u64(json.path("through").asLong())
                .u64(json.path("values").asLong())
                .u64(json.path("findings").asLong())
                .u64(json.path("finished").asLong())
                .u64(json.path("endedBefore").asLong())
                .u64(json.path("foundBefore").asLong());
    }
}
