package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.testing.Skips;

/**
 * {@code install.md}, followed to the letter on a Debian on which there was nothing, from the package to a desk over
 * HTTPS on another network; what the service that it leaves behind is kept from; and the service of {@code witness.md}.
 */
@Tag("install")
final class InstallIT {
    private static final Path DEB = Path.of(System.getProperty("vault.deb", "target/patron-vault.deb"));
    private static final String DESK = "https://vault.library.lan:8443";
    private static final String PASSPHRASE = "four words in a safe";
    private static final String ANNAS = "an early morning walk";
    private static final String KIMS = "a quiet reading room";
    private static final String VAULT = "patron-vault";
    private static final String WITNESS = "patron-vault-witness";
    private static final String AGAIN = "The same again: ";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A line of third-party.txt: the licences, group and artifact. */
    private static final Pattern THIRD_PARTY =
            Pattern.compile("^ +((?:\\([^)]+\\) )+).*\\(([\\w.-]+):([\\w.-]+):[\\w.-]+ - [^)]*\\)$", Pattern.MULTILINE);

    private final Path directory = Path.of("target", "install").toAbsolutePath();
    private OtherMachine machine;

    @BeforeEach
    void start() {
        OtherMachine.require();
        Skips.unless(Files.exists(DEB), "there is no package; mvn -Pdist makes it");
        machine = OtherMachine.start(directory);
    }

    @AfterEach
    void stop() {
        if (machine != null) {
            machine.close();
        }
    }

    /** The steps of a guide, each a block of commands. */
    private static List<String> guide(String page) throws IOException {
        List<String> steps = new ArrayList<>();
        Matcher block = Pattern.compile("^ *```sh\\n(.*?)^ *```", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(Files.readString(Path.of("src/site/markdown", page)));
        while (block.find()) {
            steps.add(block.group(1));
        }
        return steps;
    }

    /** Has root type that at a terminal, and answer; gives what was shown. */
    private String type(String commands, String... promptsAndAnswers) {
        try (AtTerminal terminal = AtTerminal.start(directory, Map.of(), List.of(machine.entering(commands)))) {
            for (int i = 0; i < promptsAndAnswers.length; i += 2) {
                terminal.await(Pattern.quote(promptsAndAnswers[i]));
                terminal.type(promptsAndAnswers[i + 1]);
            }
            assertThat(terminal.end()).as(terminal.shown()).isZero();
            return terminal.shown();
        }
    }

    private String curl(String path, String... more) {
        List<String> all = new ArrayList<>(List.of(
                "curl",
                "--silent",
                "--show-error",
                "--cacert",
                machine.path("/root/ca.crt").toString(),
                "--resolve",
                "vault.library.lan:8443:" + OtherMachine.ADDRESS,
                "--cookie",
                jar(),
                "--cookie-jar",
                jar()));
        all.addAll(List.of(more));
        all.add(DESK + path);
        return machine.atTheDesk(all.toArray(String[]::new));
    }

    private String jar() {
        return directory.resolve("cookies").toString();
    }

    /** Fills a form as a browser does, with the token of its page. */
    private String submit(String page, String path, String... fields) {
        List<String> all = new ArrayList<>(
                List.of("--location", "--header", "Origin: " + DESK, "--header", "Sec-Fetch-Site: same-origin"));
        Matcher token = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"").matcher(curl(page));
        if (token.find()) {
            all.addAll(List.of("--data-urlencode", "csrf=" + token.group(1)));
        }
        for (String field : fields) {
            all.addAll(List.of("--data-urlencode", field));
        }
        return curl(path, all.toArray(String[]::new));
    }

    private JsonNode api(String method, String path, String token, String body) throws IOException {
        return JSON.readTree(curl(
                path,
                "--request",
                method,
                "--header",
                "Authorization: Bearer " + token,
                "--header",
                "Content-Type: application/json",
                "--data",
                body));
    }

    @Test
    void guideLeadsFromNothingToADeskOverHttpsOnAnotherNetwork() throws IOException {
        List<String> steps = guide("install.md");
        assertThat(steps).hasSize(7);
        Files.copy(DEB, machine.path("/root/patron-vault.deb"));
        machine.run(0, "apt-get update -q");

        type(steps.get(0));
        type(
                steps.get(1),
                "A passphrase that will open the vault: ",
                PASSPHRASE,
                AGAIN,
                PASSPHRASE,
                "A password for anna: ",
                ANNAS,
                AGAIN,
                ANNAS);
        type(steps.get(2));
        type(steps.get(3), "Passphrase: ", PASSPHRASE);
        Matcher code = Pattern.compile("shown once: (\\S+)").matcher(type(steps.get(4), "Password of anna: ", ANNAS));
        assertThat(code.find()).isTrue();
        type(steps.get(5));
        assertThat(machine.path("/root/desk-pcs.html")).content().contains(DESK + " in");
        assertThat(type(steps.get(6)))
                .containsPattern("\\S+ +backup +There is no proved backup")
                .containsPattern("\\S+ +witness +No checkpoint is kept elsewhere");

        assertThat(submit(
                        "/password",
                        "/password",
                        "username=kim",
                        "current=" + code.group(1),
                        "password=" + KIMS,
                        "again=" + KIMS))
                .contains("The password is set");
        assertThat(submit("/", "/sign-in", "username=kim", "password=" + KIMS)).contains("Find a patron");
        // As long as there is no patron, an administrator may set another's password.
        for (String custodian : List.of("cus", "cyd")) {
            type(
                    "patron-vault staff add " + custodian + " --role custodian --as anna --new-password-file -",
                    "New password: ",
                    KIMS,
                    "Password of anna: ",
                    ANNAS);
        }
        JsonNode patron = api("POST", "/v1/patrons", token(), SamplePatron.of(1).toString());
        assertThat(patron.path("id").asText()).as(patron.toString()).isNotEmpty();
        assertThat(machine.run(0, "patron-vault log verify")).contains("entries");

        assertService();
        assertKeysMoveToAnotherDisk();
        assertLostMachineComesBack(patron.path("id").asText());
        assertLicences();
        assertPackage();
    }

    private void assertKeysMoveToAnotherDisk() throws IOException {
        machine.run(0, "mkdir -p /media/keys && mount -t tmpfs none /media/keys");
        machine.run(
                0,
                "printf '#!/bin/sh\\nprintf \"[Service]\\\\nReadWritePaths=-/media/keys/patron-vault\\\\n\" > \"$1\"\\n'"
                        + " > /root/editor && chmod +x /root/editor");
        type("export SYSTEMD_EDITOR=/root/editor\n" + guide("custody.md").get(1), "Passphrase: ", PASSPHRASE);
        assertThat(machine.run(0, "cd / && patron-vault doctor || true")).contains("are on different volumes");
        assertThat(curl("/health/ready")).contains("\"sealed\":false");
    }

    /** What lies in other houses is made, the rest is lost, and the guide brings all of it back from that. */
    private void assertLostMachineComesBack(String patron) throws IOException {
        type(guide("custody.md").get(0));
        machine.run(0, "install -m 0640 -g patron-vault keeper.pem /etc/patron-vault/");
        type(
                "patron-vault keys export --recipient /etc/patron-vault/keeper.pem"
                        + " --out /var/lib/patron-vault/keys-2026-11.p7m --as cus --second cyd",
                "Password of cus: ",
                KIMS,
                "Password of cyd: ",
                KIMS);
        type(guide("first-day.md").get(0));
        type("patron-vault backup /var/lib/patron-vault/last --as cus", "Password of cus: ", KIMS);
        machine.run(
                0,
                "install -d /media/backups && mv /var/lib/patron-vault/last /media/backups/2026-11-24T031500Z"
                        + " && chown -R patron-vault:patron-vault /media/backups"
                        + " && mv /var/lib/patron-vault/keys-2026-11.p7m . && systemctl disable --now patron-vault"
                        + " && rm -r /var/lib/patron-vault/home /etc/default/patron-vault /etc/patron-vault");

        List<String> steps = guide("custody-backup.md");
        assertThat(steps).hasSize(3);
        type(steps.get(0));
        machine.run(0, "install -d -m 0750 -g patron-vault /etc/patron-vault");
        type(steps.get(1));
        type(steps.get(2), "Passphrase: ", PASSPHRASE);
        machine.run(0, "systemctl enable --now patron-vault");
        type("patron-vault unseal", "Passphrase: ", PASSPHRASE);
        assertThat(machine.run(0, "patron-vault log verify")).contains("entries");
        assertThat(api("GET", "/v1/patrons/" + patron, token(), "")
                        .path("status")
                        .asText())
                .isEqualTo("active");
    }

    private String token() throws IOException {
        return api("POST", "/v1/sessions", "", "{\"username\":\"kim\",\"password\":\"" + KIMS + "\"}")
                .path("token")
                .asText();
    }

    /** What comes with it works, another version leaves the service alone, and no removal takes the records. */
    private void assertPackage() throws IOException {
        machine.run(0, "bash -c '. /usr/share/bash-completion/completions/patron-vault && complete -p patron-vault'");
        assertThat(machine.run(0, "gzip -cdf /usr/share/man/man1/patron-vault-staff-add.1*"))
                .contains("\\-\\-role");
        JsonNode parts = JSON.readTree(machine.path("/usr/share/doc/patron-vault/patron-vault.cdx.json")
                .toFile());
        assertThat(parts.path("components"))
                .hasSizeGreaterThan(80)
                .as("what is unpacked and not a jar in the jar, too")
                .anySatisfy(
                        one -> assertThat(one.path("purl").asText()).startsWith("pkg:maven/org.webjars.npm/htmx.org@"));
        assertDocuments();

        String pid = pid(VAULT);
        String witness = pid(WITNESS);
        machine.run(0, "sed -i 's/^#PATRON_VAULT_JAVA_OPTS/PATRON_VAULT_JAVA_OPTS/' /etc/default/patron-vault");
        machine.run(
                0,
                "dpkg-deb --raw-extract patron-vault.deb newer && sed -i 's/^Version: .*/&+1/' newer/DEBIAN/control"
                        + " && dpkg-deb --build -Znone newer newer.deb && apt-get install -y -q ./newer.deb");
        assertThat(machine.run(0, "dpkg-query --show --showformat '${Version}' patron-vault"))
                .endsWith("+1");
        machine.run(0, "test /var/cache/patron-vault/classes.jsa -nt newer.deb");
        assertThat(pid(VAULT)).as("it runs on, and is not sealed").isEqualTo(pid);
        assertThat(pid(WITNESS)).as("nobody has to open it").isNotEqualTo(witness);
        assertThat(curl("/health/ready")).contains("\"sealed\":false");

        machine.run(
                0,
                "sed -i 's/^Version: .*/&+2/' newer/DEBIAN/control && echo '# Newer.' >> newer/etc/default/patron-vault"
                        + " && dpkg-deb --build -Znone newer patron-vault.deb");
        List<String> upgrade = guide("upgrade.md");
        assertThat(upgrade).hasSize(2);
        type(upgrade.get(0));
        type(upgrade.get(1).replace("NAME", "cus"), "Passphrase: ", PASSPHRASE, "Password of cus: ", KIMS);
        assertThat(machine.run(0, "dpkg-query --show --showformat '${Version}' patron-vault"))
                .endsWith("+2");
        machine.run(0, "test -e /etc/default/patron-vault.dpkg-dist");
        assertThat(curl("/health/ready")).contains("\"sealed\":false");

        machine.run(0, "apt-get remove -y -q patron-vault");
        machine.run(
                0,
                "! systemctl is-active --quiet patron-vault patron-vault-witness patron-vault-doctor.timer"
                        + " && ! test -e /usr/bin/patron-vault");
        machine.run(0, "apt-get purge -y -q patron-vault");
        machine.run(
                0,
                "test -s /var/lib/patron-vault/home/data/vault.db && test -s /var/lib/patron-vault/home/keys/ring.json"
                        + " && test -s /var/lib/patron-vault-witness/witness.key");
    }

    /** They came through the packaging: the page to print, and the settings as this vault began with them. */
    private void assertDocuments() throws IOException {
        Path documents = machine.path("/usr/share/doc/patron-vault");
        Path home = machine.path("/var/lib/patron-vault/home");
        for (String document :
                List.of("README.md", "SECURITY.md", "install.md", "while-down.html", "alert-rules.yml")) {
            assertThat(documents.resolve(document)).isNotEmptyFile();
        }
        assertThat(Files.readString(home.resolve("vault.yaml")))
                .startsWith(Files.readString(documents.resolve("examples/vault.yaml")));
        assertThat(documents.resolve("examples/policy.yaml")).hasSameTextualContentAs(home.resolve("policy.yaml"));
    }

    /** Whoever has the package has the text of every licence in it, and the name of who asks to be named. */
    private void assertLicences() throws IOException {
        Path documents = machine.path("/usr/share/doc/patron-vault");
        List<String> paragraphs =
                List.of(Files.readString(documents.resolve("copyright")).split("\n\n"));
        List<MatchResult> libraries = THIRD_PARTY
                .matcher(Files.readString(documents.resolve("third-party.txt")))
                .results()
                .toList();
        assertThat(libraries)
                .hasSizeGreaterThan(80)
                .extracting(library -> library.group(3))
                .contains("htmx.org");
        for (MatchResult library : libraries) {
            // Of several it is the one that third-party.txt may be had under; these two ask for no name.
            if (library.group(1).matches(".*\\((Apache-2.0|EPL-2.0)\\).*")) {
                continue;
            }
            String licence = library.group(1).replaceAll("[()]", "").strip();
            assertThat(paragraphs)
                    .as(library.group())
                    .anySatisfy(paragraph -> assertThat(paragraph)
                            .matches("(?s)Files: (\\Q%s:%s\\E|\\Q%1$s\\E:\\*)\n.*Copyright: .*\nLicense: \\Q%s\\E"
                                    .formatted(library.group(2), library.group(3), licence)));
            assertThat(documents.resolve("licenses").resolve(licence + ".txt")).isNotEmptyFile();
        }
        assertThat(documents.resolve("licenses/EPL-2.0.txt")).isNotEmptyFile();
    }

    /** What the service may and may not, and that it is another once it was sealed. */
    private void assertService() throws IOException {
        assertThat(machine.run(
                        0,
                        "systemd-analyze verify patron-vault.service patron-vault-witness.service patron-vault-doctor.service"
                                + " patron-vault-doctor.timer"))
                .isEmpty();
        machine.run(
                0,
                "systemd-analyze security --threshold=20 --no-pager patron-vault patron-vault-witness"
                        + " patron-vault-doctor");
        String pid = pid(VAULT);
        assertThat(machine.run(0, "cat /proc/" + pid + "/status"))
                .containsPattern("NoNewPrivs:\\s+1")
                .containsPattern("Seccomp:\\s+2")
                .containsPattern("CapBnd:\\s+0000000000000000")
                .containsPattern("Umask:\\s+0077");
        assertThat(machine.run(0, "cat /proc/" + pid + "/limits")).containsPattern("Max core file size\\s+0\\s+0");
        assertThat(machine.run(0, "cat /proc/" + pid + "/maps")).contains("classes.jsa");
        assertThat(machine.run(0, "tr '\\0' ' ' < /proc/" + pid + "/cmdline"))
                .contains("-XX:+DisableAttachMechanism", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null");
        assertSeesNoHomeAndIsNotSwapped(pid);
        assertThat(machine.run(0, "find /var/lib/patron-vault ! -user patron-vault -o -perm /077 ! -type l"))
                .isEmpty();

        // What runs in the vault is nothing that the vault can write.
        assertThat(machine.run(
                        0, "find /var/cache/patron-vault /usr/share/patron-vault -user patron-vault -o -perm /022"))
                .isEmpty();

        // What it would write into its own /tmp nobody would find.
        assertThat(type("! patron-vault backup /tmp/first --as cus", "Password of cus: ", KIMS))
                .contains("a /tmp of its own");
        assertThat(type("patron-vault backup /var/lib/patron-vault/first --as cus", "Password of cus: ", KIMS))
                .contains("written and proved");
        assertThat(machine.run(0, "cd / && patron-vault doctor || true"))
                .containsPattern("backup +The last proved backup");

        type("patron-vault seal --as cus", "Password of cus: ", KIMS);
        machine.run(
                0,
                "until new=$(systemctl show --value --property MainPID patron-vault); [ $new -gt 1 ] && [ $new != "
                        + pid + " ] && systemctl is-active --quiet patron-vault; do sleep 0.2; done");
        assertThat(curl("/health/ready")).contains("\"sealed\":true");
        assertThat(curl("/unseal")).contains("assphrase");
        assertDoctorMails();
        type("patron-vault unseal", "Passphrase: ", PASSPHRASE);
        assertThat(submit("/", "/sign-in", "username=kim", "password=" + KIMS)).contains("Find a patron");

        String settings = "/var/lib/patron-vault/home/vault.yaml";
        String key = startWitness();
        machine.run(
                0,
                "echo \"log: {witnesses: [{url: 'http://127.0.0.1:8090', key: '" + key + "'}]}\" >> " + settings
                        + " && cp -p " + settings + " /root/ && echo 'http: {' >> " + settings);
        assertThat(machine.run(
                        0, "timeout 60 systemctl restart patron-vault && echo started || [ $? != 124 ] && echo failed"))
                .as("a start that fails says so, and does not wait for ever")
                .endsWith("failed\n");
        machine.run(0, "cat /root/vault.yaml > " + settings + " && systemctl restart patron-vault");
        type("patron-vault unseal", "Passphrase: ", PASSPHRASE);
        machine.run(
                0,
                "timeout 60 sh -c 'until grep witness.example.net/w1 /var/lib/patron-vault/home/published/checkpoint;"
                        + " do sleep 0.2; done'");
    }

    /** Under the confinement of its unit, into a file here; MailIT sends to a mail server. */
    private void assertDoctorMails() {
        machine.run(0, "apt-get install -y -q --no-install-recommends curl");
        machine.run(0, "echo PATRON_VAULT_MAIL_TO=it@library.example >> /etc/default/patron-vault");
        machine.run(
                0,
                "printf 'url = \"file:///var/lib/patron-vault/mailed\"\\nmail-from = \"vault@library.example\"\\n'"
                        + " | install -m 0640 -g patron-vault /dev/stdin /etc/patron-vault/mail");
        machine.run(0, "systemctl enable --now patron-vault-doctor.timer && systemctl start patron-vault-doctor");
        assertThat(machine.run(0, "cat /var/lib/patron-vault/mailed"))
                .contains("To: it@library.example", "note  sealed");
        assertThat(machine.run(0, "systemctl list-timers patron-vault-doctor.timer"))
                .contains("patron-vault-doctor.service");
        machine.run(0, "rm /var/lib/patron-vault/mailed");
    }

    /** What the kernel holds it to, and not what its unit says. */
    private void assertSeesNoHomeAndIsNotSwapped(String pid) {
        // Without the controller of memory, as in a container that has none handed down, there is no such file.
        assertThat(machine.run(
                        0,
                        "swap=/sys/fs/cgroup$(systemctl show --value --property ControlGroup patron-vault)/memory.swap.max;"
                                + " ! test -e $swap || cat $swap"))
                .isIn("", "0\n");
        assertThat(machine.run(0, "systemctl show --value --property MemorySwapMax patron-vault patron-vault-witness"))
                .isEqualTo("0\n\n0\n");
        String look = "setpriv --reuid=patron-vault --regid=patron-vault --clear-groups ls /home";
        machine.run(0, "install -d -m 0755 /home/somebody");
        assertThat(machine.run(0, look)).isEqualTo("somebody\n");
        assertThat(machine.run(0, "! nsenter --target " + pid + " --mount " + look + " 2>&1"))
                .contains("Permission denied");
    }

    /** The guide to the witness, followed on the same machine, though it is for another; gives the key that it prints. */
    private String startWitness() throws IOException {
        machine.run(0, "cp /var/lib/patron-vault/home/published/log.vkey /root/");
        List<String> steps = guide("witness.md");
        assertThat(steps).hasSize(1);
        Matcher key = Pattern.compile("witness\\.example\\.net/w1\\+\\S+").matcher(type(steps.get(0)));
        assertThat(key.find()).isTrue();
        assertThat(machine.run(0, "systemctl is-enabled patron-vault-witness")).isEqualToIgnoringNewLines("enabled");
        assertThat(machine.run(0, "find /var/lib/patron-vault-witness ! -user patron-vault -o -perm /077"))
                .isEmpty();
        return key.group();
    }

    private String pid(String service) {
        return machine.run(0, "systemctl show --value --property MainPID " + service)
                .strip();
    }
}
