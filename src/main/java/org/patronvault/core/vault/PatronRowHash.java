package org.patronvault.core.vault;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.model.PatronId;

/**
 * The hash of all cells of one patron's row, which the log entry of a write holds (format.md, "Hash of a row"). A cell
 * that was swapped, removed or rolled back gives another hash. A rewrap gives the same one.
 */
public final class PatronRowHash {
    /** The cells of a row, by the codes of their fields: card, name, address, phone, email, meta and terms. */
    private static final List<Integer> CODES = List.of(1, 2, 3, 4, 5, 6, 8);

    /**
     * One cell of the row.
     *
     * @param code of the field
     * @param hash the 32-byte row hash of the cell's envelope, which needs no key
     */
    public record Cell(int code, long generation, byte[] hash) {}

    private PatronRowHash() {}

    /**
     * Returns the 32-byte hash of a row.
     *
     * @param cells all cells of the row, in the order of their codes
     * @throws IllegalArgumentException if a cell is missing, unknown or in another place
     */
    public static byte[] of(String vaultId, PatronId patron, List<Cell> cells) {
        if (!cells.stream().map(Cell::code).toList().equals(CODES)) {
            throw new IllegalArgumentException("cells must be those of the fields " + CODES);
        }
        CanonicalBytes row = CanonicalBytes.begin("pv2.row").lp(vaultId).u64(patron.number());
        for (Cell cell : cells) {
            row.u8(cell.code()).u64(cell.generation()).raw(requireHash(cell.hash()));
        }
        try {
            return MessageDigest.getInstance("SHA-256").digest(row.bytes());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is not available", e);
        }
    }

    private static byte[] requireHash(byte[] hash) {
        if (hash.length != 32) {
            throw new IllegalArgumentException("hash of a cell must be 32 bytes, was " + hash.length);
        }
        return hash;
    }
}
