package org.patronvault.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.HdrHistogram.Histogram;

/** What the machine asks for making 4 KiB durable: no answer of the vault that opens something can be faster. */
final class SyncFigure implements Figure {
    private static final int WRITES = 300;
    private static final int BYTES = 4_096;
    private static final double MILLI = 1e6;

    @Override
    public String name() {
        return "sync";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException {
        int rounds = rig.options().rounds();
        double[] p50 = new double[rounds];
        double[] p99 = new double[rounds];
        Path file = rig.scratch("sync");
        for (int round = 0; round < rounds; round++) {
            Histogram seen = new Histogram(3);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                for (int i = 0; i < WRITES; i++) {
                    long start = System.nanoTime();
                    channel.write(ByteBuffer.allocate(BYTES), (long) i * BYTES);
                    channel.force(false);
                    seen.recordValue(System.nanoTime() - start);
                }
            }
            Files.delete(file);
            p50[round] = seen.getValueAtPercentile(50) / MILLI;
            p99[round] = seen.getValueAtPercentile(99) / MILLI;
        }
        return List.of(
                Reading.of("sync-p50", "write and sync of 4 KiB, p50", "ms", new Series(p50), "the machine alone"),
                Reading.of("sync-p99", "write and sync of 4 KiB, p99", "ms", new Series(p99), "the machine alone"));
    }
}
