package org.patronvault.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@link Twin} in processes of its own, out of the same jar's libraries and with the same heap. */
final class TwinSide implements Side {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Options options;
    private final Path work;
    private final Optional<PostgresServer> server;
    private final String classPath;
    private int runs;

    /** With SQLite in each directory, or with databases of that server. */
    TwinSide(Options options, Path work, Optional<PostgresServer> server) {
        this.options = options;
        this.work = work;
        this.server = server;
        String own =
                Twin.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        this.classPath = options.jar() + java.io.File.pathSeparator + own;
    }

    private JavaProcess start(String... words) throws IOException {
        List<String> all = new ArrayList<>(options.java());
        all.addAll(List.of("-cp", classPath, Twin.class.getName()));
        all.addAll(List.of(words));
        return JavaProcess.start(work, "twin-" + words[0] + "-" + runs++, all);
    }

    @Override
    public String name() {
        return "twin";
    }

    @Override
    public void prepare(Path directory) throws IOException {
        Files.createDirectories(directory);
        server.ifPresent(databases -> databases.make(directory));
    }

    @Override
    public long load(Path directory, Path file) throws IOException, InterruptedException {
        try (JavaProcess process = start("import", file.toString(), database(directory))) {
            return JSON.readTree(process.finish()).path("created").asLong();
        }
    }

    @Override
    public String database(Path directory) {
        return server.map(databases -> databases.url(directory))
                .orElseGet(() -> "jdbc:sqlite:" + directory.resolve("twin.db"));
    }

    @Override
    public JavaProcess serve(Path directory, int port) throws IOException {
        return start("serve", database(directory), Integer.toString(port));
    }

    @Override
    public String token() {
        return "";
    }

    @Override
    public String vendorToken() {
        return "";
    }
}
