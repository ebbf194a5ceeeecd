package org.patronvault.upkeep.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.NodeFile;

/** The progress of this node's sweep, in {@code node/check}. For one thread. */
public final class CheckState {
    static final String FILE = "check";

    /**
     * A sweep.
     *
     * @param started its start
     * @param through the number of the last checked patron, in the order of signed numbers
     * @param values how many were checked
     * @param findings how many faults
     * @param finished its end, if it has ended
     * @param before the end of the previous sweep, if there was one
     */
    public record SweepProgress(
            Instant started,
            long through,
            long values,
            long findings,
            Optional<Instant> finished,
            Optional<FinishedSweep> before) {

        /** Returns a new sweep after the last one. */
        static SweepProgress begun(Instant now, Optional<SweepProgress> last) {
            return new SweepProgress(
                    now, Long.MIN_VALUE, 0, 0, Optional.empty(), last.flatMap(SweepProgress::lastEnded));
        }

        /** Returns this sweep with more progress. */
        SweepProgress at(long patron, long moreValues, long moreFindings) {
            return new SweepProgress(started, patron, values + moreValues, findings + moreFindings, finished, before);
        }

        SweepProgress ended(Instant now) {
            return new SweepProgress(started, through, values, findings, Optional.of(now), before);
        }

        /** Returns the last finished sweep: this one, or the previous. */
        public Optional<FinishedSweep> lastEnded() {
            return finished.map(when -> new FinishedSweep(when, findings)).or(() -> before);
        }
    }

    /** The end of a sweep, and its number of faults. */
    public record FinishedSweep(Instant when, long findings) {}

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

    /** Returns the newest sweep, or empty if there was none or the file is damaged. */
    Optional<SweepProgress> read() {
        return file.read(CheckState::body).map(CheckState::of);
    }

    /** Returns the newest sweep without verifying its MAC, for callers without a key that decide nothing by it. */
    public static Optional<SweepProgress> unproven(Path node) {
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
