package org.patronvault.core.log.tree;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.patronvault.core.store.table.LogRows.CheckpointRow;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.EntryBundle;
import org.patronvault.core.tlog.Frontier;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.SignedNote;
import org.patronvault.core.tlog.Tile;
import org.patronvault.core.tlog.Tiles;

/** The log in the files of an export (format.md, "Tiles"). The files are untrusted: anybody may have written them. */
public final class ExportedLog implements LogSource {
    /** The file of the newest checkpoint. */
    public static final String CHECKPOINT = "checkpoint";

    /** The file of all keys that ever signed. */
    public static final String KEYS = "log.vkey";

    /** The prefix of checkpoint files that hand over the key. */
    public static final String HAND_OVER = "handover-";

    private static final int MAX_BUNDLE_BYTES = Tile.FULL_WIDTH * (Short.BYTES + EntryBundle.MAX_ENTRY_BYTES);

    private final Path directory;
    private final Optional<String> newest;
    private final Optional<Checkpoint> checkpoint;

    /** Creates a reader of an export directory. If the directory is no export, everything is empty. */
    public ExportedLog(Path directory) {
        this.directory = directory;
        this.newest = text(CHECKPOINT);
        this.checkpoint = newest.flatMap(ExportedLog::parse);
    }

    /** Returns the text of a file. Empty if the file does not exist, or is larger than any such file. */
    public Optional<String> text(String name) {
        return read(name, SignedNote.MAX_BYTES).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    private Optional<byte[]> read(String name, int most) {
        Path file = directory.resolve(name);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(most + 1);
            return bytes.length > most ? Optional.empty() : Optional.of(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("a file of the export cannot be read", e);
        }
    }

    private static Optional<Checkpoint> parse(String note) {
        try {
            return Optional.of(Checkpoint.parse(SignedNote.parse(note).text()));
        } catch (MalformedException e) {
            return Optional.empty();
        }
    }

    /** Returns the newest checkpoint, not verified. */
    public Optional<Checkpoint> newest() {
        return checkpoint;
    }

    @Override
    public String vaultId() {
        return checkpoint
                .map(Checkpoint::origin)
                .filter(origin -> origin.startsWith(CheckpointSigner.ORIGIN))
                .map(origin -> origin.substring(CheckpointSigner.ORIGIN.length()))
                .orElse("");
    }

    @Override
    public long size() {
        return checkpoint.map(Checkpoint::size).orElse(0L);
    }

    @Override
    public Optional<byte[]> leaf(long index) {
        Tile bundle = bundle(index / Tile.FULL_WIDTH);
        try {
            Optional<byte[]> bytes = size() > index ? read(bundle.path(), MAX_BUNDLE_BYTES) : Optional.empty();
            return bytes.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            EntryBundle.decode(bytes.get(), bundle.width()).get((int) (index % Tile.FULL_WIDTH)));
        } catch (MalformedException e) {
            return Optional.empty();
        }
    }

    private Tile bundle(long index) {
        long left = size() - index * Tile.FULL_WIDTH;
        return new Tile(Tile.ENTRIES, index, (int) Math.max(1, Math.min(left, Tile.FULL_WIDTH)));
    }

    @Override
    public void forEachLeaf(BiConsumer<Long, byte[]> action, Findings findings) {
        for (long at = 0; at < size(); at += Tile.FULL_WIDTH) {
            Tile bundle = bundle(at / Tile.FULL_WIDTH);
            Optional<byte[]> bytes = read(bundle.path(), MAX_BUNDLE_BYTES);
            if (bytes.isEmpty()) {
                findings.found(at, "bundle-missing");
                return;
            }
            try {
                long index = at;
                for (byte[] leaf : EntryBundle.decode(bytes.get(), bundle.width())) {
                    action.accept(index++, leaf);
                }
            } catch (MalformedException e) {
                findings.found(at, "bundle-malformed");
                return;
            }
        }
    }

    /** Returns the checkpoints, including a hand-over that does not parse, since that is a finding. */
    @Override
    public List<CheckpointRow> checkpoints() {
        List<String> notes = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, HAND_OVER + "[0-9]*")) {
            files.forEach(file -> text(file.getFileName().toString()).ifPresent(notes::add));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("the export cannot be read", e);
        } catch (DirectoryIteratorException e) {
            throw new UncheckedIOException("the export cannot be read", e.getCause());
        }
        notes.sort(Comparator.comparingLong(
                note -> parse(note).map(Checkpoint::size).orElse(-1L)));
        newest.ifPresent(notes::add);
        return notes.stream().map(note -> new CheckpointRow(-1, note)).toList();
    }

    @Override
    public Optional<byte[]> tile(Tile tile) {
        return read(tile.path(), Tile.FULL_WIDTH * 32);
    }

    @Override
    public List<Tile> partialTiles(long size) {
        return Tiles.partial(size).toList();
    }

    @Override
    public void checkEnd(Frontier frontier, Findings findings) {
        if (newest.isEmpty()) {
            findings.found(0, "checkpoint-missing");
        }
    }
}
