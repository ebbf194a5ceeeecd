package org.patronvault.core.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.core.crypto.CanonicalBytes;

/**
 * The waiting periods before acts that cannot be undone, kept in a file of this node. Only serving time counts, by the
 * monotonic clock, without time let pass by {@link #skip}. So a wall clock that jumps, or is wrong at the start,
 * shortens no wait. A lost or edited file restarts the wait. Thread-safe.
 */
public final class Waits {
    private static final String WAITS = "waits";

    private final NodeFile file;
    private final LongSupplier nanoTime;
    private Map<String, Long> nanos = new TreeMap<>();
    private boolean read;
    private long last;

    /**
     * Makes the waits in that file of {@code node/}, whose name is part of its format, by that monotonic clock, in
     * nanoseconds.
     */
    public Waits(Path file, KeyCustody custody, LongSupplier nanoTime) {
        this.file = new NodeFile(file, custody, "pv1." + file.getFileName(), "node/" + file.getFileName());
        this.nanoTime = nanoTime;
        this.last = nanoTime.getAsLong();
    }

    /** Skips the time since the last turn: the vault was sealed, and nobody could cancel an act. */
    public synchronized void skip() {
        last = nanoTime.getAsLong();
    }

    /** Adds the time since the last turn to the given waits, and forgets all others. */
    public synchronized void turn(Collection<String> waiting) {
        readOnce();
        long now = nanoTime.getAsLong();
        Map<String, Long> counted = new TreeMap<>();
        waiting.forEach(id -> counted.put(id, nanos.containsKey(id) ? nanos.get(id) + now - last : 0L));
        boolean changed = !counted.equals(nanos);
        nanos = counted;
        last = now;
        if (changed) {
            write();
        }
    }

    private void readOnce() {
        if (!read) {
            nanos = readFile();
            read = true;
        }
    }

    /** Returns the waits as of the last turn, in this process or an earlier one. */
    public synchronized Set<String> waiting() {
        readOnce();
        return Set.copyOf(nanos.keySet());
    }

    /** Returns how long it has waited, in seconds. */
    public synchronized long seconds(String id) {
        return TimeUnit.NANOSECONDS.toSeconds(nanos.getOrDefault(id, 0L));
    }

    /**
     * Returns the seconds that each has waited, without checking the MAC; for readers that have no key and decide
     * nothing by it.
     */
    public static Map<String, Long> unproven(Path file) {
        Map<String, Long> waits = NodeFile.unproven(file).map(Waits::waits).orElseGet(TreeMap::new);
        waits.replaceAll((id, waited) -> TimeUnit.NANOSECONDS.toSeconds(waited));
        return waits;
    }

    private static CanonicalBytes body(Map<String, Long> waits) {
        CanonicalBytes body = CanonicalBytes.plain().u32(waits.size());
        waits.forEach((id, waited) -> body.lp(id).u64(waited));
        return body;
    }

    private void write() {
        ObjectNode json = file.blank();
        ObjectNode waits = json.putObject(WAITS);
        nanos.forEach(waits::put);
        file.write(json, body(nanos));
    }

    private Map<String, Long> readFile() {
        return file.read(json -> body(waits(json))).map(Waits::waits).orElseGet(TreeMap::new);
    }

    private static Map<String, Long> waits(JsonNode json) {
        Map<String, Long> waits = new TreeMap<>();
        json.path(WAITS)
                .properties()
                .forEach(one -> waits.put(one.getKey(), one.getValue().asLong()));
        return waits;
    }
}
