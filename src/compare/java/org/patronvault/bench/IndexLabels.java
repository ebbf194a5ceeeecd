package org.patronvault.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.patronvault.core.index.IndexedTerm;
import org.patronvault.core.index.TermLabels;
import org.patronvault.patron.record.WrittenForms;

/** Labels of all that one patron after the other is found by. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class IndexLabels {
    private static final int PATRONS = 100;

    /** Of the patrons. */
    @Param("2018")
    public long seed;

    private TermLabels labels;
    private List<List<IndexedTerm>> terms;
    private int last;

    /** Makes the terms. */
    @Setup
    public void prepare() {
        labels = new TermLabels(OneRing.keys());
        terms = FourValues.of(seed, PATRONS).stream()
                .map(patron -> WrittenForms.terms(patron.draft()))
                .toList();
    }

    @Benchmark
    public List<byte[]> labels() {
        last = (last + 1) % PATRONS;
        return labels.first(terms.get(last));
    }
}
