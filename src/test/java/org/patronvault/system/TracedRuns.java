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
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Programs that run with no bit of the umask set, so that what they make has the mode they ask for, and of which every
 * call that starts a program, makes a directory, opens a file for writing or writes is on record, with all that was
 * written.
 */
final class TracedRuns {
    private static final String CALLS =
            "execve,open,openat,creat,memfd_create,mkdir,mkdirat,write,pwrite64,writev,pwritev,sendfile,copy_file_range";
    private static final String DONE = " = [0-9]+(?:<(?<opened>[^>]*)>)?$";
    private static final Pattern DIRECTORY =
            Pattern.compile("mkdir(?:at)?\\(.*\"(?<named>[^\"]*)\", (?<mode>0[0-7]*)\\)" + DONE);
    private static final Pattern FILE = Pattern.compile("(?:open|openat|creat)\\(.*\"(?<named>[^\"]*)\""
            + "(?=.*(?:O_WRONLY|O_RDWR|O_CREAT|creat)).*?(?:, (?<mode>0[0-7]*))?\\)" + DONE);
    private static final Pattern WRITE =
            Pattern.compile("(?:p?writev?|pwrite64)\\([0-9]+<(?<opened>/[^>]*)>(?:\\(deleted\\))?, (?<what>.*)");
    private static final Pattern ESCAPE = Pattern.compile("\\\\([0-7]{1,3}|.)");
    private static final String NAMED_ESCAPES = "tnvfr";
    private static final int OF_OTHERS = 077;

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
        words.addAll(List.of("-s", "1000000", "-e", "signal=none", "-e", "trace=" + CALLS));
        words.addAll(List.of("-o", directory.resolve("trace-" + runs++).toString()));
        words.addAll(List.of("sh", "-c", "umask 000; exec \"$@\"", "sh"));
        return words;
    }

    /**
     * Every directory that was made and every file that was opened for writing, by its whole name, and whether others were
     * ever free to enter or open it: not if it was made for its owner alone, or in a directory that was.
     */
    Map<Path, Boolean> made() {
        Map<Path, Boolean> free = new LinkedHashMap<>();
        free.put(closed, false);
        for (String line : lines()) {
            Matcher directoryMade = DIRECTORY.matcher(line);
            Matcher file = FILE.matcher(line);
            if (directoryMade.matches()) {
                free.putIfAbsent(Path.of(directoryMade.group("named")), isFree(directoryMade, free));
            } else if (file.matches()) {
                free.putIfAbsent(Path.of(file.group("opened")), isFree(file, free));
            }
        }
        assertThat(free).as("files that were written").isNotEmpty();
        return free;
    }

    private static boolean isFree(Matcher made, Map<Path, Boolean> others) {
        Path path = Path.of(made.group("named"));
        for (Path above = path.getParent(); above != null; above = above.getParent()) {
            if (Boolean.FALSE.equals(others.get(above))) {
                return false;
            }
        }
        String mode = made.group("mode");
        return mode == null || (Integer.parseInt(mode, 8) & OF_OTHERS) != 0;
    }

    /** What programs were started with: their words and their environment, a line each. */
    List<String> started() {
        return lines().stream().filter(line -> line.startsWith("execve(")).toList();
    }

    /** What was written to files, those included that are gone: the bytes of each call, each after its file's name. */
    List<byte[]> content() {
        List<byte[]> all = new ArrayList<>();
        for (String line : lines()) {
            Matcher write = WRITE.matcher(line);
            if (write.matches()) {
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
