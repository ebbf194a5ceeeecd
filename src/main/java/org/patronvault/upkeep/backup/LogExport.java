package org.patronvault.upkeep.backup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.patronvault.access.Access;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.read.LogReader;
import org.patronvault.core.log.read.SignedCheckpoint;
import org.patronvault.core.log.tree.ExportedLog;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.Tile;
import org.patronvault.core.tlog.Tiles;

/**
 * The export of the log into a directory in the layout of C2SP tlog-tiles, full or continuing an earlier export
 * (format.md, "Tiles"). It decrypts nothing: patron references stay encrypted.
 */
public final class LogExport {
    private static final String EXPORT = "export";

    private final AuditLog log;
    private final Access access;

    /** Creates exports of a log. */
    public LogExport(AuditLog log, Access access) {
        this.log = log;
        this.access = access;
    }

    /**
     * Writes the log as it is now.
     *
     * @return the checkpoint of the export
     * @throws Refused if the directory holds something else, or the export of another log
     */
    public SignedCheckpoint make(Caller caller, Path into, Progress progress) {
        AccessEvent attempt = log.event(caller.actor(), ActKind.READ_LOG, Outcome.REFUSED, AuditLog.newRequest())
                .about(EXPORT);
        access.require(caller, Permission.READ_LOG, attempt);
        return log.logging(attempt, () -> {
            LogReader.Signers signers = log.reader().signers();
            ExportedLog before = new ExportedLog(into);
            requireOurs(before, into, signers.keys());
            log.record(attempt.ending(Outcome.SEARCHED).counting(log.reader().size() + 1));
            SignedCheckpoint checkpoint = log.checkpoint();
            write(before.newest().map(Checkpoint::size).orElse(0L), checkpoint, into, progress);
            return checkpoint;
        });
    }

    private void requireOurs(ExportedLog before, Path into, List<String> keys) {
        Optional<Checkpoint> newest = before.newest();
        boolean begun = before.text(ExportedLog.KEYS)
                .filter(listed ->
                        listed.lines().findFirst().equals(keys.stream().findFirst()))
                .isPresent();
        boolean ours = newest.isPresent() ? begun && isOurs(newest.get()) : begun || isEmpty(into);
        if (!ours) {
            throw new Refused(
                    Problem.HOME_EXISTS,
                    "That directory holds something else, or another log; name a new or empty one, or an earlier export"
                            + " of this log.");
        }
    }

    /** After a restore of an older database, an earlier export is longer and does not belong to it. */
    private boolean isOurs(Checkpoint exported) {
        return exported.size() >= 1
                && exported.size() <= log.reader().size()
                && Arrays.equals(log.reader().root(exported.size()), exported.root());
    }

    private static boolean isEmpty(Path directory) {
        if (!Files.exists(directory)) {
            return true;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            return !files.iterator().hasNext();
        } catch (NotDirectoryException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("the directory of the export cannot be read", e);
        }
    }

    private void write(long from, SignedCheckpoint checkpoint, Path into, Progress progress) {
        long size = checkpoint.size();
        // The present signers, so that every key that signed the checkpoint is there.
        LogReader.Signers signers = log.reader().signers();
        put(into, ExportedLog.KEYS, text(String.join("\n", signers.keys()) + "\n"));
        int version = 2;
        for (String handOver : signers.handOvers()) {
            put(into, ExportedLog.HAND_OVER + version++, text(handOver));
        }
        Iterator<Tile> tiles = Stream.concat(Tiles.completed(from, size), Tiles.partial(size))
                .flatMap(LogExport::withBundle)
                .iterator();
        while (tiles.hasNext()) {
            Tile tile = tiles.next();
            if (!tile.isFull() || !Files.exists(into.resolve(tile.path()))) {
                put(into, tile.path(), log.reader().tile(tile));
            }
            if (tile.isEntries()) {
                progress.at("Entries", tile.start() + tile.width(), size);
            }
        }
        put(into, ExportedLog.CHECKPOINT, text(checkpoint.note()));
        List<Tile> partial = Tiles.partial(size).toList();
        Tiles.partial(from)
                .filter(tile -> !partial.contains(tile))
                .flatMap(LogExport::withBundle)
                .forEach(tile -> remove(into.resolve(tile.path())));
    }

    private static Stream<Tile> withBundle(Tile tile) {
        return tile.level() == 0
                ? Stream.of(tile, new Tile(Tile.ENTRIES, tile.index(), tile.width()))
                : Stream.of(tile);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void put(Path into, String name, byte[] content) {
        Path file = into.resolve(name);
        DurableFile.makeDirectory(file.getParent());
        DurableFile.write(file, content);
    }

    private static void remove(Path partial) {
        try {
            Files.deleteIfExists(partial);
            try (Stream<Path> others = Files.list(partial.getParent())) {
                if (others.findAny().isPresent()) {
                    return;
                }
            }
            Files.deleteIfExists(partial.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException("a partial tile of the export cannot be removed", e);
        }
    }
}
