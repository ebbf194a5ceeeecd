package org.patronvault.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.patronvault.crypto.SecureBytes;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;

/**
 * The PIN of HSM slots, in a file. An HSM locks itself after a few wrong PINs, so one that was refused is not offered
 * to that slot again, by this process or by one after it, until the file was changed. A file in {@code node/} remembers
 * which state of the PIN file that was, by its time and size, and nothing of the PIN.
 *
 * <p>Safe for use by many threads; one PIN is tried at a time.
 */
public final class HsmPin {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FORM = "pv1.hsm-pin-refused";
    private static final int MAX_BYTES = 256;

    private final Path file;
    private final Path marker;

    /**
     * The PIN in that file; it is read when it is offered.
     *
     * @param node the home's {@code node/}
     */
    public HsmPin(Path file, Path node) {
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

    /**
     * Offers the PIN once and gives what came of it. Whoever takes the PIN wipes it.
     *
     * @throws Refused with {@code pin-refused} if {@code use} threw that now, or once since the file was changed; with
     *     {@code keys-refused} if there is no PIN in the file
     */
    synchronized byte[] offer(int slot, Function<char[], byte[]> use) {
        Refusals refusals;
        char[] pin;
        try {
            refusals = remembered(Refusals.none(file));
            if (refusals.slots().contains(slot)) {
                throw new Refused(
                        Problem.PIN_REFUSED,
                        "The HSM refused the PIN in the PIN file, which is not offered again as it is: put the right"
                                + " one in, or `touch` the file once the HSM takes it again.");
            }
            pin = read();
        } catch (IOException e) {
            throw new Refused(
                    Problem.KEYS_REFUSED,
                    "The file with the HSM's PIN (unseal.hsmPinFile) cannot be read, or holds no line of UTF-8.");
        }
        try {
            return use.apply(pin);
        } catch (Refused e) {
            if (e.problem() == Problem.PIN_REFUSED) {
                refusals.slots().add(slot);
                remember(refusals);
            }
            throw e;
        }
    }

    private char[] read() throws IOException {
        byte[] bytes = null;
        CharBuffer chars = null;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES);
            int length = bytes.length;
            while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) {
                length--;
            }
            chars = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length));
            if (length == 0 || length == MAX_BYTES) {
                throw new CharacterCodingException();
            }
            return Arrays.copyOf(chars.array(), chars.limit());
        } finally {
            SecureBytes.wipe(bytes);
            if (chars != null) {
                Arrays.fill(chars.array(), '\0');
            }
        }
    }

    /** What is remembered of the file as it is now. */
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
            // Whether this PIN was refused cannot be told any more, and a few tries too many lock an HSM.
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
