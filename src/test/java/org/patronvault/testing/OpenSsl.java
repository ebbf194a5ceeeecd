package org.patronvault.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The {@code openssl} of this machine: what a recipient has. */
public final class OpenSsl {
    private OpenSsl() {}

    /** Runs it in that directory; its exit code. */
    public static int run(Path directory, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("openssl.out").toFile())
                .start();
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Makes {@code NAME.pem} and {@code NAME.key} there, valid from now for two days; the certificate. */
    public static Path certificate(Path directory, String name, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("req", "-x509", "-nodes", "-subj", "/CN=" + name, "-days"));
        arguments.addAll(List.of("2", "-keyout", name + ".key", "-out", name + ".pem"));
        arguments.addAll(List.of(options));
        assertThat(run(directory, arguments.toArray(String[]::new)))
                .as(Files.readString(directory.resolve("openssl.out")))
                .isZero();
        return directory.resolve(name + ".pem");
    }

    /** What that recipient gets out of {@code sealed}; the exit code is not 0 if nothing. */
    public static int decrypt(Path directory, String name, Path sealed, Path content) throws IOException {
        return run(
                directory,
                "cms",
                "-decrypt",
                "-binary",
                "-inform",
                "DER",
                "-in",
                sealed.toString(),
                "-inkey",
                name + ".key",
                "-recip",
                name + ".pem",
                "-out",
                content.toString());
    }
}
