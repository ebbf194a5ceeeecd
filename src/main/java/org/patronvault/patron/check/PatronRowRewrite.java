package org.patronvault.patron.check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.patronvault.core.index.PatronLabels;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.store.table.PatronRows;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.store.table.ValueRow;
import org.patronvault.core.store.table.WriteTx;
import org.patronvault.core.vault.PatronVault;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronRowSealer;

/**
 * The rewrite of rows that the vault itself re-encrypts without changing the patron: values of the next generation, and
 * a meta that names them. Safe for use by many threads.
 */
final class PatronRowRewrite {
    /** The patron with values of the next generation, including the meta that names them, and their log subject. */
    private record RewrittenRow(PatronRows.Update update, Subject subject) {}

    private final PatronRowSealer sealing;

    PatronRowRewrite(PatronContext parts) {
        this.sealing = new PatronRowSealer(parts);
    }

    /** Does {@link #renew} for many patrons with other labels; returns the log subject of each. */
    List<Subject> relabel(WriteTx tx, List<PatronVault.VerifiedPatron> patrons, List<PatronLabels> labels) {
        // Encryption is work for every core; the transaction is not used meanwhile.
        List<RewrittenRow> renewed = IntStream.range(0, patrons.size())
                .parallel()
                .mapToObj(i -> renewed(patrons.get(i), List.of(labels(patrons.get(i), labels.get(i)))))
                .toList();
        write(tx, renewed);
        return renewed.stream().map(RewrittenRow::subject).toList();
    }

    private ValueRow labels(PatronVault.VerifiedPatron known, PatronLabels labels) {
        return sealing.labels(known.id(), known.facts().generations().get(PatronField.LABELS) + 1, labels);
    }

    /**
     * Writes those values of the next generation and a meta that names them, inside an act. The rest of the patron
     * stays, even the version, since nothing readable changed.
     */
    Subject renew(WriteTx tx, PatronVault.VerifiedPatron known, List<ValueRow> values) {
        RewrittenRow renewed = renewed(known, values);
        write(tx, List.of(renewed));
        return renewed.subject();
    }

    private static void write(WriteTx tx, List<RewrittenRow> renewed) {
        if (!tx.patrons().update(renewed.stream().map(RewrittenRow::update).toList())) {
            throw PatronContext.changedMeanwhile();
        }
    }

    private RewrittenRow renewed(PatronVault.VerifiedPatron known, List<ValueRow> values) {
        StoredPatron stored = known.stored();
        Map<PatronField, Long> generations = new EnumMap<>(known.facts().generations());
        values.forEach(value -> generations.put(value.field(), value.generation()));
        List<ValueRow> written = new ArrayList<>(values);
        written.add(sealing.meta(stored, stored.row(), known.facts().at(generations)));
        written.replaceAll(value -> sealing.underPrimary(stored.row(), value));
        return new RewrittenRow(
                new PatronRows.Update(stored, stored.row(), written), sealing.subject(stored.row(), written));
    }
}
