package org.patronvault.cli.keys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.patronvault.cli.command.Invocation;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.keys.share.Share;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.web.page.print.ShareCard;

/**
 * The handover of new shares, in which every share is proved. Its holder types it back, or the vault reads back its
 * file. A ceremony that stops half-way has changed nothing.
 */
final class ShareCeremony {
    private static final int WORDS_A_LINE = 5;
    private static final int TRIES = 5;
    private static final String CLEAR = "\u001b[2J\u001b[3J\u001b[H";

    private final SlotMaker maker;
    private final Invocation invocation;

    ShareCeremony(SlotMaker maker, Invocation invocation) {
        this.maker = maker;
        this.invocation = invocation;
    }

    /** Refuses a directory that holds shares. */
    static void requireFree(Path directory, int count) {
        for (int i = 1; i <= count; i++) {
            if (Files.exists(file(directory, i, "txt")) || Files.exists(file(directory, i, "html"))) {
                throw new Refused(
                        Problem.HOME_EXISTS, "There are shares in that directory already; name another, or a new one.");
            }
        }
    }

    /** Refuses to run without a terminal that can show a share. */
    static void requireTerminal(Invocation invocation) {
        if (!invocation.terminal()) {
            throw new Refused(
                    Problem.INVALID,
                    "Shares are shown and typed back at a terminal; without one say where to write them: --shares-dir D.");
        }
    }

    /** Writes each share to two files, the words alone and a printable card, and reads the first back. */
    void inDirectory(int count, int threshold, Path directory) {
        requireFree(directory, count);
        DurableFile.makeDirectory(directory);
        for (Share share : maker.addShares(count, threshold)) {
            String words = share.words();
            DurableFile.write(
                    file(directory, share.index(), "txt"), (words + "\n").getBytes(StandardCharsets.US_ASCII));
            DurableFile.write(file(directory, share.index(), "html"), card(share, words, count, threshold));
            try {
                maker.prove(Share.parse(Files.readString(file(directory, share.index(), "txt"))));
            } catch (IOException e) {
                throw new UncheckedIOException("a share cannot be read back", e);
            }
        }
        say("The shares are written and read back. Print the cards, give each to its holder, and destroy the files:"
                + " whoever has " + threshold + " of them has the keys.");
    }

    private byte[] card(Share share, String words, int count, int threshold) {
        return new ShareCard(
                        List.of(words.split(" ", -1)),
                        Share.setName(share.setId()),
                        share.index(),
                        count,
                        threshold,
                        maker.vaultId(),
                        Instant.now())
                .html();
    }

    private static Path file(Path directory, int index, String ending) {
        return directory.resolve("share-" + index + "." + ending);
    }

    /** Shows each share to its holder, clears the screen, and asks the holder to type it back. */
    void atTerminal(int count, int threshold) {
        requireTerminal(invocation);
        for (Share share : maker.addShares(count, threshold)) {
            say("Share " + share.index() + " of " + count + ", any " + threshold
                    + " of which open the vault. Its holder," + " and nobody else, looks now.");
            ask("Press Enter to see it. ");
            say(CLEAR + grid(share.words()));
            ask("Write it down on paper, by hand, with its numbers. Press Enter when that is done. ");
            invocation.err().print(CLEAR);
            prove(share.index());
        }
    }

    private void prove(int index) {
        for (int i = 0; i < TRIES; i++) {
            String typed = ask("Type share " + index + " back from the paper (empty to stop): ");
            invocation.err().print(CLEAR);
            if (typed.isBlank()) {
                break;
            }
            try {
                Share share = Share.parse(typed);
                if (share.index() != index) {
                    throw new Refused(Problem.SHARE_REFUSED, "That is another share; share " + index + " is wanted.");
                }
                maker.prove(share);
                say("Share " + index + " is proved.");
                return;
            } catch (Refused e) {
                say(e.getMessage());
            }
        }
        throw stopped();
    }

    private static Refused stopped() {
        return new Refused(
                Problem.SHARE_REFUSED, "Stopped before every share was proved; nothing was changed. Begin again.");
    }

    private String ask(String question) {
        Optional<String> typed = invocation.prompt().ask(question, true);
        return typed.orElseThrow(ShareCeremony::stopped);
    }

    private void say(String what) {
        invocation.err().println(what);
    }

    private static String grid(String words) {
        StringBuilder grid = new StringBuilder();
        List<String> all = List.of(words.split(" ", -1));
        for (int i = 0; i < all.size(); i++) {
            grid.append(String.format("%2d %-8s", i + 1, all.get(i)));
            if (i % WORDS_A_LINE == WORDS_A_LINE - 1) {
                grid.append('\n');
            }
        }
        return grid.toString();
    }
}
