package org.patronvault.core.index;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.CanonicalReader;
import org.patronvault.core.model.IntegrityException;

/**
 * The labels of one patron's entries in each version of the index, as stored in the cell {@code labels} (format.md,
 * "Labels").
 *
 * @param sets one or two, none of the same version
 */
public record PatronLabels(List<OfVersion> sets) {
    /** The labels of a patron without entries. */
    public static final PatronLabels NONE = new PatronLabels(List.of());

    private static final int SET_BYTES = EncryptedIndex.ENTRIES * EncryptedIndex.LABEL_BYTES;
    private static final int MAX_SETS = 2;

    /**
     * The labels in one version.
     *
     * @param labels {@value EncryptedIndex#ENTRIES} of {@value EncryptedIndex#LABEL_BYTES} bytes
     */
    public record OfVersion(int version, byte[] labels) {}

    /** Holds the arrays given. */
    public PatronLabels {
        sets = List.copyOf(sets);
    }

    /** Reads the bytes of {@link #encode}. */
    public static PatronLabels decode(byte[] stored) {
        CanonicalReader in = CanonicalReader.of(stored);
        List<OfVersion> sets = new ArrayList<>();
        for (int rest = stored.length; rest > 0 && sets.size() < MAX_SETS; rest -= Integer.BYTES + SET_BYTES) {
            sets.add(new OfVersion((int) in.u32(), in.raw(SET_BYTES)));
        }
        in.end();
        if (sets.isEmpty()) {
            throw new IntegrityException("labels: none");
        }
        return new PatronLabels(sets);
    }

    /** Returns the value of the cell. */
    public byte[] encode() {
        CanonicalBytes out = CanonicalBytes.plain();
        sets.forEach(set -> out.u32(set.version()).raw(set.labels()));
        return out.bytes();
    }

    /** Returns the labels in a version. */
    public Optional<byte[]> in(int version) {
        return sets.stream().filter(set -> set.version() == version).findFirst().map(OfVersion::labels);
    }

    /** Returns these labels in {@code version}, unchanged, beside the other labels. */
    public PatronLabels keeping(int version, PatronLabels others) {
        List<OfVersion> both = new ArrayList<>();
        in(version).ifPresent(labels -> both.add(new OfVersion(version, labels)));
        both.addAll(others.sets());
        return new PatronLabels(both);
    }
}
