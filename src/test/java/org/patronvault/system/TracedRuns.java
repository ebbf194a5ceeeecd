package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Programs that run with no bit of the umask set, so that what they make has the mode they ask for, and of which every
 * call is on record that starts a program, makes a directory or a socket, opens a file for writing, gives it another name
 * or another mode, or writes, with all that was written. What is written by mapping a file into memory is not.
 */
final class TracedRuns {
    private static final String CALLS =
            "execve,open,openat,creat,memfd_create,mkdir,mkdirat,mknod,mknodat,bind,rename,renameat,renameat2,link,linkat,"
                    + "chmod,fchmod,fchmodat,?fchmodat2,write,pwrite64,writev,pwritev,pwritev2,sendfile,copy_file_range,"
                    + "splice,fsync,fdatasync";

    /** More than is written at once: a sealed segment is the most, of a MiB. */
    private static final String MOST_BYTES = "4194304";

    private static final String DONE = " = [0-9]+(?:<(?<opened>[^>]*)>)?$";
    private static final Pattern DIRECTORY =
            Pattern.compile("mkdir(?:at)?\\(.*\"(?<named>[^\"]*)\", (?<mode>0[0-7]*)\\)" + DONE);
    private static final Pattern FILE = Pattern.compile("(?:open|openat|creat)\\(.*\"(?<named>[^\"]*)\""
            + "(?=.*(?:O_WRONLY|O_RDWR|O_CREAT|creat)).*?(?:, (?<mode>0[0-7]*))?\\)" + DONE);
    private static final Pattern SYNCED = Pattern.compile("f(?:data)?sync\\([0-9]+<(?<opened>[^>]*)>\\) = 0$");
    private static final Pattern SOCKET =
            Pattern.compile("(?:bind\\(.*sun_path=|mknod(?:at)?\\(.*)\"(?<named>/[^\"]*)\".*" + DONE);
    private static final Pattern RENAMED = Pattern.compile(
            "(?:rename|link)(?:at2?)?\\([^\"]*\"(?<from>[^\"]*)\"[^\"]*\"(?<named>[^\"]*)\"[^\"]*\\) = 0$");
    private static final Pattern MODE =
            Pattern.compile("(?:chmod|fchmodat2?)\\([^\"]*\"(?<named>[^\"]*)\", (?<mode>0[0-7]*).* = 0$"
                    + "|fchmod\\([0-9]+<(?<opened>[^>]*)>[^,]*, (?<opens>0[0-7]*)\\) = 0$");
    private static final Pattern WRITE =
            Pattern.compile("(?:p?writev?2?|pwrite64)\\([0-9]+<(?<opened>/[^>]*)>(?:\\(deleted\\))?, (?<what>.*)");

    /** That not all of what was written is on record. */
    private static final Pattern CUT = Pattern.compile("\"\\.\\.\\.[^\"]*$|[^\\\\]\"\\.\\.\\., iov_len=");

    private static final Pattern UNSEEN = Pattern.compile("(?:sendfile|copy_file_range|splice)\\(.*");
    private static final Pattern ESCAPE = Pattern.compile("\\\\([0-7]{1,3}|.)");
    private static final String NAMED_ESCAPES = "tnvfr";
    private static final int OF_OTHERS = 077;
    private static final int OF_OWNER = 0700;

    private final Path directory;
    private final Path closed;
    private int runs;

    /**
     * None yet.
     *
     * @param directory for the records
     * @param closed a directory that nobody but its owner can enter, and that was there before
     */
    TracedRuns(Path directory, Path closed) {
        this.directory = directory;
        this.closed = closed;
    }

    /** The words before those of a program that is to be traced. */
    List<String> program() {
        Strace.require();
        // As a grandchild: whoever starts the program has the program itself for a child. Each thread has a record of
        // its
        // own, in which every call is one line.
        List<String> words =
                new ArrayList<>(List.of("strace", "-D", "-ff", "-ttt", "--seccomp-bpf", "-qq", "-y", "-v"));
        words.addAll(List.of("-s", MOST_BYTES, "-e", "signal=none", "-e", "trace=" + CALLS));
        words.addAll(List.of("-o", directory.resolve("trace-" + runs++).toString()));
        words.addAll(List.of("sh", "-c", "umask 000; exec \"$@\"", "sh"));
        return words;
    }

    /**
     * Every directory that was made and every file and socket that was made or opened for writing, by each whole name that
     * it had, and whether others were ever free to enter or open it: not if it was made for its owner alone, or in a
     * directory that was, and kept its mode.
     */
    Map<Path, Boolean> made() {
        Seen seen = new Seen(closed);
        for (String line : lines()) {
            Matcher directoryMade = DIRECTORY.matcher(line);
            Matcher file = FILE.matcher(line);
            Matcher socket = SOCKET.matcher(line);
            Matcher renamed = RENAMED.matcher(line);
            Matcher mode = MODE.matcher(line);
            if (directoryMade.matches()) {
                seen.made(path(directoryMade.group("named")), directoryMade.group("mode"), true);
            } else if (file.matches()) {
                seen.made(path(file.group("opened")), file.group("mode"), line.contains("O_EXCL"));
            } else if (socket.matches()) {
                seen.made(path(socket.group("named")), null, true);
            } else if (renamed.matches()) {
                seen.renamed(path(renamed.group("from")), path(renamed.group("named")));
            } else if (mode.matches()) {
                seen.widened(changed(mode), mode(mode));
            }
        }
        assertThat(seen.free).as("files that were written").isNotEmpty();
        return seen.free;
    }

    /**
     * Directories that were made, and files that were given a name once they were written, that are there, and might not be
     * after a power failure: that which each is in was not synced since.
     */
    List<Path> unsyncedNames() {
        Set<Path> unsynced = new LinkedHashSet<>();
        for (String line : lines()) {
            Matcher directoryMade = DIRECTORY.matcher(line);
            Matcher renamed = RENAMED.matcher(line);
            Matcher synced = SYNCED.matcher(line);
            if (directoryMade.matches()) {
                unsynced.add(path(directoryMade.group("named")));
            } else if (renamed.matches()) {
                // A name that is on disk says nothing of the next.
                unsynced.remove(path(renamed.group("from")));
                unsynced.add(path(renamed.group("named")));
            } else if (synced.matches()) {
                Path above = path(synced.group("opened"));
                unsynced.removeIf(one -> above.equals(one.getParent()));
            }
        }
        return unsynced.stream().filter(Files::exists).toList();
    }

    private static Path changed(Matcher mode) {
        return path(mode.group("named") == null ? mode.group("opened") : mode.group("named"));
    }

    private static Path path(String named) {
        return Path.of(named).normalize();
    }

    private static String mode(Matcher mode) {
        return mode.group("named") == null ? mode.group("opens") : mode.group("mode");
    }

    /** Every change of a mode to one that is for more than its owner, as it was asked for, with the name of the file. */
    Map<Path, String> widened() {
        Map<Path, String> widened = new LinkedHashMap<>();
        for (String line : lines()) {
            Matcher mode = MODE.matcher(line);
            if (mode.matches() && (Integer.parseInt(mode(mode), 8) & ~OF_OWNER) != 0) {
                widened.put(changed(mode), line);
            }
        }
        return widened;
    }

    /** What there was, one call after the other. */
    private static final class Seen {
        private final Map<Path, Boolean> free = new LinkedHashMap<>();

        /** Those whose own mode lets others in. */
        private final Map<Path, Boolean> wide = new LinkedHashMap<>();

        private Seen(Path closed) {
            free.put(closed, false);
        }

        /** @param anew whether it was certainly not there before */
        private void made(Path path, String mode, boolean anew) {
            boolean isWide = mode == null || (Integer.parseInt(mode, 8) & OF_OTHERS) != 0;
            if (anew || !free.containsKey(path)) {
                wide.put(path, isWide);
                free.merge(path, isFree(path), Boolean::logicalOr);
            }
        }

        private void renamed(Path from, Path to) {
            wide.put(to, wide.getOrDefault(from, true));
            free.merge(to, isFree(to), Boolean::logicalOr);
        }

        private void widened(Path path, String mode) {
            if ((Integer.parseInt(mode, 8) & OF_OTHERS) != 0) {
                wide.put(path, true);
                free.merge(path, isFree(path), Boolean::logicalOr);
            }
        }

        private boolean isFree(Path path) {
            for (Path above = path.getParent(); above != null; above = above.getParent()) {
                if (Boolean.FALSE.equals(free.get(above))) {
                    return false;
                }
            }
            return wide.get(path);
        }
    }

    /** What programs were started with: their words and their environment, a line each. */
    List<String> started() {
        return lines().stream().filter(line -> line.startsWith("execve(")).toList();
    }

    /** What was written to files, those included that are gone: the bytes of each call, each after its file's name. */
    List<byte[]> content() {
        List<byte[]> all = new ArrayList<>();
        for (String line : lines()) {
            assertThat(UNSEEN.matcher(line).matches()).as(line).isFalse();
            Matcher write = WRITE.matcher(line);
            if (write.matches()) {
                assertThat(CUT.matcher(line).find())
                        .as("all of what was written to %s", write.group("opened"))
                        .isFalse();
                all.add((write.group("opened") + " " + unescaped(write.group("what")))
                        .getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        assertThat(all).as("writes").isNotEmpty();
        return all;
    }

    private static String unescaped(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        Matcher escape = ESCAPE.matcher(text);
        int at = 0;
        while (escape.find()) {
            bytes.writeBytes(text.substring(at, escape.start()).getBytes(StandardCharsets.ISO_8859_1));
            bytes.write(meant(escape.group(1)));
            at = escape.end();
        }
        bytes.writeBytes(text.substring(at).getBytes(StandardCharsets.ISO_8859_1));
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    private static int meant(String escaped) {
        char first = escaped.charAt(0);
        if (Character.isDigit(first)) {
            return Integer.parseInt(escaped, 8);
        }
        int named = NAMED_ESCAPES.indexOf(first);
        return named < 0 ? first : "\t\n\u000b\f\r".charAt(named);
    }

    /** All calls in the order in which they began. */
    private List<String> lines() {
        List<String> all = new ArrayList<>();
        try (Stream<Path> traces = Files.list(directory)) {
            for (Path trace : traces.filter(
                            file -> file.getFileName().toString().startsWith("trace-"))
                    .toList()) {
                all.addAll(Files.readAllLines(trace, StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all.stream()
                .sorted()
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .toList();
    }
}
