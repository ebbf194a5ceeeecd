package org.patronvault.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.patronvault.access.alert.AlertSettings;
import org.patronvault.access.posted.Placeholders;
import org.patronvault.access.signon.OpenIdSettings;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.patron.Patrons;
import org.patronvault.web.http.Proxies;

/**
 * The settings in {@code vault.yaml}, with defaults.
 *
 * @param database the patrons' database
 * @param proxies whose X-Forwarded-For is trusted
 * @param tls the TLS files as written, or empty
 * @param publicUrl address of the public pages for patrons, without a final slash, or empty
 * @param hosts the vault's own host names, with those of its addresses
 * @param areaCodes tried for telephone numbers without one, the commonest first
 * @param rotateAfterDays the age at which the vault rotates a key automatically, 0 for never
 * @param destroyWaitDays days between the approval to destroy a key and its destruction
 * @param checkDays days between automatic sweeps of the store, 0 for never
 * @param backup the automatic backups
 * @param alerts the receivers of alerts, paths as written
 * @param vendors how vendors connect
 * @param log the holders of checkpoints outside
 * @param placeholders values for the posted policy
 * @param signOn the provider of staff sign-on, paths as written, or empty
 * @param hsmPinFile the file with the PIN of HSM slots as written, or empty
 * @param written the whole file without comments
 */
public record Settings(
        DatabaseSettings database,
        String host,
        int port,
        Proxies proxies,
        Optional<TlsSetting> tls,
        Optional<String> publicUrl,
        Set<String> hosts,
        String phoneRegion,
        List<String> areaCodes,
        boolean cardCheck,
        int rotateAfterDays,
        int destroyWaitDays,
        int checkDays,
        BackupSettings backup,
        AlertSettings alerts,
        LogSettings log,
        VendorSettings vendors,
        Placeholders placeholders,
        Optional<OpenIdSettings> signOn,
        String hsmPinFile,
        String written) {
    static final ObjectMapper YAML = new ObjectMapper(YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());
    private static final int MAX_AREA_CODES = 20;
    private static final int MAX_PLACEHOLDER = 200;
    private static final String POLICY = "policy";
    private static final String SIGN_ON = "signOn";
    /** The known settings by group. */
    static final Map<String, Set<String>> MEMBERS = Map.ofEntries(
            Map.entry(
                    "",
                    Set.of(
                            DatabaseSettings.URL,
                            DatabaseSettings.PASSWORD_FILE,
                            "readers",
                            "http",
                            "phones",
                            "cards",
                            "keys",
                            "unseal",
                            "alerts",
                            "log",
                            "check",
                            "backup",
                            "pins",
                            "sip2",
                            SIGN_ON,
                            POLICY)),
            Map.entry(POLICY, Set.copyOf(Placeholders.NAMES)),
            Map.entry("log", LogSettings.MEMBERS),
            Map.entry(SIGN_ON, SignOnSettings.MEMBERS),
            Map.entry("pins", VendorSettings.PINS),
            Map.entry("sip2", VendorSettings.SIP2),
            Map.entry("sip2.accounts", VendorSettings.ACCOUNTS),
            Map.entry("check", Set.of("every")),
            Map.entry("backup", BackupSettings.MEMBERS),
            Map.entry("log.witnesses", Set.of("url", "key")),
            Map.entry("keys", Set.of("rotateAfter", "destroyWait")),
            Map.entry("unseal", Set.of("hsmPinFile")),
            Map.entry("alerts", Set.of("webhook", "tokenFile", "command")),
            Map.entry("http", Set.of("host", "port", "tlsCert", "tlsKey", "proxies", "publicUrl", "hosts")),
            Map.entry("phones", Set.of("region", "areaCodes")),
            Map.entry("cards", Set.of("check")));

    /** Reads the settings of a home. */
    public static Settings read(Home home) {
        JsonNode root;
        try {
            root = YAML.readTree(Files.readAllBytes(home.settings()));
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            // For example after lines of a guide were appended to a file with that group.
            boolean twice = e.getOriginalMessage().startsWith("Duplicate");
            throw wrong((twice ? "names something twice: put all of it under one" : "is not YAML") + " (line " + line
                    + ")");
        } catch (IOException e) {
            throw wrong("cannot be read");
        }
        JsonNode settings = root == null ? MissingNode.getInstance() : root;
        requireMembers(settings, "");
        for (String group : MEMBERS.keySet()) {
            if (!group.isEmpty() && !group.contains(".")) {
                requireMembers(settings.path(group), group);
            }
        }
        Optional<String> publicUrl = WebAddress.publicUrl(settings.path("http"));
        Optional<OpenIdSettings> signOn = SignOnSettings.read(settings.path(SIGN_ON), publicUrl);
        return new Settings(
                DatabaseSettings.read(settings),
                text(settings.path("http"), "host").orElse("127.0.0.1"),
                number(settings.path("http").path("port"), 8080, 0, 65_535, "http.port"),
                new Proxies(texts(settings.path("http").path("proxies"), "http.proxies")),
                TlsSetting.read(settings.path("http"), "http"),
                publicUrl,
                WebAddress.hosts(settings.path("http"), publicUrl, signOn),
                region(text(settings.path("phones"), "region").orElse("US")),
                areaCodes(texts(settings.path("phones").path("areaCodes"), "phones.areaCodes")),
                flag(settings.path("cards").path("check"), "cards.check"),
                number(settings.path("keys").path("rotateAfter"), 30, 0, 3_650, "keys.rotateAfter"),
                number(settings.path("keys").path("destroyWait"), 7, 0, 365, "keys.destroyWait"),
                number(settings.path("check").path("every"), 1, 0, 365, "check.every"),
                BackupSettings.read(settings.path("backup")),
                alerts(settings.path("alerts")),
                LogSettings.read(settings.path("log")),
                VendorSettings.read(settings),
                placeholders(settings.path(POLICY)),
                signOn,
                text(settings.path("unseal"), "hsmPinFile").orElse(""),
                settings.toString());
    }

    /** The settings of the patron use cases. Without automatic rotation there is no erasure horizon. */
    Patrons.Rules patrons() {
        return new Patrons.Rules(
                phoneRegion,
                areaCodes,
                cardCheck,
                rotateAfterDays == 0 ? OptionalInt.empty() : OptionalInt.of(rotateAfterDays + destroyWaitDays));
    }

    private static AlertSettings alerts(JsonNode node) {
        List<String> command = program(node.path("command"), "alerts.command");
        Optional<URI> webhook = text(node, "webhook").map(text -> WebAddress.of(text, "alerts.webhook"));
        return new AlertSettings(webhook, text(node, "tokenFile").map(Path::of), command, Path.of(""));
    }

    private static Placeholders placeholders(JsonNode node) {
        Map<String, String> words = new HashMap<>();
        node.properties().forEach(word -> words.put(word.getKey(), placeholder(word.getKey(), word.getValue())));
        return new Placeholders(words);
    }

    /** One line, because it is part of a sentence. */
    private static String placeholder(String name, JsonNode word) {
        String text = word.asText("").strip();
        boolean isLine =
                text.codePoints().noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT);
        if (!word.isTextual() || text.isEmpty() || text.length() > MAX_PLACEHOLDER || !isLine) {
            throw wrong("must give policy." + name + " as one line of 1 to " + MAX_PLACEHOLDER + " characters");
        }
        return text;
    }

    static Optional<String> text(JsonNode node, String member) {
        JsonNode said = node.path(member);
        if (!said.isTextual() && !said.isMissingNode() && !said.isNull()) {
            throw wrong("must give " + member + " as text, in quotes if need be");
        }
        return Optional.ofNullable(said.textValue());
    }

    static List<String> program(JsonNode words, String name) {
        List<String> program = new ArrayList<>();
        words.forEach(word -> program.add(word.asText()));
        if (!words.isMissingNode() && (!words.isArray() || program.isEmpty() || program.contains(""))) {
            throw wrong("must give " + name + " as a list: a program and its arguments");
        }
        return program;
    }

    /**
     * The receivers of alerts, with relative paths resolved in the home. A program without a slash is searched on the
     * PATH.
     */
    public AlertSettings alertsOf(Home home) {
        return new AlertSettings(
                alerts.webhook(),
                alerts.tokenFile().map(file -> absolute(home, file)),
                programOf(home, alerts.command()),
                home.directory().toAbsolutePath());
    }

    static List<String> programOf(Home home, List<String> words) {
        List<String> program = new ArrayList<>(words);
        if (!program.isEmpty() && program.get(0).contains("/")) {
            program.set(0, absolute(home, Path.of(program.get(0))).toString());
        }
        return program;
    }

    /** The provider of staff sign-on, if any, with relative paths resolved in the home. */
    public Optional<OpenIdSettings> signOnOf(Home home) {
        return signOn.map(named -> named.withSecretFile(absolute(home, named.secretFile())));
    }

    /** The file with the PIN of HSM slots, if any, with relative paths resolved in the home. */
    public Optional<Path> hsmPinFile(Home home) {
        return hsmPinFile.isEmpty() ? Optional.empty() : Optional.of(absolute(home, Path.of(hsmPinFile)));
    }

    static Path absolute(Home home, Path path) {
        return home.directory().resolve(path).toAbsolutePath().normalize();
    }

    static Refused wrong(String what) {
        return new Refused(Problem.INVALID, "vault.yaml " + what + ".");
    }

    static void requireMembers(JsonNode node, String group) {
        if (node.isMissingNode() || node.isNull()) {
            return;
        }
        if (!node.isObject()) {
            throw wrong(group.isEmpty() ? "has no settings" : group + " has no members");
        }
        node.fieldNames().forEachRemaining(name -> {
            if (!MEMBERS.get(group).contains(name)) {
                throw wrong("has a setting it does not know " + (group.isEmpty() ? "at the top" : "under " + group)
                        + "; there are " + String.join(", ", new TreeSet<>(MEMBERS.get(group))));
            }
        });
    }

    static int number(JsonNode node, int absent, int min, int max, String name) {
        if (node.isMissingNode()) {
            return absent;
        }
        if (!node.isInt() || node.asInt() < min || node.asInt() > max) {
            throw wrong("must give " + name + " as a number from " + min + " to " + max);
        }
        return node.asInt();
    }

    static List<String> texts(JsonNode node, String name) {
        List<String> texts = new ArrayList<>();
        node.forEach(one -> texts.add(one.asText()));
        if (!node.isMissingNode() && !node.isArray()) {
            throw wrong("must give " + name + " as a list");
        }
        return texts;
    }

    static boolean flag(JsonNode node, String name) {
        if (!node.isMissingNode() && !node.isBoolean()) {
            throw wrong("must give " + name + " as true or false");
        }
        return node.asBoolean(false);
    }

    private static String region(String region) {
        if (!region.matches("[A-Z]{2}")) {
            throw wrong("must give phones.region as two capital letters");
        }
        return region;
    }

    /** Every search by such a number tries each code. */
    private static List<String> areaCodes(List<String> codes) {
        if (codes.size() > MAX_AREA_CODES || !codes.stream().allMatch(code -> code.matches("[1-9][0-9]{0,4}"))) {
            throw wrong("must give phones.areaCodes as a list of at most " + MAX_AREA_CODES
                    + " codes, such as [203, 475], without a leading 0");
        }
        return codes;
    }

    /**
     * The database's location: the home's override, or the one in vault.yaml. Relative paths are resolved in the home.
     */
    public StoreSettings store(Home home) {
        return home.databaseUrl().map(database::at).orElse(database).store(home);
    }
}
