package org.patronvault.patron;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.patronvault.audit.Subject;
import org.patronvault.model.PatronField;
import org.patronvault.search.PatronLabels;
import org.patronvault.store.StoredPatron;
import org.patronvault.store.ValueRow;
import org.patronvault.store.WriteTx;

/**
 * Writes what the vault itself seals anew of patrons, who do not change by it: values of the next generation, and a meta
 * that names them. Safe for use by many threads.
 */
final class PatronRowRewrite {
    /** Values of the next generation, the meta that names them among them, and what the log says of them. */
    private record RewrittenRow(List<ValueRow> values, Subject subject) {}

    private final PatronRowSealer sealing;

    PatronRowRewrite(PatronContext parts) {
        this.sealing = new PatronRowSealer(parts);
    }

    /** {@link #renew} of many with other labels; returns what the log says of each. */
    List<Subject> relabel(WriteTx tx, List<PatronVault.VerifiedPatron> patrons, List<PatronLabels> labels) {
        // Sealing is work for every core; the transaction is not touched meanwhile.
        List<RewrittenRow> renewed = IntStream.range(0, patrons.size())
                .parallel()
                .mapToObj(i -> renewed(patrons.get(i), List.of(labels(patrons.get(i), labels.get(i)))))
                .toList();
        PatronRowSealer.replace(
                tx, renewed.stream().flatMap(one -> one.values().stream()).toList());
        return renewed.stream().map(RewrittenRow::subject).toList();
    }

    private ValueRow labels(PatronVault.VerifiedPatron known, PatronLabels labels) {
        return sealing.labels(known.id(), known.facts().generations().get(PatronField.LABELS) + 1, labels);
    }

    /**
     * Puts those values of the next generation in place, and a meta that names them, inside a unit, and changes nothing
     * else of the patron: not even the version, since nothing was changed that anybody could have read.
     */
    Subject renew(WriteTx tx, PatronVault.VerifiedPatron known, List<ValueRow> values) {
        RewrittenRow renewed = renewed(known, values);
        PatronRowSealer.replace(tx, renewed.values());
        return renewed.subject();
    }

    private RewrittenRow renewed(PatronVault.VerifiedPatron known, List<ValueRow> values) {
        StoredPatron stored = known.stored();
        Map<PatronField, Long> generations = new EnumMap<>(known.facts().generations());
        values.forEach(value -> generations.put(value.field(), value.generation()));
        List<ValueRow> written = new ArrayList<>(values);
        written.add(sealing.meta(stored, stored.row(), known.facts().at(generations)));
        written.replaceAll(value -> sealing.underPrimary(stored.row(), value));
        return new RewrittenRow(written, sealing.subject(stored.row(), written));
    }
}
