package org.patronvault.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.patronvault.upkeep.backup.ProcessUser;

/**
 * The reason why no vault is visible in a directory. A directory that a user may not enter, or a disk that is not
 * mounted, looks empty. Advice to create a vault there would make a second one.
 */
final class HomeDiagnosis {
    private HomeDiagnosis() {}

    /** Returns the reason and the cure. */
    static String why(Home home) {
        return hidden(home)
                .orElseGet(() -> home.isFree()
                        ? "There is no vault in the home directory: name it with --home, mount its disk if it is on one, or"
                                + " make a new one with `init`."
                        : "There is no vault in the home directory, though something is: name the vault's with --home, or put"
                                + " back what is missing, vault.yaml or keys/.");
    }

    /** Returns what hides a possible vault from this user, or empty. */
    static Optional<String> hidden(Home home) {
        return Stream.of(home.directory(), home.settings(), home.keys())
                .map(part -> hidden(home, part.toAbsolutePath()))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> hidden(Home home, Path part) {
        Path seen = part;
        while (seen.getParent() != null && !Files.exists(seen, LinkOption.NOFOLLOW_LINKS)) {
            seen = seen.getParent();
        }
        if (Files.isSymbolicLink(seen) && !Files.exists(seen)) {
            return Optional.of(astray(seen));
        }
        return Files.isDirectory(seen) && !Files.isExecutable(seen)
                ? Optional.of(
                        seen.equals(home.directory().toAbsolutePath())
                                ? closedHome(seen, owner(seen), ProcessUser.name())
                                : closed(seen + " is there", owner(seen), ProcessUser.name())
                                        + "run the command as who the service runs as.")
                : Optional.empty();
    }

    private static String astray(Path link) {
        return link + " leads to " + target(link)
                + (Files.notExists(link)
                        ? ", which is not there: mount the disk that it is on, or mend the link."
                        : ", which this user (" + ProcessUser.name() + ") may not look at: run the command as who the"
                                + " service runs as.");
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "nowhere";
        }
    }

    static String closedHome(Path home, String owner, String user) {
        String what = "The home is there";
        // If root owns the home, root has copied it. No service runs as root, and no command may, because root would
        // own its files.
        return owner.equals("root")
                ? closed(what, owner, user) + "if " + user
                        + " is who the service runs as, give it back as root, `chown -R "
                        + user + " " + home + " " + home.resolve("keys")
                        + "/`; else run the command as who the service runs as."
                : closed(what, owner, user) + "run the command as " + owner
                        + ", or give the home to the user that the service runs as (`chown -R`).";
    }

    private static String closed(String what, String owner, String user) {
        return what + ", but this user (" + user + ") may not enter it, since it is " + owner + "'s: ";
    }

    private static String owner(Path directory) {
        try {
            return Files.getOwner(directory).getName();
        } catch (IOException e) {
            return "somebody else";
        }
    }
}
