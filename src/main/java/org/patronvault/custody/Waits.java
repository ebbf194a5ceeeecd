package org.patronvault.custody;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.patronvault.crypto.CanonicalBytes;
import org.patronvault.keys.DurableFile;
import org.patronvault.keys.KeyCustody;

/**
 * For how long this node has served since each destruction was agreed to, in {@code node/destroy-waits}. Only time that
 * passed while it ran unsealed counts, on the monotonic clock: a wall clock that jumps, or a machine that starts with a wrong
 * one, brings nothing forward that cannot be undone. A file that is lost or was edited begins the wait anew. Safe for
 * use by many threads.
 */
final class Waits {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String FORM = "pv1.destroy-waits";
    private static final String TABLE = "node/destroy-waits";

    private final Path file;
    private final KeyCustody custody;
    private final LongSupplier nanoTime;
    private Map<String, Long> nanos = new TreeMap<>();
    private boolean read;
    private long last;

    /** Waits in that file, by that monotonic clock, in nanoseconds. */
    Waits(Path file, KeyCustody custody, LongSupplier nanoTime) {
        this.file = file;
        this.custody = custody;
        this.nanoTime = nanoTime;
        this.last = nanoTime.getAsLong();
    }

    /** Lets the time since the last turn pass without counting it: the vault was sealed, and nobody could call off. */
    synchronized void skip() {
        last = nanoTime.getAsLong();
    }

    /** Counts the time since the last turn on for those that still wait, and forgets all others. */
    synchronized void turn(Collection<String> waiting) {
        if (!read) {
            nanos = readFile();
            read = true;
        }
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

    /** How long it has waited, in seconds. */
    synchronized long seconds(String id) {
        return TimeUnit.NANOSECONDS.toSeconds(nanos.getOrDefault(id, 0L));
    }

    private byte[] mac(Map<String, Long> waits) {
        CanonicalBytes body = CanonicalBytes.plain().u32(waits.size());
        waits.forEach((id, waited) -> body.lp(id).u64(waited));
        return custody.keys().rows().mac(TABLE, new byte[0], 1, body.bytes());
    }

    private void write() {
        ObjectNode json = JSON.createObjectNode().put("format", FORM);
        json.set("waits", JSON.valueToTree(nanos));
        json.put("mac", Base64.getEncoder().encodeToString(mac(nanos)));
        DurableFile.write(file, json.toPrettyString().getBytes(StandardCharsets.UTF_8));
    }

    private Map<String, Long> readFile() {
        try {
            if (Files.exists(file)) {
                var json = JSON.readTree(Files.readAllBytes(file));
                TreeMap<String, Long> waits =
                        JSON.convertValue(json.path("waits"), new TypeReference<TreeMap<String, Long>>() {});
                byte[] mac = Base64.getDecoder().decode(json.path("mac").asText());
                if (java.security.MessageDigest.isEqual(mac, mac(waits))) {
                    return waits;
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            // As if it were not there.
        }
        return new TreeMap<>();
    }
}
