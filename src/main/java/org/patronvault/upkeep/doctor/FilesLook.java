package org.patronvault.upkeep.doctor;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.patronvault.upkeep.backup.ProcessUser;

/** The doctor's check of the owners and permissions of a home's files. */
public final class FilesLook implements Doctor.Look {
    private static final String CHECK = "permissions";
    private static final String ROOT = "root";

    private final Path home;
    private final Path keys;

    public FilesLook(Path home, Path keys) {
        this.home = home;
        this.keys = keys;
    }

    @Override
    public List<Doctor.Line> look() {
        return List.of(line());
    }

    Doctor.Line line() {
        try {
            List<Path> files = new ArrayList<>(below(home));
            if (!keys.toRealPath().startsWith(home.toRealPath())) {
                // A link, for example to files that several nodes share.
                files.addAll(below(keys.toRealPath()));
            }
            String owner = rightful(Files.getOwner(home).getName(), ProcessUser.name());
            List<Path> open = files.stream().filter(Doctor::isOpenToOthers).toList();
            List<Path> foreign =
                    files.stream().filter(file -> !isOf(owner, file)).toList();
            List<Path> shut = files.stream().filter(FilesLook::isShut).toList();
            return line(open, foreign, shut, owner);
        } catch (IOException e) {
            return new Doctor.Line(CHECK, Doctor.Verdict.WRONG, "The home cannot be walked; run this as its owner.");
        }
    }

    /** Lists all files below. A directory that cannot be entered stands for its files. */
    private static List<Path> below(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path one, BasicFileAttributes attributes) {
                if (isOfTheFileSystem(one)) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                files.add(one);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                files.add(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path closed, IOException e) {
                if (!isOfTheFileSystem(closed)) {
                    files.add(closed);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path one, IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }

    /** A directory of ext4 at the top of each disk, which root owns. */
    private static boolean isOfTheFileSystem(Path directory) {
        return directory.endsWith("lost+found");
    }

    /**
     * Returns the rightful owner of the files: the home's owner. If root made or copied the home, it is the current
     * user, because no service runs as root, and the service runs this check.
     */
    static String rightful(String homes, String user) {
        return homes.equals(ROOT) ? user : homes;
    }

    private static boolean isOf(String owner, Path file) {
        try {
            return Files.isSymbolicLink(file) || Files.getOwner(file).getName().equals(owner);
        } catch (IOException e) {
            // Deleted meanwhile.
            return true;
        }
    }

    /** Whether the directory's owner cannot write to it. */
    private static boolean isShut(Path directory) {
        try {
            return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                    && !Files.getPosixFilePermissions(directory)
                            .containsAll(Set.of(PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE));
        } catch (IOException | UnsupportedOperationException e) {
            // Deleted meanwhile, or on a file system without permissions.
            return false;
        }
    }

    static Doctor.Line line(List<Path> open, List<Path> foreign, List<Path> shut, String owner) {
        // Root checks a home of root's with files of another user: the service runs as that user.
        String user = owner.equals(ROOT) ? "USER" : owner;
        String says = first(open)
                        .map(file -> open.size() + " files of the home are open to others, such as " + file
                                + ": run `chmod -R go= HOME HOME/keys/`. ")
                        .orElse("")
                + first(foreign)
                        .map(file -> foreign.size() + " files of the home belong to somebody else than "
                                + owner + ", such as " + file + ", as after a command or a copy by root: run `chown -R "
                                + user + " HOME HOME/keys/`"
                                + (owner.equals(ROOT) ? " with the user that the service runs as. " : ". "))
                        .orElse("")
                + first(shut)
                        .map(directory -> "In " + shut.size() + " directories of the home, such as " + directory
                                + ", their owner can put nothing: run `chmod -R u+rwX HOME HOME/keys/`.")
                        .orElse("");
        return says.isEmpty()
                ? new Doctor.Line(CHECK, Doctor.Verdict.FINE, "Nobody but the owner can read the home.")
                : new Doctor.Line(CHECK, Doctor.Verdict.WRONG, says.strip());
    }

    private static Optional<Path> first(List<Path> files) {
        return files.stream().findFirst().map(Path::getFileName);
    }
}
