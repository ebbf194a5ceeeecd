package org.patronvault.core.keys.slot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.crypto.Shamir;
import org.patronvault.core.keys.share.Share;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * A slot that any {@code threshold} of its shares open (Shamir, "How to share a secret", 1979). The slot key is split,
 * drawn for this set alone, and never the root. The hash of each share is stored, so a wrong share is found before it
 * spoils the others. A share's value is as random as the key, so its hash reveals nothing.
 *
 * @param hashes of the shares by their index, from 1
 */
public record SharesSlot(Head head, int setId, int threshold, List<byte[]> hashes, byte[] wrap) implements Slot {
    static final String KIND = "shares";
    private static final int SET_IDS = 1 << 24;

    /** A new slot and the shares that open it, which are stored nowhere. */
    record NewSlot(SharesSlot slot, List<Share> shares) {}

    static NewSlot create(String vaultId, Head head, int count, int threshold, byte[] root, SecureRandom random) {
        byte[] slotKey = SecureBytes.random(32);
        int setId = random.nextInt(SET_IDS);
        List<Share> shares = new ArrayList<>();
        List<byte[]> hashes = new ArrayList<>();
        List<byte[]> values = Shamir.split(slotKey, count, threshold);
        for (int i = 0; i < count; i++) {
            Share share = Share.of(setId, threshold, i + 1, values.get(i));
            shares.add(share);
            hashes.add(share.hash());
        }
        byte[] wrap = Slot.wrap(slotKey, aad(vaultId, head, setId, threshold, hashes), root);
        return new NewSlot(new SharesSlot(head, setId, threshold, List.copyOf(hashes), wrap), shares);
    }

    /** Whether this slot was made with that share. */
    boolean knows(Share share) {
        return share.index() <= hashes.size()
                && share.index() > 0
                && MessageDigest.isEqual(hashes.get(share.index() - 1), share.hash());
    }

    /**
     * Returns the slot that a share was made for.
     *
     * @throws Refused with {@code share-foreign} if it is of no slot, with {@code share-refused} if it differs from its
     *     card
     */
    public static SharesSlot of(List<Slot> slots, Share share) {
        List<SharesSlot> all = all(slots);
        List<SharesSlot> set =
                all.stream().filter(slot -> slot.setId == share.setId()).toList();
        if (set.isEmpty()) {
            String ours = all.stream().map(SharesSlot::setName).collect(Collectors.joining(" or "));
            throw new Refused(
                    Problem.SHARE_FOREIGN,
                    all.isEmpty()
                            ? "This vault has no slot that opens by shares."
                            : "That share is of another set, of another vault or renewed since: take a card of set "
                                    + ours + ".");
        }
        return set.stream()
                .filter(slot -> slot.knows(share))
                .findFirst()
                .orElseThrow(() -> new Refused(
                        Problem.SHARE_REFUSED,
                        "That is none of the shares of this set, though it looks like one: take the card itself."));
    }

    /**
     * Parses a share typed from its card.
     *
     * @throws Refused with {@code share-mistyped}, naming the word if it can be found
     */
    public static Share read(List<Slot> slots, String words) {
        try {
            return Share.parse(words);
        } catch (Refused e) {
            List<byte[]> known =
                    all(slots).stream().flatMap(slot -> slot.hashes.stream()).toList();
            OptionalInt wrong = Share.wrongWord(words, known);
            throw wrong.isEmpty()
                    ? e
                    : new Refused(
                            Problem.SHARE_MISTYPED,
                            "Word " + wrong.getAsInt() + " is not the one on the card; look at it again.");
        }
    }

    public static List<SharesSlot> all(List<Slot> slots) {
        return slots.stream()
                .filter(SharesSlot.class::isInstance)
                .map(SharesSlot.class::cast)
                .toList();
    }

    /** Returns the name of this set on its cards. */
    public String setName() {
        return Share.setName(setId);
    }

    /** Returns the root key, from {@code threshold} shares that this slot {@link #knows}. */
    public byte[] open(String vaultId, List<Share> shares) {
        SortedMap<Integer, byte[]> values = new TreeMap<>();
        shares.forEach(share -> values.put(share.index(), share.value()));
        byte[] slotKey;
        try {
            slotKey = Shamir.combine(values);
        } finally {
            values.values().forEach(value -> Arrays.fill(value, (byte) 0));
        }
        return Slot.unwrap(slotKey, aad(vaultId, head, setId, threshold, hashes), wrap);
    }

    private static CanonicalBytes aad(String vaultId, Head head, int setId, int threshold, List<byte[]> hashes) {
        CanonicalBytes aad = head.aad(vaultId, KIND).u32(setId).u32(threshold).u32(hashes.size());
        hashes.forEach(aad::lp);
        return aad;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public SlotFacts facts() {
        return new SlotFacts(
                head.id(), KIND, Instant.ofEpochSecond(head.createdSeconds()), threshold, hashes.size(), openedBy());
    }

    @Override
    public String openedBy() {
        return SlotFacts.byShares(threshold, hashes.size());
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode json = head.json(KIND).put("set", setId).put("threshold", threshold);
        ArrayNode shares = json.putArray("shares");
        hashes.forEach(hash -> shares.add(Slot.text(hash)));
        return json.put("wrap", Slot.text(wrap));
    }

    static SharesSlot ofJson(JsonNode json) {
        List<byte[]> hashes = new ArrayList<>();
        json.path("shares").forEach(hash -> hashes.add(Slot.bytes(hash)));
        int threshold = json.path("threshold").asInt();
        int setId = json.path("set").asInt();
        boolean possible = threshold >= 2 && threshold <= hashes.size() && hashes.size() <= Shamir.MAX_SHARES;
        if (!possible || setId < 0 || setId >= SET_IDS) {
            throw Slot.unreadable();
        }
        return new SharesSlot(Head.ofJson(json), setId, threshold, List.copyOf(hashes), Slot.bytes(json, "wrap"));
    }
}
