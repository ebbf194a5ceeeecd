package org.patronvault.core.keys.hsm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The PIN of HSM slots, in a file. An HSM locks itself after a few wrong PINs. So a refused PIN is not offered to that
 * slot again, by this process or a later one, until the file changes. A file in {@code node/} remembers the PIN file's
 * state by its time and size, and nothing of the PIN.
 *
 * <p>Thread-safe; one PIN is tried at a time.
 */
public final class HsmPinFile implements HsmPin {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FORM = "pv1.hsm-pin-refused";
    static final int MAX_BYTES = 256;

    private final Path file;
    private final Path marker;

    /**
     * Makes the PIN of that file; it is read when it is offered.
     *
     * @param node the home's {@code node/}
     */
    public HsmPinFile(Path file, Path node) {
        this.file = file;
        this.marker = node.resolve("hsm-pin-refused");
    }

    /** A state of the PIN file, and the slots whose HSM refused it. */
    private record Refusals(long modified, long size, Set<Integer> slots) {
        static Refusals none(Path file) throws IOException {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return new Refusals(now.lastModifiedTime().to(TimeUnit.NANOSECONDS), now.size(), new TreeSet<>());
        }
    }

    @Override
    public synchronized byte[] offer(Set<Integer> slots, Function<char[], byte[]> use) {
        Refusals refusals;
        char[] pin;
        try {
            refusals = remembered(Refusals.none(file));
            if (!Collections.disjoint(refusals.slots(), slots)) {
                throw refusedBefore();
            }
            pin = read();
        } catch (IOException e) {
            throw unreadable();
        }
        try {
            return use.apply(pin);
        } catch (Refused e) {
            if (e.problem() == Problem.PIN_REFUSED) {
                refusals.slots().addAll(slots);
                remember(refusals);
            }
            throw e;
        }
    }

    /**
     * Checks that the file can be read and its PIN would be offered to that slot.
     *
     * @throws Refused as {@link #offer} would before it offers the PIN
     */
    public synchronized void look(int slot) {
        try {
            if (remembered(Refusals.none(file)).slots().contains(slot)) {
                throw refusedBefore();
            }
            Arrays.fill(read(), '\0');
        } catch (IOException e) {
            throw unreadable();
        }
    }

    private static Refused refusedBefore() {
        return new Refused(
                Problem.PIN_REFUSED,
                "The HSM refused the PIN in the PIN file, or did not answer to it; it is not offered again as it is: put"
                        + " the right one in, or `touch` the file once the HSM takes it again.");
    }

    private static Refused unreadable() {
        return new Refused(
                Problem.KEYS_REFUSED,
                "The file with the HSM's PIN (unseal.hsmPinFile) cannot be read, or holds no line of UTF-8.");
    }

    private char[] read() throws IOException {
        byte[] bytes = null;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES);
            int length = bytes.length;
            while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) {
                length--;
            }
            byte[] line = Arrays.copyOf(bytes, bytes.length == MAX_BYTES ? MAX_BYTES : length);
            try {
                return HsmPin.characters(line);
            } catch (Refused e) {
                throw unreadable();
            } finally {
                SecureBytes.wipe(line);
            }
        } finally {
            SecureBytes.wipe(bytes);
        }
    }

    /** Returns the refusals stored for the file's present state. */
    private Refusals remembered(Refusals now) {
        try {
            if (Files.exists(marker)) {
                JsonNode json = JSON.readTree(Files.readAllBytes(marker));
                if (!FORM.equals(json.path("format").asText())) {
                    throw new IOException();
                }
                if (json.path("modified").asLong() == now.modified()
                        && json.path("size").asLong() == now.size()) {
                    json.path("slots").forEach(slot -> now.slots().add(slot.asInt()));
                }
            }
            return now;
        } catch (IOException e) {
            // The earlier refusals cannot be read, and a few wrong tries lock an HSM.
            throw new Refused(
                    Problem.PIN_REFUSED,
                    "node/hsm-pin-refused cannot be read: see that the PIN file holds the right PIN, then remove it.");
        }
    }

    private void remember(Refusals refusals) {
        ObjectNode json = JSON.createObjectNode();
        json.put("format", FORM);
        json.put("modified", refusals.modified());
        json.put("size", refusals.size());
        refusals.slots().forEach(json.putArray("slots")::add);
        DurableFile.write(marker, json.toPrettyString().getBytes(StandardCharsets.UTF_8));
    }
}
