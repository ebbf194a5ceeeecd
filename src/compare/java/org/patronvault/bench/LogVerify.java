package org.patronvault.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.patronvault.core.log.LookupLog;
import org.patronvault.core.log.tree.LogReport;

/** A whole log out of an SQLite file, hashed and held against its checkpoints and tiles. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LogVerify {
    /** How many looks it has. */
    static final int LOOKS = 50_000;

    private Path directory;
    private LookupLog log;

    @Setup
    public void fill() throws IOException {
        directory = Files.createTempDirectory("bench-log");
        log = LookupLog.create(directory, LOOKS);
    }

    @TearDown
    public void remove() throws IOException {
        log.close();
        Trees.delete(directory);
    }

    @Benchmark
    public LogReport verify() {
        return log.verify();
    }
}
