package org.patronvault.bench;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.patronvault.core.tlog.MerkleHash;
import org.patronvault.core.tlog.Proofs;
import org.patronvault.core.tlog.Tile;
import org.patronvault.core.tlog.TileReader;
import org.patronvault.core.tlog.Tiles;

/** Proofs that entries are in a log of a million, made of tiles in memory, and checked. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class InclusionProofs {
    /** How many entries the log has. */
    static final int ENTRIES = 1_000_000;

    /** Prime to the number of entries, so that every entry has its turn, far from the one before. */
    private static final int STRIDE = 611_953;

    private static final int TILE_BYTES = Tile.FULL_WIDTH * MerkleHash.SIZE_BYTES;
    private static final int CHECKED = 1_000;

    private final List<List<byte[]>> tiles = new ArrayList<>();
    private final List<List<byte[]>> proofs = new ArrayList<>();
    private byte[] root;
    private int last;
    private int checked;

    /** Grows the log, and makes the proofs that are checked. */
    @Setup
    public void prepare() {
        ByteArrayOutputStream hashes = new ByteArrayOutputStream(ENTRIES * MerkleHash.SIZE_BYTES);
        for (int i = 0; i < ENTRIES; i++) {
            hashes.writeBytes(hash(i));
        }
        while (hashes.size() > 0) {
            List<byte[]> level = cut(hashes.toByteArray());
            tiles.add(level);
            hashes.reset();
            level.stream()
                    .filter(tile -> tile.length == TILE_BYTES)
                    .forEach(tile -> hashes.writeBytes(Tiles.root(tile)));
        }
        root = Proofs.root(ENTRIES, reader());
        for (int i = 0; i < CHECKED; i++) {
            proofs.add(Proofs.inclusion(i, ENTRIES, reader()));
            if (!check()) {
                throw new IllegalStateException("a proof does not prove");
            }
        }
    }

    private static List<byte[]> cut(byte[] hashes) {
        List<byte[]> level = new ArrayList<>();
        for (int from = 0; from < hashes.length; from += TILE_BYTES) {
            level.add(Arrays.copyOfRange(hashes, from, Math.min(from + TILE_BYTES, hashes.length)));
        }
        return level;
    }

    private static byte[] hash(int index) {
        return MerkleHash.leaf(ByteBuffer.allocate(Integer.BYTES).putInt(index).array());
    }

    private TileReader reader() {
        return new TileReader(ENTRIES, tile -> tiles.get(tile.level()).get((int) tile.index()));
    }

    @Benchmark
    public List<byte[]> make() {
        last = (last + STRIDE) % ENTRIES;
        return Proofs.inclusion(last, ENTRIES, reader());
    }

    @Benchmark
    public boolean check() {
        int index = checked++ % proofs.size();
        return Proofs.verifyInclusion(hash(index), index, ENTRIES, proofs.get(index), root);
    }
}
