package org.patronvault.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A file of what long tests found, a line a run, so that runs of many days add up. Every run prints its line; only one
 * with {@code -Dfault.record=true}, as the profile {@code fault} has it, is kept.
 */
public final class FaultLedger {
    /** Whatever a figure hangs on: not the guides, nor what other runs add to their ledgers. */
    private static final List<String> TRIED =
            List.of("src", "pom.xml", ":!src/site", ":!src/test/fault", ":!src/test/cluster/ledger.csv");

    /** What was checked out, with a plus where what is tried, or what looks for faults, is not that any more. */
    private static final String COMMIT = commit();

    private final Path file;
    private final List<String> columns;

    /** The one of that name, with those columns. */
    public FaultLedger(String name, String... columns) {
        this.file = Path.of("src/test/fault", name);
        this.columns = List.of(columns);
    }

    private static String commit() {
        List<String> changed = new ArrayList<>(List.of("status", "--porcelain", "--"));
        changed.addAll(TRIED);
        return git(List.of("rev-parse", "--short=8", "HEAD")) + (git(changed).isEmpty() ? "" : "+");
    }

    private static String git(List<String> words) {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(words);
        try (InputStream said = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .getInputStream()) {
            return new String(said.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            // No git here, and no commit to tell.
            return "";
        }
    }

    /** Adds what one run found, a value for each column. */
    public void add(Object... values) {
        String head = "commit," + String.join(",", columns) + "\n";
        String line =
                COMMIT + "," + Arrays.stream(values).map(Object::toString).collect(Collectors.joining(",")) + "\n";
        System.out.print(head + line);
        if (values.length != columns.size()) {
            throw new IllegalStateException(file + ": another number of values than of columns");
        }
        if (!Boolean.getBoolean("fault.record")) {
            return;
        }
        try {
            if (!Files.exists(file)) {
                Files.writeString(Files.createDirectories(file.getParent()).resolve(file.getFileName()), head);
            }
            Files.writeString(file, line, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
