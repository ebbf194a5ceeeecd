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
     */
    record Progressed(Instant started, long through, long values, long findings, Optional<Instant> finished) {

        static Progressed begun(Instant now) {
            return new Progressed(now, Long.MIN_VALUE, 0, 0, Optional.empty());
        }

        Progressed ended(Instant now) {
            return new Progressed(started, through, values, findings, Optional.of(now));
        }
    }

    private final NodeFile file;

    CheckState(Path node, KeyCustody custody) {
        this.file = new NodeFile(node.resolve(FILE), custody, "pv1.check", "node/check");
    }

    void write(Progressed now) {
        ObjectNode json = file.blank()
                .put("started", now.started().getEpochSecond())
                .put("through", now.through())
                .put("values", now.values())
                .put("findings", now.findings())
                .put("finished", now.finished().map(Instant::getEpochSecond).orElse(0L));
        file.write(json, body(json));
    }

    /** The newest; empty if there was none, or the file is not as it was written. */
    Optional<Progressed> read() {
        return file.read(CheckState::body).map(CheckState::of);
    }

    /** The same without its MAC, for who has no key and decides nothing by it. */
    static Optional<Progressed> unproven(Path node) {
        return NodeFile.unproven(node.resolve(FILE)).map(CheckState::of);
    }

    private static Progressed of(JsonNode json) {
        long finished = json.path("finished").asLong();
        return new Progressed(
                Instant.ofEpochSecond(json.path("started").asLong()),
                json.path("through").asLong(),
                json.path("values").asLong(),
                json.path("findings").asLong(),
                finished == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(finished)));
    }

    private static CanonicalBytes body(JsonNode json) {
        return CanonicalBytes.plain()
                .u64(json.path("started").asLong())
                .u64(json.path("through").asLong())
                .u64(json.path("values").asLong())
                .u64(json.path("findings").asLong())
                .u64(json.path("finished").asLong());
    }
}
