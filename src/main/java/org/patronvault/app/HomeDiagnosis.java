package org.patronvault.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.patronvault.upkeep.ProcessUser;

/**
 * Why no vault is seen in a directory. What a user may not enter, or lies on a disk that is not mounted, looks like nothing;
 * who is told to make a vault there makes a second one.
 */
final class HomeDiagnosis {
    private HomeDiagnosis() {}

    /** What to tell who looked for a vault there, cure included. */
    static String why(Home home) {
        return hidden(home)
                .orElseGet(() -> home.isFree()
                        ? "There is no vault in the home directory: name it with --home, mount its disk if it is on one, or"
                                + " make a new one with `init`."
                        : "There is no vault in the home directory, though something is: name the vault's with --home, or put"
                                + " back what is missing, vault.yaml or keys/.");
    }

    /** What hides from this user whether a vault is there; empty if nothing does. */
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
        // Root's is what root has copied. No service runs as root, nor may a command, whose files would be root's too.
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
