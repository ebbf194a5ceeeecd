package org.patronvault.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.model.Sensitive;
import org.patronvault.privacy.entitlement.PinSettings;
import org.patronvault.sip2.Sip2Account;
import org.patronvault.sip2.Sip2Settings;
import org.patronvault.upkeep.doctor.TlsLook;
import org.patronvault.upkeep.doctor.VendorLook;
import org.patronvault.web.http.ServerTls;

/**
 * The settings in {@code vault.yaml} for vendors' connections, beside the policy. Paths are as written, relative to the
 * home.
 *
 * @param pins the service that checks PINs
 * @param sip2 the gateway, if there is one
 */
public record VendorSettings(PinSettings pins, Optional<Gateway> sip2) {
    static final Set<String> PINS = Set.of("url", "tokenFile", "command");

    static final Set<String> SIP2 =
            Set.of("host", "port", "tlsCert", "tlsKey", "connections", "institution", "accounts");

    static final Set<String> ACCOUNTS = Set.of(
            "login",
            "passwordFile",
            "client",
            "service",
            "charset",
            "terminator",
            "errorDetection",
            "refuse",
            "pin",
            "message");

    private static final int USUAL_PORT = 6001;
    private static final int USUAL_CONNECTIONS = 600;
    private static final int MOST_CONNECTIONS = 10_000;
    private static final int MOST_ACCOUNTS = 500;
    private static final String ASCII = "\t !\"#$%&'()*+,-./0123456789:;<=>?@ABCXYZ[\\]^_`abcxyz{|}~\r\n";

    /** {@link Sip2Settings} before its files are read. */
    record Gateway(
            String host,
            int port,
            Optional<TlsSetting> tls,
            int connections,
            String institution,
            List<Account> accounts) {}

    /** {@link Sip2Account} before its password is read. */
    record Account(Sip2Account withoutPassword, String passwordFile) {}

    static VendorSettings read(JsonNode root) {
        return new VendorSettings(
                pins(root.path("pins")),
                Optional.of(root.path("sip2")).filter(JsonNode::isObject).map(VendorSettings::gateway));
    }

    private static PinSettings pins(JsonNode node) {
        List<String> command = Settings.program(node.path("command"), "pins.command");
        Optional<URI> url = Settings.text(node, "url").map(text -> WebAddress.of(text, "pins.url"));
        if (url.isPresent() && !command.isEmpty()) {
            throw Settings.wrong("must give one of pins.url and pins.command, not both");
        }
        PinSettings pins = new PinSettings(url, Settings.text(node, "tokenFile").map(Path::of), command, Path.of(""));
        if (pins.isOpenToTheNetwork()) {
            throw Settings.wrong(
                    "gives a pins.url by which cards and PINs would leave this machine unencrypted; use https");
        }
        return pins;
    }

    private static Gateway gateway(JsonNode node) {
        JsonNode accounts = node.path("accounts");
        if (!accounts.isArray() || accounts.isEmpty() || accounts.size() > MOST_ACCOUNTS) {
            throw Settings.wrong("must give sip2.accounts as a list of 1 to " + MOST_ACCOUNTS);
        }
        List<Account> read = new ArrayList<>();
        Set<String> logins = new HashSet<>();
        accounts.forEach(one -> {
            Account account = account(one);
            if (!logins.add(account.withoutPassword().login())) {
                throw Settings.wrong("names a login of sip2.accounts twice");
            }
            read.add(account);
        });
        return new Gateway(
                Settings.text(node, "host").orElse("127.0.0.1"),
                Settings.number(node.path("port"), USUAL_PORT, 0, 65_535, "sip2.port"),
                TlsSetting.read(node, "sip2"),
                Settings.number(node.path("connections"), USUAL_CONNECTIONS, 1, MOST_CONNECTIONS, "sip2.connections"),
                fieldText(node, "institution", "sip2.institution"),
                read);
    }

    private static Account account(JsonNode node) {
        Settings.requireMembers(node, "sip2.accounts");
        return new Account(
                new Sip2Account(
                        required(node, "login"),
                        Sensitive.of(new byte[0]),
                        required(node, "client").toLowerCase(Locale.ROOT),
                        required(node, "service"),
                        charset(Settings.text(node, "charset").orElse("CP850")),
                        choice(node, "terminator", "CR", "CRLF"),
                        choice(node, "errorDetection", "optional", "required"),
                        choice(node, "refuse", "BLN", "BLY") ? Sip2Account.Refusal.BLY : Sip2Account.Refusal.BLN,
                        choice(node, "pin", "optional", "required"),
                        fieldText(node, "message", "the message of each of sip2.accounts")),
                required(node, "passwordFile"));
    }

    private static String required(JsonNode node, String member) {
        return Settings.text(node, member)
                .filter(text -> !text.isBlank())
                .orElseThrow(() -> Settings.wrong("must give the " + member + " of each of sip2.accounts"));
    }

    /** Whether the member says {@code second}. A missing member counts as {@code first}. */
    private static boolean choice(JsonNode node, String member, String first, String second) {
        String said = Settings.text(node, member).orElse(first);
        if (!said.equals(first) && !said.equals(second)) {
            throw Settings.wrong("must give the " + member + " of each of sip2.accounts as " + first + " or " + second);
        }
        return said.equals(second);
    }

    /** Returns a text that fits in a SIP2 field. */
    private static String fieldText(JsonNode node, String member, String name) {
        String text = Settings.text(node, member).orElse("");
        if (text.length() > 80 || text.chars().anyMatch(c -> c == '|' || Character.isISOControl(c))) {
            throw Settings.wrong("must give " + name + " as one line of at most 80 characters without |");
        }
        return text;
    }

    private static Charset charset(String name) {
        try {
            Charset charset = Charset.forName(name);
            if (charset.canEncode()
                    && (charset.equals(StandardCharsets.UTF_8)
                            || charset.newEncoder().maxBytesPerChar() <= 1)
                    && Arrays.equals(ASCII.getBytes(charset), ASCII.getBytes(StandardCharsets.US_ASCII))) {
                return charset;
            }
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            // The message below reports it.
        }
        throw Settings.wrong(
                "must give the charset of each of sip2.accounts as one in which ASCII is itself, such as CP850"
                        + " or UTF-8");
    }

    /** The service that checks PINs, with relative paths resolved in the home. */
    PinSettings pinsOf(Home home) {
        return new PinSettings(
                pins.url(),
                pins.tokenFile().map(file -> Settings.absolute(home, file)),
                Settings.programOf(home, pins.command()),
                home.directory().toAbsolutePath());
    }

    /** The gateway, with its files read. */
    public Optional<Sip2Settings> sip2Of(Home home) {
        return sip2.map(gateway -> new Sip2Settings(
                gateway.host(),
                gateway.port(),
                gateway.connections(),
                gateway.institution(),
                gateway.accounts().stream()
                        .map(account -> account(home, account))
                        .toList()));
    }

    /** The gateway's TLS settings, if it uses TLS itself. */
    public Optional<ServerTls> sip2TlsOf(Home home) {
        return sip2.flatMap(Gateway::tls).map(files -> files.of(home));
    }

    /** The doctor's facts about the gateway's TLS files. */
    Optional<TlsLook.Used> sip2TlsLook(Home home) {
        return sip2.flatMap(Gateway::tls).map(files -> TlsFiles.look(home, files.of(home)));
    }

    /** The doctor's facts about vendors. */
    VendorLook.Said look(Home home) {
        List<VendorLook.Account> accounts = sip2.stream()
                .flatMap(gateway -> gateway.accounts().stream())
                .map(account -> new VendorLook.Account(
                        account.withoutPassword().login(),
                        account.withoutPassword().client(),
                        account.withoutPassword().service(),
                        Settings.absolute(home, Path.of(account.passwordFile()))))
                .toList();
        return new VendorLook.Said(accounts, pinsOf(home));
    }

    private static Sip2Account account(Home home, Account account) {
        Sip2Account a = account.withoutPassword();
        String written;
        try {
            written = Files.readString(Settings.absolute(home, Path.of(account.passwordFile())), StandardCharsets.UTF_8)
                    .strip();
        } catch (IOException e) {
            throw Settings.wrong("names a passwordFile in sip2.accounts that cannot be read");
        }
        byte[] password = written.getBytes(a.charset());
        if (password.length == 0) {
            throw Settings.wrong("names a passwordFile in sip2.accounts that is empty");
        }
        if ((written + a.login()).chars().anyMatch(c -> c == '|' || Character.isISOControl(c))) {
            throw Settings.wrong("has an account under sip2.accounts whose login or password has a | or a control"
                    + " character, which SIP2 cannot send");
        }
        if (!new String(password, a.charset()).equals(written)
                || !a.charset().newEncoder().canEncode(a.login() + a.message())) {
            throw Settings.wrong("has an account under sip2.accounts with characters that its charset lacks");
        }
        return a.withPassword(password);
    }
}
