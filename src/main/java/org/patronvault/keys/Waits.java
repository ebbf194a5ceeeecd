package org.patronvault.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.crypto.CanonicalBytes;

/**
 * For how long this node has served since each of some things that cannot be undone began to wait, in a file of its own.
 * Only time that passed while it ran counts, and was not let pass by {@link #skip}, on the monotonic clock: a wall clock
 * that jumps, or a machine that starts with a wrong one, brings nothing forward. A file that is lost or was edited begins the wait anew. Safe for use
 * by many threads.
 */
public final class Waits {
    private static final String WAITS = "waits";

    private final NodeFile file;
    private final LongSupplier nanoTime;
    private Map<String, Long> nanos = new TreeMap<>();
    private boolean read;
    private long last;

    /** Waits in that file of {@code node/}, whose name is that of its form, by that monotonic clock, in nanoseconds. */
    public Waits(Path file, KeyCustody custody, LongSupplier nanoTime) {
        this.file = new NodeFile(file, custody, "pv1." + file.getFileName(), "node/" + file.getFileName());
        this.nanoTime = nanoTime;
        this.last = nanoTime.getAsLong();
    }

    /** Lets the time since the last turn pass without counting it: the vault was sealed, and nobody could call off. */
    public synchronized void skip() {
        last = nanoTime.getAsLong();
    }

    /** Counts the time since the last turn on for those that still wait, and forgets all others. */
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

    /** Which wait, as of the last turn, of whichever process. */
    public synchronized Set<String> waiting() {
        readOnce();
        return Set.copyOf(nanos.keySet());
    }

    /** How long it has waited, in seconds. */
    public synchronized long seconds(String id) {
        return TimeUnit.NANOSECONDS.toSeconds(nanos.getOrDefault(id, 0L));
    }

    /** For how many seconds each has waited, read without the MAC: for who has no key and decides nothing by it. */
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
