package org.patronvault.privacy.disclosure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.dual.Authority;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.model.CaseId;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.table.CaseRows;
import org.patronvault.core.store.table.Tx;
import org.patronvault.core.store.table.WriteTx;

/**
 * A store of fully encrypted records. A copy of the database shows only that they exist and how often they were
 * written. The whole record is one sealed cell. A row with a MAC names the newest write of the cell, and its row hash.
 * So no record can be edited, exchanged, rolled back or removed unnoticed, and a rotation of the KEK touches cells
 * alone.
 *
 * @param <T> a record, as JSON
 */
final class SealedRecords<T> {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** The row: the newest write of the cell, and its row hash in base64. */
    record Row(long generation, String hash) {}

    /** A record as read. */
    record VersionedRecord<T>(CaseId id, T record, Authority.Versioned<Row> row) {}

    private final Authority authority;
    private final KeyCustody custody;
    private final String kind;
    private final Class<T> type;

    SealedRecords(Authority authority, KeyCustody custody, String kind, Class<T> type) {
        this.authority = authority;
        this.custody = custody;
        this.kind = kind;
        this.type = type;
    }

    /** Returns an unused number. */
    static CaseId newId() {
        long number;
        do {
            number = RANDOM.nextLong();
        } while (number == 0);
        return new CaseId(number);
    }

    /** Adds a record. */
    void insert(WriteTx tx, CaseId id, T record) {
        CaseRows.Cell cell = sealed(id, 1, record);
        Refused taken = new Refused(Problem.CHANGED_MEANWHILE, "Try once more.");
        if (!tx.cases().insert(cell)) {
            throw taken;
        }
        authority.insert(tx, kind, id.toString(), row(id, cell), taken);
    }

    /** Replaces the record that was read by its next write. */
    void replace(WriteTx tx, VersionedRecord<T> held, T next) {
        CaseRows.Cell cell = sealed(held.id(), held.row().body().generation() + 1, next);
        if (!tx.cases().replace(cell)) {
            throw new Refused(Problem.CHANGED_MEANWHILE, "It was changed meanwhile; look again.");
        }
        authority.replace(tx, kind, held.row(), row(held.id(), cell));
    }

    /** Refuses with {@code invalid} a record that is longer than that. */
    void requireRoom(T record, int mostBytes) {
        byte[] plain = bytes(record);
        int length = plain.length;
        SecureBytes.wipe(plain);
        if (length > mostBytes) {
            throw new Refused(Problem.INVALID, "There is no room for so much text; say it in fewer words.");
        }
    }

    /** Removes the record that was read. */
    void remove(WriteTx tx, VersionedRecord<T> held) {
        authority.remove(tx, held.row());
        if (!tx.cases().delete(held.id().number(), held.row().body().generation())) {
            throw put("missing");
        }
    }

    private CaseRows.Cell sealed(CaseId id, long generation, T record) {
        byte[] plain = bytes(record);
        try {
            return new CaseRows.Cell(
                    id.number(), generation, custody.keys().cases().seal(id, generation, plain));
        } finally {
            SecureBytes.wipe(plain);
        }
    }

    private Row row(CaseId id, CaseRows.Cell cell) {
        byte[] hash = custody.keys().cases().rowHash(id, cell.generation(), cell.envelope());
        return new Row(cell.generation(), Base64.getEncoder().encodeToString(hash));
    }

    /** The record of that number in this snapshot. */
    Optional<VersionedRecord<T>> find(Tx tx, CaseId id) {
        return authority.findAsShown(tx, kind, id.toString(), Row.class).map(row -> held(tx, id, row));
    }

    /** All records. */
    List<VersionedRecord<T>> all(Tx tx) {
        return authority.all(tx, kind, Row.class).stream()
                .map(row -> CaseId.parse(row.name()).orElseThrow(() -> put("name")))
                .flatMap(id -> find(tx, id).stream())
                .toList();
    }

    /** All undamaged records. */
    List<VersionedRecord<T>> sound(Tx tx) {
        return ids(tx).filter(id -> !isDamaged(tx, id))
                .flatMap(id -> find(tx, id).stream())
                .toList();
    }

    /** The numbers of the damaged records. */
    List<CaseId> damaged(Tx tx) {
        return ids(tx).filter(id -> isDamaged(tx, id)).toList();
    }

    private Stream<CaseId> ids(Tx tx) {
        return authority.names(tx, kind).stream().flatMap(name -> CaseId.parse(name).stream());
    }

    private boolean isDamaged(Tx tx, CaseId id) {
        try {
            // A missing record was removed, or came after this snapshot.
            Optional<VersionedRecord<T>> unused = find(tx, id);
            return false;
        } catch (IntegrityException e) {
            return true;
        }
    }

    private VersionedRecord<T> held(Tx tx, CaseId id, Authority.Versioned<Row> row) {
        CaseRows.Cell cell = tx.cases().find(id.number()).orElseThrow(() -> put("missing"));
        if (!row(id, cell).equals(row.body())) {
            throw put("not the newest");
        }
        byte[] plain = custody.keys().cases().open(id, cell.generation(), cell.envelope());
        try {
            return new VersionedRecord<>(id, JSON.readValue(plain, type), row);
        } catch (IOException e) {
            throw new IntegrityException(kind + " cell: form");
        } finally {
            SecureBytes.wipe(plain);
        }
    }

    private IntegrityException put(String why) {
        return new IntegrityException(kind + " cell: " + why);
    }

    private static byte[] bytes(Object record) {
        try {
            return JSON.writeValueAsBytes(record);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
