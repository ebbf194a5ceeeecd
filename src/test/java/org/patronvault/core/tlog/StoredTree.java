package org.patronvault.core.tlog;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** All complete subtree hashes of a tree in memory, as a store would hold them, and its tiles. */
final class StoredTree implements HashReader {
    private final List<List<byte[]>> levels = new ArrayList<>();

    static StoredTree of(List<byte[]> leaves) {
        StoredTree tree = new StoredTree();
        leaves.forEach(leaf -> tree.append(MerkleHash.leaf(leaf)));
        return tree;
    }

    void append(byte[] leafHash) {
        byte[] hash = leafHash;
        for (int level = 0; ; level++) {
            if (level == levels.size()) {
                levels.add(new ArrayList<>());
            }
            List<byte[]> row = levels.get(level);
            row.add(hash);
            if (row.size() % 2 == 1) {
                return;
            }
            hash = MerkleHash.node(row.get(row.size() - 2), hash);
        }
    }

    @Override
    public byte[] hash(int level, long index) {
        return levels.get(level).get((int) index);
    }

    byte[] tile(Tile tile) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < tile.width(); i++) {
            out.writeBytes(hash(8 * tile.level(), tile.start() + i));
        }
        return out.toByteArray();
    }
}
