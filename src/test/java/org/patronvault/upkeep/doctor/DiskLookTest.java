package org.patronvault.upkeep.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.testing.Skips;
import org.patronvault.upkeep.backup.DiskIdentity;

/** Tests of the doctor's check of disks. */
final class DiskLookTest {
    private static final long GIB = 1L << 30;

    @TempDir
    private Path directory;

    @Test
    void volumesAreThoseOfKeysAndOfTheDatabasesFileWhereverItLies() throws Exception {
        Path elsewhere = Path.of("/dev/shm");
        Skips.pointless(
                !Files.isDirectory(elsewhere) || DiskIdentity.holds(directory, elsewhere),
                "there is no other file system");
        Path keys = Files.createDirectories(directory.resolve("keys"));
        assertThat(volumes(keys, directory.resolve("vault.db"))).isEqualTo(Doctor.Verdict.NOTE);
        assertThat(volumes(keys, elsewhere.resolve("vault.db"))).isEqualTo(Doctor.Verdict.FINE);
        assertThat(volumes(elsewhere, elsewhere.resolve("vault.db"))).isEqualTo(Doctor.Verdict.NOTE);
        assertThat(look(keys, elsewhere.resolve("vault.db")).freeBytes())
                .isLessThanOrEqualTo((double) Files.getFileStore(elsewhere).getTotalSpace());
    }

    private Doctor.Verdict volumes(Path keys, Path database) {
        return look(keys, database).look().get(0).verdict();
    }

    private DiskLook look(Path keys, Path database) {
        return new DiskLook(directory, keys, () -> StoreSettings.sqlite(database));
    }

    @Test
    void databaseOnAnotherMachinesDiskIsWrong() {
        for (String near : List.of("ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs")) {
            assertThat(DiskLook.share(near)).as(near).isEmpty();
        }
        for (String far : List.of("nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p")) {
            assertThat(DiskLook.share(far))
                    .as(far)
                    .hasValueSatisfying(line -> assertThat(line.verdict()).isEqualTo(Doctor.Verdict.WRONG));
        }
    }

    @Test
    void diskHasRoomForTwiceTheDatabase() {
        assertThat(DiskLook.disk(10.0 * GIB, 4 * GIB).verdict()).isEqualTo(Doctor.Verdict.FINE);
        assertThat(DiskLook.disk(7.0 * GIB, 4 * GIB).verdict()).isEqualTo(Doctor.Verdict.NOTE);
        assertThat(DiskLook.disk(0.5 * GIB, 0).verdict()).isEqualTo(Doctor.Verdict.WRONG);
    }
}
