package org.patronvault.core.keys.slot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.keys.file.SmallFile;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The slots in {@code keys/slots.json}: every way to recover the root key.
 *
 * @param next the number of the next slot, above every earlier one
 */
public record SlotsFile(String vaultId, List<Slot> slots, int next) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FORM = "pv1.slots";

    /** The most slots, including those of a new root. */
    public static final int MAX_SLOTS = 32;

    private static final int MAX_BYTES = 1 << 20;

    /** Makes a list of slots of which none was removed before. */
    public SlotsFile(String vaultId, List<Slot> slots) {
        this(vaultId, slots, 1);
    }

    /** Raises the next number above every slot's. */
    public SlotsFile {
        for (Slot slot : slots) {
            next = Math.max(next, slot.head().id() + 1);
        }
    }

    /** Reads a file of slots; refuses a malformed one with {@code keys-refused}. */
    public static SlotsFile read(Path file) {
        try {
            return parse(SmallFile.read(file, MAX_BYTES));
        } catch (IOException e) {
            throw unreadable();
        }
    }

    static SlotsFile parse(byte[] written) {
        try {
            JsonNode json = JSON.readTree(written);
            if (!FORM.equals(json.path("format").asText())) {
                throw new Refused(Problem.KEYS_REFUSED, "keys/slots.json is not a slots file of this version.");
            }
            List<Slot> slots = new ArrayList<>();
            for (JsonNode slot : json.path("slots")) {
                if (slots.size() == MAX_SLOTS) {
                    throw new Refused(Problem.KEYS_REFUSED, "keys/slots.json has more slots than there can be.");
                }
                slots.add(slot(slot));
            }
            return new SlotsFile(
                    json.path("vault").asText(),
                    List.copyOf(slots),
                    json.path("next").asInt(1));
        } catch (IOException e) {
            throw unreadable();
        }
    }

    private static Refused unreadable() {
        return new Refused(Problem.KEYS_REFUSED, "keys/slots.json cannot be read; put back the last copy of keys/.");
    }

    /** Parses one slot as it is in the file. */
    public static Slot slot(String json) {
        try {
            return slot(JSON.readTree(json));
        } catch (IOException e) {
            throw Slot.unreadable();
        }
    }

    private static Slot slot(JsonNode json) {
        return switch (json.path("kind").asText()) {
            case PassphraseSlot.KIND -> PassphraseSlot.ofJson(json);
            case SharesSlot.KIND -> SharesSlot.ofJson(json);
            case HsmSlot.KIND -> HsmSlot.ofJson(json);
            case KmsSlot.KIND -> KmsSlot.ofJson(json);
            default -> throw new Refused(Problem.KEYS_REFUSED, "keys/slots.json has a slot this version cannot use.");
        };
    }

    /** Returns the slots that open that root. */
    public List<Slot> of(int root) {
        return slots.stream().filter(slot -> slot.head().root() == root).toList();
    }

    public void write(Path file) {
        DurableFile.write(file, bytes());
    }

    byte[] bytes() {
        ObjectNode json = JSON.createObjectNode();
        json.put("format", FORM);
        json.put("vault", vaultId);
        json.put("next", next);
        ArrayNode array = json.putArray("slots");
        slots.forEach(slot -> array.add(slot.toJson()));
        return json.toPrettyString().getBytes(StandardCharsets.UTF_8);
    }
}
