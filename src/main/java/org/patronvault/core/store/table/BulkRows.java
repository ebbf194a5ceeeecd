package org.patronvault.core.store.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.store.sql.BinaryCopyWriter;
import org.patronvault.core.store.sql.Dialect;
import org.patronvault.core.store.sql.Jdbc;
import org.patronvault.core.store.table.IndexRows.Entries;

/**
 * The fast path for many new rows. It sends them in the way the database takes fastest, in the order of their keys,
 * which does not reveal when they came. For the thread of their transaction.
 */
public final class BulkRows {
    /** The fewest rows for a COPY. With fewer, it takes longer than a statement. */
    private static final int MANY = 100;

    private static final String PATRON = "patron (" + PatronRows.COLUMNS + ", " + PatronRows.CELLS + ")";
    private static final String INDEX = IndexRows.LIVE + " (label, value)";

    private final WriteTx tx;
    private final Handle handle;
    private final boolean copies;

    BulkRows(WriteTx tx, Handle handle, Dialect dialect) {
        this.tx = tx;
        this.handle = handle;
        this.copies = dialect.takesCopies();
    }

    /** Adds patrons with their values. */
    public void patrons(List<StoredPatron> patrons) {
        if (!copies || patrons.size() < MANY) {
            tx.patrons().insert(patrons);
            return;
        }
        List<StoredPatron> sorted = new ArrayList<>(patrons);
        sorted.sort(Comparator.comparingLong(patron -> patron.id().number()));
        BinaryCopyWriter rows = new BinaryCopyWriter();
        for (StoredPatron patron : sorted) {
            add(rows, patron.row());
            for (PatronField field : PatronField.values()) {
                rows.value(patron.cell(field));
            }
            sendIfFull(rows, PATRON);
        }
        send(rows, PATRON);
        KeyUse use = new KeyUse(handle);
        use.added(sorted);
    }

    private static void add(BinaryCopyWriter rows, PatronRow row) {
        PatronAttributes attributes = row.attributes();
        rows.row(PatronRows.CLEAR_COLUMNS + PatronField.values().length)
                .number(row.id().number())
                .number(row.version())
                .number(row.indexGeneration())
                .text(attributes.library())
                .text(attributes.category().wireName())
                .text(attributes.status().wireName())
                .text(attributes.expires().map(LocalDate::toString).orElse(null))
                .text(attributes.registered().toString());
    }

    /**
     * Adds entries of the index that is read. The caller knows that their labels are free.
     *
     * @param entries of the same number each
     * @throws IntegrityException if a label was taken nevertheless. With COPY it is the database's own error, and its
     *     log names the label unless its log_error_verbosity is terse (postgresql.md)
     */
    public void entries(List<Entries> entries) {
        if (!copies) {
            if (tx.index().insert(entries)
                    != entries.stream().mapToInt(Entries::size).sum()) {
                throw new IntegrityException("search index: label taken");
            }
            return;
        }
        BinaryCopyWriter rows = new BinaryCopyWriter();
        IndexRows.inOrder(entries, part -> {
            for (int i = 0; i < part.size(); i++) {
                rows.row(2)
                        .value(part.labels(), i * IndexRows.LABEL_BYTES, IndexRows.LABEL_BYTES)
                        .value(part.values(), i * IndexRows.VALUE_BYTES, IndexRows.VALUE_BYTES);
            }
            sendIfFull(rows, INDEX);
        });
        send(rows, INDEX);
    }

    private void sendIfFull(BinaryCopyWriter rows, String into) {
        if (rows.isFull()) {
            send(rows, into);
        }
    }

    private void send(BinaryCopyWriter rows, String into) {
        try {
            if (!rows.send(handle.getConnection(), into)) {
                throw new IntegrityException("database: rows copied");
            }
        } catch (SQLException e) {
            throw Jdbc.failed(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
