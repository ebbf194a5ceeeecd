package org.patronvault.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A token of SoftHSM2, a real PKCS#11 library that keeps tokens in files. The build gives every test process
 * {@code SOFTHSM2_CONF}, which names a file under {@code target/}; processes it starts inherit that. Closing removes
 * the token.
 */
public final class SoftHsm implements AutoCloseable {
    private static final List<Path> LIBRARIES = List.of(
            Path.of("/usr/lib/softhsm/libsofthsm2.so"),
            Path.of("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
            Path.of("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
            Path.of("/usr/lib64/pkcs11/libsofthsm2.so"));
    private static final String CONFIGURATION = System.getenv("SOFTHSM2_CONF");
    private static final int PATIENCE_SECONDS = 30;

    private final String label;
    private String serial = "";

    private SoftHsm(String label) {
        this.label = label;
    }

    /** A new token with that PIN; skips the test where SoftHSM2 is not installed. */
    public static SoftHsm token(String pin) {
        return token("vault " + UUID.randomUUID().toString().substring(0, 8), pin);
    }

    /** A new token with that label, which another may have. */
    public static SoftHsm token(String label, String pin) {
        Skips.unless(
                installed().isPresent() && onPath("softhsm2-util") && onPath("pkcs11-tool"),
                "softhsm2 and opensc are not installed");
        Skips.unless(CONFIGURATION != null, "SOFTHSM2_CONF is not set, as Maven sets it");
        configure();
        run("softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "87654321", "--pin", pin);
        return new SoftHsm(label);
    }

    /** Does something while the library hangs in every process of this environment, since it waits for a pipe. */
    public static void whileHanging(Runnable test) {
        Path pipe = tokens().resolve("hanging/token.object");
        try {
            Files.createDirectories(pipe.getParent());
            run("mkfifo", pipe.toString());
            try {
                test.run();
            } finally {
                remove("hanging");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Path> installed() {
        return LIBRARIES.stream().filter(Files::exists).findFirst();
    }

    private static boolean onPath(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    private static Path tokens() {
        return Path.of(CONFIGURATION).resolveSibling("tokens");
    }

    private static void configure() {
        try {
            Path configuration = Path.of(CONFIGURATION);
            Files.createDirectories(tokens());
            if (!Files.exists(configuration)) {
                Path own = Files.createTempFile(configuration.getParent(), "softhsm2", ".conf");
                Files.writeString(own, "directories.tokendir = " + tokens() + "\nlog.level = ERROR\n");
                Files.move(own, configuration, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The library that speaks to it. */
    public static String library() {
        return installed().orElseThrow().toString();
    }

    /** Its label. */
    public String label() {
        return label;
    }

    /** What {@code pkcs11-tool} says when it is given these words about this token. */
    public String tool(String... words) {
        List<String> command = new ArrayList<>(List.of("pkcs11-tool", "--module", library(), "--token-label", label));
        command.addAll(List.of(words));
        return run(command.toArray(String[]::new));
    }

    /** Whether the last PIN it was offered was wrong, which every PKCS#11 token shows as a flag. */
    public boolean sawWrongPin() {
        return description().contains("user PIN count low");
    }

    private String description() {
        return Stream.of(run("pkcs11-tool", "--module", library(), "--list-slots")
                        .split("(?m)^Slot ", -1))
                .filter(slot -> slot.lines().anyMatch(l -> l.matches("\\s*token label\\s*: " + label)))
                .findFirst()
                .orElse("");
    }

    /** Takes it away, as if it were unplugged, until {@link #plugIn}. */
    public void unplug() {
        serial = serial().orElseThrow();
        move(tokens(), away(), serial);
    }

    /** Puts it back. */
    public void plugIn() {
        move(away(), tokens(), serial);
    }

    private static Path away() {
        return tokens().resolveSibling("away");
    }

    private static void move(Path from, Path to, String ending) {
        try (Stream<Path> files = Files.list(from)) {
            Path token = files.filter(file -> file.toString().endsWith(ending))
                    .findFirst()
                    .orElseThrow();
            Files.createDirectories(to);
            Files.move(token, to.resolve(token.getFileName()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<String> serial() {
        return description()
                .lines()
                .filter(line -> line.contains("serial num"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .map(number -> number.substring(0, 4) + "-" + number.substring(4))
                .findFirst();
    }

    /** Takes it away, as if it were unplugged for ever. */
    @Override
    public void close() {
        serial().ifPresent(SoftHsm::remove);
    }

    /** Removes the directories of tokens whose name ends so. */
    private static void remove(String ending) {
        try (Stream<Path> files = Files.walk(tokens())) {
            List<Path> ours = files.filter(file ->
                            tokens().relativize(file).getName(0).toString().endsWith(ending))
                    .sorted(Comparator.reverseOrder())
                    .toList();
            for (Path file : ours) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(command[0] + " does not end");
            }
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
