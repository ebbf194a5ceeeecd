package org.patronvault.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.patronvault.core.crypto.HostAuthority;
import org.patronvault.core.crypto.HostNames;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.upkeep.doctor.TlsLook;
import org.patronvault.web.http.PemFiles;
import org.patronvault.web.http.ServerTls;
import org.patronvault.web.page.print.DeskPcsPage;

/**
 * The TLS files in a home's {@code tls} directory: a CA for this vault's names alone, and the vault's certificate
 * ({@code tls.md}). A crash at any moment leaves matching files, and never makes existing ones seem absent.
 */
public final class TlsFiles {
    /** How long before its end the vault's certificate is renewed. */
    public static final Duration RENEWED_BEFORE = Duration.ofDays(60);

    private static final String NAMED = "the directory tls";

    private final Path directory;
    private final Path before;
    private final Path lock;
    private final Clock clock;

    /** The facts about the certificates for people, who compare every digit of the CA's fingerprint. */
    public record Facts(List<String> names, TlsLook.Life certificate, TlsLook.Life authority, String fingerprint) {}

    /** Creates the view of a home's files, which may not exist yet. */
    public TlsFiles(Home home, Clock clock) {
        this.directory = home.directory().resolve("tls");
        this.before = home.directory().resolve("tls.before");
        this.lock = home.node().resolve("tls-lock");
        this.clock = clock;
    }

    /**
     * Returns the default TLS files of a home's server: those that vault.yaml names, or those in {@code tls}, or empty.
     *
     * @throws Refused if they are wrong
     */
    public static Optional<ServerTls> used(Home home, Settings settings) {
        if (settings.tls().isPresent()) {
            return settings.tls().map(files -> files.of(home));
        }
        TlsFiles own = new TlsFiles(home, Clock.systemUTC());
        return own.exist() ? Optional.of(new ServerTls(own.certificates(), own.key(), NAMED)) : Optional.empty();
    }

    /** The doctor's facts about the default files, or empty if there are none. */
    static Optional<TlsLook.Used> look(Home home, Settings settings) {
        TlsFiles own = new TlsFiles(home, Clock.systemUTC());
        return settings.tls()
                .map(files -> look(home, files.of(home)))
                .or(() -> own.exist() ? Optional.of(own.look()) : Optional.empty());
    }

    /** The doctor's facts about files in use, which may be the home's own. */
    static TlsLook.Used look(Home home, ServerTls used) {
        TlsFiles own = new TlsFiles(home, Clock.systemUTC());
        if (used.certificates().toAbsolutePath().normalize().equals(own.certificates()) && own.exist()) {
            return own.look();
        }
        TlsLook.Life life = new TlsLook.Life(used.begin(), used.end());
        return new TlsLook.Used(life, used.key(), Optional.empty(), !used.isOfAnAuthority());
    }

    private TlsLook.Used look() {
        Facts facts = facts();
        return new TlsLook.Used(facts.certificate(), key(), Optional.of(facts.authority()), false);
    }

    /**
     * Whether the files exist.
     *
     * @throws Refused if they were put aside and nothing replaced them
     */
    public boolean exist() {
        if (Files.exists(directory)) {
            return true;
        }
        if (Files.exists(before)) {
            throw new Refused(
                    Problem.NOT_FOUND,
                    "The directory tls is gone, and tls.before is there, since `tls init --again` was broken off: rename"
                            + " tls.before to tls, or move it away and run `tls init` again.");
        }
        return false;
    }

    private Path certificates() {
        return directory.resolve("server.crt").toAbsolutePath().normalize();
    }

    private Path key() {
        return directory.resolve("server.key");
    }

    /** The root certificate, which desk PCs must trust. */
    public Path authority() {
        return directory.resolve("ca.crt");
    }

    /** The page with instructions for desk PCs. */
    public Path page() {
        return directory.resolve("desk-pcs.html");
    }

    /**
     * Creates a CA and a certificate for these names.
     *
     * @param port at which desk PCs find the vault
     * @param again whether to put existing files aside
     * @throws Refused if there are files and {@code again} is false, or a name is invalid
     */
    public Facts create(List<String> given, int port, boolean again) {
        HostNames names = HostNames.of(given);
        return alone(() -> {
            requireFree(again);
            Path made = directory.resolveSibling("tls.new");
            Home.delete(made);
            DurableFile.makeDirectory(made);
            Facts facts = make(names, port, made);
            try {
                if (Files.exists(directory)) {
                    Files.move(directory, before, StandardCopyOption.ATOMIC_MOVE);
                }
                Files.move(made, directory, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw new UncheckedIOException("the directory tls cannot be put in place", e);
            }
            DurableFile.sync(directory.toAbsolutePath().getParent());
            return facts;
        });
    }

    private void requireFree(boolean again) {
        if (!exist()) {
            return;
        }
        if (!again) {
            throw new Refused(
                    Problem.HOME_EXISTS,
                    "There is a CA in this home already, and desk PCs may trust it: `tls show` prints its names,"
                            + " `tls renew` renews the vault's certificate. With --again another is made, of which every"
                            + " desk PC must be told.");
        }
        if (Files.exists(before)) {
            throw new Refused(
                    Problem.HOME_EXISTS,
                    "tls.before is still there, of an earlier `tls init --again`, and desk PCs may trust that CA: move it"
                            + " away first.");
        }
    }

    private Facts make(HostNames names, int port, Path made) {
        HostAuthority.NewAuthority authority = HostAuthority.create(names, clock.instant());
        HostAuthority issuer = authority.issuer();
        KeyPair host = HostAuthority.newKey();
        X509Certificate certificate = issuer.certify(names, host.getPublic(), clock.instant());
        Facts facts = facts(certificate, authority.root());
        write(made, "ca.crt", HostAuthority.pem(authority.root()));
        write(made, "issuer.crt", HostAuthority.pem(issuer.certificate()));
        write(made, "issuer.key", HostAuthority.pem(issuer.key()));
        write(made, "server.crt", HostAuthority.pem(certificate, issuer.certificate()));
        write(made, "server.key", HostAuthority.pem(host.getPrivate()));
        String digits = HostAuthority.digits(authority.root());
        Instant end = facts.authority().end();
        DeskPcsPage page = new DeskPcsPage(names.first(), port, digits, facts.fingerprint(), clock.instant(), end);
        write(made, "desk-pcs.html", page.html());
        return facts;
    }

    private static void write(Path directory, String name, byte[] content) {
        DurableFile.write(directory.resolve(name), content);
    }

    /** Runs {@code act} while no other thread or process changes the files. */
    private <T> T alone(Supplier<T> act) {
        DurableFile.makeDirectory(lock.getParent());
        synchronized (TlsFiles.class) {
            try (FileChannel file = FileChannel.open(
                    lock,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                // The lock holds until the file is closed.
                FileLock unused = file.lock();
                return act.get();
            } catch (IOException e) {
                throw new UncheckedIOException("node/tls-lock cannot be locked", e);
            }
        }
    }

    /** Renews the vault's certificate if due, and returns whether it did. Foreign files are never renewed. */
    public boolean renewIfDue() {
        if (!exist() || !isDue()) {
            return false;
        }
        return alone(() -> {
            boolean due = isDue();
            if (due) {
                Facts unused = renewAlone();
            }
            return due;
        });
    }

    /** Whether it ends soon and a renewed one would last longer, or a fast clock dated its start into the future. */
    private boolean isDue() {
        TlsLook.Life own = facts().certificate();
        TlsLook.Life issuer = facts().authority();
        Instant now = clock.instant();
        return (now.isBefore(own.begin()) && !now.isBefore(issuer.begin()))
                || (!now.isBefore(own.end().minus(RENEWED_BEFORE)) && own.end().isBefore(issuer.end()));
    }

    /** Renews the vault's certificate. Its key and names stay. */
    public Facts renew() {
        requireMade();
        return alone(this::renewAlone);
    }

    private Facts renewAlone() {
        PemFiles files = PemFiles.read(directory.resolve("issuer.crt"), directory.resolve("issuer.key"), NAMED);
        if (clock.instant().isAfter(files.host().getNotAfter().toInstant())) {
            throw new Refused(
                    Problem.INVALID,
                    "The CA has come to its end: make another with `tls init --again`, and tell every desk PC of it.");
        }
        X509Certificate renewed = new HostAuthority(files.host(), files.key()).renew(server(), clock.instant());
        write(directory, "server.crt", HostAuthority.pem(renewed, files.host()));
        return facts();
    }

    /** The facts about the files. */
    public Facts facts() {
        requireMade();
        return facts(server(), PemFiles.chain(authority(), NAMED).get(0));
    }

    private void requireMade() {
        if (!exist()) {
            throw new Refused(Problem.NOT_FOUND, "There is no CA in this home; make one with `tls init --name HOST`.");
        }
    }

    private X509Certificate server() {
        return PemFiles.read(certificates(), key(), NAMED).host();
    }

    private static Facts facts(X509Certificate server, X509Certificate authority) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(authority.getEncoded());
            return new Facts(
                    names(server),
                    TlsLook.Life.of(server),
                    TlsLook.Life.of(authority),
                    HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate has no fingerprint", e);
        }
    }

    private static List<String> names(X509Certificate of) {
        List<String> names = new ArrayList<>();
        try {
            of.getSubjectAlternativeNames().forEach(one -> names.add(one.get(1).toString()));
            return names;
        } catch (GeneralSecurityException e) {
            throw new Refused(Problem.INVALID, "tls/server.crt cannot be read as a certificate.");
        }
    }
}
