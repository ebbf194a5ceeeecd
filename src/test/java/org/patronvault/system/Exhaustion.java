package org.patronvault.system;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * A thread in the server's own process that takes all memory there is as soon as it is told to, which no caller can have
 * any of the others do: what becomes of one that runs out of it.
 */
public final class Exhaustion implements Runnable {
    private static final int PIECE_BYTES = 64 * 1024;
    private static final long LOOK_NANOS = 10_000_000;

    private final Path now;
    private final List<byte[]> taken = new ArrayList<>();

    private Exhaustion(Path now) {
        this.now = now;
    }

    /** What the JVM calls before the program. */
    public static void premain(String now) {
        Thread thread = new Thread(new Exhaustion(Path.of(now)), "exhaustion");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        while (!Files.exists(now)) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
        while (true) {
            taken.add(new byte[PIECE_BYTES]);
        }
    }

    /** The option that has a JVM do so when there is a file {@code now}; what it needs is put into that directory. */
    static String option(Path directory, Path now) throws IOException {
        Path jar = directory.resolve("exhaustion.jar");
        String entry = Exhaustion.class.getName().replace('.', '/') + ".class";
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", Exhaustion.class.getName());
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest);
                var code = Exhaustion.class.getClassLoader().getResourceAsStream(entry)) {
            out.putNextEntry(new JarEntry(entry));
            code.transferTo(out);
        }
        return "-javaagent:" + jar + "=" + now;
    }
}
