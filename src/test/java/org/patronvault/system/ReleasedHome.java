package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A vault as a released version left it: its home, a backup, an export of its log and a checkpoint that somebody kept.
 * Made once with the jar of that version, by {@link #main}, and kept from then on, so that every later version shows that
 * it takes what is in use ({@code released/VERSION.zip}).
 */
final class ReleasedHome {
    /** Patrons of {@link SamplePatron}; of the last the phone is another since the backup was made. */
    static final int PATRONS = 3;

    static final String PHONE_BEFORE = "+12035550003";
    static final String PHONE_SINCE = "+12035550177";

    private static final String DIRECTORY = "released/";

    private ReleasedHome() {}

    /** Writes that of the jar under test to a file. */
    public static void main(String[] args) throws IOException {
        Path zip = Path.of(args[0]).toAbsolutePath();
        try (RunningVault vault = RunningVault.create()) {
            vault.start();
            String clerk = vault.signIn("clerk");
            String last = "";
            for (int n = 1; n <= PATRONS; n++) {
                last = vault.register(clerk, SamplePatron.of(n));
            }
            vault.json("cust1", "keys", "rotate", "phone", "--wait");
            vault.json("cust1", "backup", "../backup");
            ObjectNode change = SamplePatron.of(PATRONS).removeAll();
            change.putArray("phone").add(PHONE_SINCE);
            Answer changed =
                    vault.send("PATCH", "/v1/patrons/" + last, clerk, change.toString(), Map.of("If-Match", "\"1\""));
            assertThat(changed.status()).as("%s", changed).isEqualTo(200);
            String kept = vault.as("dir", "log", "checkpoint").out();
            vault.stop();
            Files.writeString(vault.root().resolve("kept"), kept);
            pack(vault.root(), zip, "home", "backup", "kept");
        }
    }

    private static void pack(Path root, Path zip, String... what) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (String one : what) {
                try (Stream<Path> files = Files.walk(root.resolve(one))) {
                    for (Path file : files.sorted().toList()) {
                        boolean directory = Files.isDirectory(file);
                        out.putNextEntry(new ZipEntry(root.relativize(file) + (directory ? "/" : "")));
                        if (Files.isRegularFile(file)) {
                            Files.copy(file, out);
                        }
                        out.closeEntry();
                    }
                }
            }
        }
    }

    /** A vault that is that of a version, not started. */
    static RunningVault of(String version) {
        RunningVault vault = RunningVault.empty();
        try (InputStream in = ReleasedHome.class.getClassLoader().getResourceAsStream(DIRECTORY + version + ".zip");
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path to = vault.root().resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectory(to, PosixFilePermissions.asFileAttribute(mode("rwx------")));
                } else {
                    Files.copy(zip, to);
                    Files.setPosixFilePermissions(to, mode("rw-------"));
                }
            }
            return vault;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<PosixFilePermission> mode(String mode) {
        return PosixFilePermissions.fromString(mode);
    }
}
