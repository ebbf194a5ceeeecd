package org.patronvault.custody;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.KeyName;
import org.patronvault.keys.RingKey;
import org.patronvault.model.PatronField;
import org.patronvault.patron.IndexRow;
import org.patronvault.search.IndexVersions;
import org.patronvault.store.Store;
import org.patronvault.store.Tx;

/** Each key's versions and how many values still hang on each; the slots; the copies that were handed out. */
public final class KeyStatus {

    /** One version of a key. */
    public record Version(int version, String state, Instant created, long values) {}

    /** A key and its versions, oldest first. */
    public record Key(String field, List<Version> versions) {}

    /** Everything a custodian sees. */
    public record Status(List<Key> keys, List<Slot> slots, List<KeyCopies.Copy> copies, boolean sealed) {}

    /** A way to unseal the root, in words too; {@code threshold} of {@code shares}, 0 where there are none. */
    public record Slot(int id, String kind, String openedBy, Instant created, int threshold, int shares) {}

    private final Store store;
    private final KeyCustody custody;
    private final IndexRow indexRow;
    private final KeyCopies copies;

    /** The status of that ring over that store. */
    public KeyStatus(Store store, KeyCustody custody, IndexRow indexRow, KeyCopies copies) {
        this.store = store;
        this.custody = custody;
        this.indexRow = indexRow;
        this.copies = copies;
    }

    /** The state now; without the keys while sealed. */
    public Status now() {
        if (custody.isSealed()) {
            return new Status(List.of(), slots(), List.of(), true);
        }
        Map<PatronField, Map<Integer, Long>> counts =
                store.read(tx -> tx.patrons().countByKek());
        Map<Integer, Long> indexed = store.read(this::indexed);
        Map<String, List<Version>> keys = new LinkedHashMap<>();
        for (RingKey key : custody.keys().inventory()) {
            long values = values(key, counts, indexed);
            keys.computeIfAbsent(key.name(), n -> new ArrayList<>())
                    .add(new Version(key.version(), key.state().wireName(), key.created(), values));
        }
        return new Status(
                keys.entrySet().stream()
                        .map(e -> new Key(e.getKey(), e.getValue()))
                        .toList(),
                slots(),
                copies.all(),
                false);
    }

    /** How many entries of the search index each version has. */
    private Map<Integer, Long> indexed(Tx tx) {
        IndexVersions versions = indexRow.at(tx);
        Map<Integer, Long> counts = new HashMap<>();
        counts.put(versions.other(), tx.otherIndex().count());
        counts.put(versions.live(), tx.index().count());
        return counts;
    }

    private List<Slot> slots() {
        return custody.slots().stream()
                .map(s -> new Slot(s.id(), s.kind(), s.openedBy(), s.created(), s.threshold(), s.count()))
                .toList();
    }

    private static long values(RingKey key, Map<PatronField, Map<Integer, Long>> counts, Map<Integer, Long> indexed) {
        boolean index = key.name().equals(KeyName.INDEX_LABEL) || key.name().equals(KeyName.INDEX_VALUE);
        return index
                ? indexed.getOrDefault(key.version(), 0L)
                : PatronField.ofWireName(key.name())
                        .map(field -> counts.getOrDefault(field, Map.of()).getOrDefault(key.version(), 0L))
                        .orElse(0L);
    }
}
