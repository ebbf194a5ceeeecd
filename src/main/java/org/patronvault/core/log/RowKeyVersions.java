package org.patronvault.core.log;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.RowMac;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.keys.ring.KeyVersions;
import org.patronvault.core.store.table.AuthorityRows.Row;

/**
 * A finder of the row key version for a row that carries authority. The row does not name its version: its MAC is tried
 * under each version, the newest first. Safe for use by many threads.
 */
public final class RowKeyVersions {
    private final KeyCustody custody;

    /** Retired versions of rows at the time when the digest of all rows was last found right. */
    private final Set<Integer> foundRetired = ConcurrentHashMap.newKeySet();

    RowKeyVersions(KeyCustody custody) {
        this.custody = custody;
    }

    /** Returns the version whose key made the row's MAC. Empty if this vault did not write the row. */
    public OptionalInt of(Row row) {
        byte[] name = row.name().getBytes(StandardCharsets.UTF_8);
        byte[] body = row.body().getBytes(StandardCharsets.UTF_8);
        return custody.keys().rows().find(rows -> rows.verify(row.kind(), name, row.generation(), body, row.mac()));
    }

    /** Whether the vault wrote the row, under a version that counts. */
    public boolean areCounted(Row row) {
        OptionalInt version = of(row);
        return version.isPresent() && counts(version.getAsInt());
    }

    /**
     * Whether rows under a version count. A retired version counts only in a database from before the rotation that
     * retired it, so a thief of that version can make no row with it.
     */
    public boolean counts(int version) {
        return version == custody.keys().rows().newestVersion()
                || !custody.keys().isRetiredForRows(version)
                || foundRetired.contains(version);
    }

    /** Forgets all versions found. */
    void begin() {
        foundRetired.clear();
    }

    /** Records the version of a row that is part of the digest. */
    void found(Row row) {
        if (areMany()) {
            of(row).ifPresent(version -> {
                if (custody.keys().isRetiredForRows(version)) {
                    foundRetired.add(version);
                }
            });
        }
    }

    private boolean areMany() {
        return custody.keys().rows().all().size() > 1;
    }

    /**
     * Returns the element of the row in the digest, under the version of the row itself. So the digest stays right when
     * a row is rewritten under another version.
     */
    byte[] element(Row row) {
        byte[] key = CanonicalBytes.plain()
                .lp(row.kind())
                .lp(row.name().getBytes(StandardCharsets.UTF_8))
                .bytes();
        KeyVersions<RowMac> rows = custody.keys().rows();
        OptionalInt version = areMany() ? of(row) : OptionalInt.empty();
        RowMac under = version.isPresent() ? rows.version(version.getAsInt()).orElseGet(rows::newest) : rows.newest();
        return under.mac("authority-element", key, row.generation(), row.mac());
    }
}
