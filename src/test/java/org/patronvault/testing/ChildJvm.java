package org.patronvault.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command of a process that a test kills: a class on the class path of this JVM, in a small JVM that starts fast. */
public final class ChildJvm {
    private ChildJvm() {}

    /** Returns the process that runs {@code main} with those words, not started. */
    public static ProcessBuilder of(Class<?> main, List<String> words) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xlog:disable",
                // Class files that are verified in this JVM are not verified again.
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-BytecodeVerificationRemote",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(words);
        return new ProcessBuilder(command);
    }
}
