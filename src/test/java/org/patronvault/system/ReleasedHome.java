package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.Authenticator;
import org.patronvault.testing.OpenSsl;

/**
 * A vault as a released version left it, with one of each thing that lasts and a library has by then: its home, shares of its keys,
 * a backup, a checkpoint that somebody kept, and what people know of it beside it. Made once with the jar of that version,
 * by {@link #main}, and kept from then on, so that every later version shows that it takes what is in use
 * ({@code released/VERSION.zip}).
 */
final class ReleasedHome {
    /** Patrons of {@link SamplePatron}, by their number; of this one the phone is another since the backup was made. */
    static final int CHANGED = 3;

    /** Whose card was replaced before the backup, and the number of the new one. */
    static final int WITH_A_NEW_CARD = 2;

    static final int NEW_CARD = 12;

    /** Who does not exist. */
    static final int DECOY = 8;

    /** Since the backup: erased, merged into another, and without consent to the service. */
    static final int ERASED = 4;

    static final int MERGED = 6;
    static final int MERGED_INTO = 5;
    static final int WITHDRAWN = 7;

    /** The number of a slot that was added and removed, and is no other's since. */
    static final int REMOVED_SLOT = 2;

    static final String PHONE_BEFORE = "+12035550003";
    static final String PHONE_SINCE = "+12035550177";

    /** So often somebody looked at the first patron since the backup. */
    static final int LOOKS = 1_100;

    /** Who signs in with a second factor. */
    static final String WITH_A_FACTOR = "page";

    private static final int PATRONS = 8;
    private static final String DIRECTORY = "released/";
    private static final String KNOWN = "known.json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] TOGETHER = {"--second", "cust2", "--second-password-file", "../pw"};

    private final RunningVault vault;
    private final ObjectNode known = object();
    private final List<String> patrons = new ArrayList<>(List.of(""));

    private ReleasedHome(RunningVault vault) {
        this.vault = vault;
    }

    /**
     * Writes that of the jar under test to a file.
     *
     * @param args the file
     */
    public static void main(String[] args) throws IOException {
        Path zip = Path.of(args[0]).toAbsolutePath();
        try (RunningVault vault = RunningVault.create().overTls()) {
            vault.start();
            ReleasedHome made = new ReleasedHome(vault);
            made.beforeTheBackup();
            vault.json("cust1", "backup", "../backup");
            made.sinceTheBackup();
            Files.writeString(
                    vault.root().resolve("kept"),
                    vault.as("dir", "log", "checkpoint").out());
            vault.stop();
            Files.writeString(vault.root().resolve(KNOWN), made.known.toPrettyString() + "\n");
            pack(vault.root(), zip, "home", "shares", "backup", "kept", KNOWN);
        }
    }

    private void beforeTheBackup() throws IOException {
        known.set(
                "client",
                vault.json("admin", "client", "add", "catalogue", "--scope", "ils")
                        .path("key"));
        known.put("factor", enrolled());
        for (int n = 1; n <= PATRONS; n++) {
            patrons.add(vault.register(vault.signIn("clerk"), SamplePatron.of(n)));
        }
        patrons.forEach(known.putArray("patrons")::add);
        vault.secret("another", "fourteen grey terns leave at dusk");
        together("keys", "slot", "add", "--new-passphrase-file", "../another");
        together("keys", "slot", "remove", Integer.toString(REMOVED_SLOT));
        together("keys", "slot", "add", "--shares", "3", "--threshold", "2", "--shares-dir", "../shares");
        vault.json("cust1", "keys", "rotate", "phone", "--wait");
        OpenSsl.certificate(vault.root(), "keeper");
        together("keys", "export", "--recipient", "../keeper.pem", "--out", "../keys.p7m");
        done(
                "clerk",
                "POST",
                patron(WITH_A_NEW_CARD) + "/card",
                object().put("card", SamplePatron.card(NEW_CARD)).put("reason", "lost"));
        done("officer", "PUT", patron(DECOY) + "/protection", object().put("decoy", true));
    }

    private void sinceTheBackup() throws IOException {
        ObjectNode change = object();
        change.putArray("phone").add(PHONE_SINCE);
        done("clerk", "PATCH", patron(CHANGED), change);
        done("boss", "DELETE", patron(ERASED), null);
        done("boss", "POST", patron(MERGED) + "/merge", object().put("into", patrons.get(MERGED_INTO)));
        done(
                "clerk",
                "PUT",
                patron(WITHDRAWN) + "/consents/service",
                object().put("given", false).put("policy", "2018-05").put("channel", "desk"));
        known.set("referred", taken().path("id"));
        JsonNode released = taken().path("id");
        known.set("released", released);
        release("/v1/disclosures/" + released.asText());
        known.set(
                "approval",
                done("admin", "POST", "/v1/staff/page/grant", object().put("role", "custodian"))
                        .path("id"));
        looksAtTheFirst();
    }

    private void looksAtTheFirst() {
        ObjectNode question = object().put("card", SamplePatron.card(1)).put("purpose", "account-service");
        for (int n = 0; n < LOOKS; n++) {
            Answer found = vault.call(
                    "POST", "/v1/patrons/search", known.path("client").asText(), question);
            assertThat(found.status()).as("%s", found).isEqualTo(200);
        }
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private String patron(int n) {
        return "/v1/patrons/" + patrons.get(n);
    }

    private void together(String... words) {
        vault.json("cust1", Stream.concat(Stream.of(words), Stream.of(TOGETHER)).toArray(String[]::new));
    }

    private JsonNode done(String user, String method, String path, ObjectNode body) {
        Map<String, String> first = method.equals("PATCH") ? Map.of("If-Match", "\"1\"") : Map.of();
        Answer answer = vault.send(method, path, vault.signIn(user), body == null ? null : body.toString(), first);
        assertThat(answer.status()).as("%s %s: %s", method, path, answer).isBetween(200, 202);
        return answer.json();
    }

    /** The secret in an app of {@link #WITH_A_FACTOR}. */
    private String enrolled() {
        String[] words = {"staff", "second-factor", WITH_A_FACTOR, "--password-file", "../pw", "--json"};
        String secret = RunningVault.document(vault.run(words)).path("secret").asText();
        vault.secret("code", Authenticator.code(secret, Instant.now()));
        String[] confirm = {"--confirm", "--otp-file", "../code"};
        Ran confirmed =
                vault.run(Stream.concat(Stream.of(words), Stream.of(confirm)).toArray(String[]::new));
        assertThat(confirmed.exit()).as("%s", confirmed).isZero();
        return secret;
    }

    /** A request for records, as the desk takes it down. */
    private JsonNode taken() {
        return done(
                "clerk",
                "POST",
                "/v1/disclosures",
                object().put("agency", "Norwalk Police").put("instrument", "court-order"));
    }

    private void release(String path) throws IOException {
        done(
                "dir",
                "POST",
                path + "/counsel",
                object().put("counsel", "L. Exner").put("advice", "Valid."));
        ObjectNode decision = object().put("decision", "comply")
                .put("instrument", "court-order")
                .put("reason", "valid");
        decision.putArray("patrons").add(patrons.get(1));
        decision.putArray("fields").add("name").add("phone");
        done("dir", "POST", path + "/decision", decision);
        done("officer", "POST", path + "/approval", object());
        String police = Files.readString(OpenSsl.certificate(vault.root(), "police"));
        Answer released = vault.call("POST", path + "/release", vault.signIn("dir"), object().put("recipient", police));
        assertThat(released.status()).as("%s", released).isEqualTo(200);
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
            return vault.trusting(vault.home().resolve("tls/ca.crt"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What people know of it: {@code patrons}, ids by number; {@code client}, the key of a library system; {@code factor},
     * a secret; {@code referred} and {@code released}, cases in that state; {@code approval}, what waited for a second person.
     */
    static JsonNode known(RunningVault vault) {
        try {
            return JSON.readTree(vault.root().resolve(KNOWN).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<PosixFilePermission> mode(String mode) {
        return PosixFilePermissions.fromString(mode);
    }
}
