package org.patronvault.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A file of what long tests found, a line a run, so that runs of many days add up. Every run prints its line; only one
 * with {@code -Dfault.record=true}, as the profile {@code fault} has it, is kept.
 */
public final class Ledger {
    private final Path file;
    private final List<String> columns;

    /** The one of that name, with those columns. */
    public Ledger(String name, String... columns) {
        this.file = Path.of("src/test/fault", name);
        this.columns = List.of(columns);
    }

    /** Adds what one run found, a value for each column. */
    public void add(Object... values) {
        String head = String.join(",", columns) + "\n";
        String line = Arrays.stream(values).map(Object::toString).collect(Collectors.joining(",")) + "\n";
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
