package org.patronvault.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@link Twin} in processes of its own, out of the same jar's libraries and with the same heap. */
final class TwinSide implements Side {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Options options;
    private final Path work;
    private final String classPath;
    private int runs;

    TwinSide(Options options, Path work) {
        this.options = options;
        this.work = work;
        String own =
                Twin.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        this.classPath = options.jar() + java.io.File.pathSeparator + own;
    }

    private JavaProcess start(String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of("-Xmx" + options.heap(), "-cp", classPath, Twin.class.getName()));
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
    }

    @Override
    public long load(Path directory, Path file) throws IOException, InterruptedException {
        try (JavaProcess process =
                start("import", file.toString(), database(directory).toString())) {
            return JSON.readTree(process.finish()).path("created").asLong();
        }
    }

    @Override
    public Path database(Path directory) {
        return directory.resolve("twin.db");
    }

    @Override
    public JavaProcess serve(Path directory, int port) throws IOException {
        return start("serve", database(directory).toString(), Integer.toString(port));
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
