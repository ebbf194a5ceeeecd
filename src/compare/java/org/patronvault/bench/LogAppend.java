package org.patronvault.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.LookupLeaves;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MerkleHash;

/** One entry of the log after the other, as far as the engine makes it without the database. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LogAppend {
    private static final int LOOKS = 256;

    private final LookupLeaves leaves = new LookupLeaves();
    private final List<AccessEvent> looks =
            IntStream.range(0, LOOKS).mapToObj(LookupLeaves::look).toList();
    private final Frontier frontier = Frontier.empty();

    @Benchmark
    public long append() {
        AccessEvent look = looks.get((int) (frontier.size() % LOOKS));
        frontier.append(MerkleHash.leaf(leaves.leaf(look)));
        return frontier.size();
    }
}
