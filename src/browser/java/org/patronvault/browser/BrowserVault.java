package org.patronvault.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.patronvault.access.QuickAccess;
import org.patronvault.access.account.Accounts;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.app.Service;
import org.patronvault.app.VaultInstance;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.keys.share.Share;
import org.patronvault.core.keys.slot.SlotMaker;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Role;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.testing.OpenVault;
import org.patronvault.web.http.Proxies;
import org.patronvault.web.http.WebSettings;

/**
 * A vault of one test class, served in this process, with a person for each role and some patrons, and the windows in
 * which a test looks at it. A static field with {@code @RegisterExtension} in the class. After each test the windows are
 * closed, and it fails if {@link Watch} has seen something in one of them; how a window looked when a test failed is in
 * {@code target/screens/failed}.
 */
public final class BrowserVault implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
    /** Everybody's password. */
    public static final String PASSWORD = "a quiet reading room";

    /** User names and roles. */
    public static final Map<String, String> STAFF = staff();

    /** The card of Katherine O'Sullivan, who has everything on record: phone, e-mail, address, expiry. */
    public static final String CARD = "21234000004201";

    private static final Actor ADMIN = new Actor(Actor.Kind.STAFF, "root", "admin", "");

    private final List<Window> windows = new ArrayList<>();
    private Browser browser;
    private OpenVault vault;
    private Service service;
    private PatronId katherine;
    private final boolean signsOn;
    private Keycloak keycloak;
    private int port;

    /** Without a provider to sign on by. */
    public BrowserVault() {
        this(false);
    }

    private BrowserVault(boolean signsOn) {
        this.signsOn = signsOn;
    }

    /** With a Keycloak beside it, whose groups desk and heads are the roles circulation and supervisor. */
    static BrowserVault withKeycloak() {
        return new BrowserVault(true);
    }

    private static Map<String, String> staff() {
        Map<String, String> staff = new LinkedHashMap<>();
        staff.put("clerk", "circulation");
        staff.put("supervisor", "supervisor");
        staff.put("director", "director");
        staff.put("officer", "privacy-officer");
        staff.put("outreach", "outreach");
        staff.put("counsel", "counsel");
        staff.put("page", "page");
        staff.put("admin", "admin");
        staff.put("custodian-1", "custodian");
        staff.put("custodian-2", "custodian");
        return staff;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        browser = Chromium.of(context);
        vault = signsOn ? beside() : OpenVault.onSqlite();
        VaultInstance instance = vault.vault();
        // Passwords that cost little are believed as well as others.
        Accounts accounts = QuickAccess.of(
                        instance.store(),
                        instance.log(),
                        instance.custody(),
                        new CurrentPolicy(instance.access().policy()),
                        vault.clock(),
                        System::nanoTime)
                .accounts();
        STAFF.forEach((user, role) ->
                accounts.add(Approvals.Requester.alone(ADMIN), user, List.of(new Role(role)), "NC", PASSWORD));
        katherine = vault.register("'card':'" + CARD + "','name':{'family':'O\\u0027Sullivan','given':'Katherine',"
                + "'preferred':'Kat'},'phone':['203-555-0143','203-555-0199'],'email':['kat@example.org'],"
                + "'address':{'line1':'1437 South Elm St','city':'New Canaan','region':'CT','postalCode':'06840'},"
                + "'expires':'2029-01-31'");
        vault.register("'card':'21234000004219','name':{'family':'Alvarez','given':'Inés'},'phone':['203-555-0101']");
        vault.register("'card':'21234000004227','name':{'family':'Alvarez','given':'Tomás'},'expires':'2020-01-31'");
        vault.register("'card':'21234000004235','name':{'family':'Brandt','given':'Hedwig'}");
        vault.register("'card':'21234000004243','name':{'family':'Brand','given':'Hedwig'}");
        List.of("books-vendor", "films-vendor").forEach(vault::addVendor);
        serve();
    }

    /** Both know where the other is before it is there. */
    private OpenVault beside() {
        port = freePort();
        keycloak = Keycloak.start(address(), freePort());
        OpenVault open = OpenVault.under(new String(PolicyFile.defaultText(), StandardCharsets.UTF_8)
                .replace("signOn: {}", "signOn: {desk: [circulation], heads: [supervisor]}"));
        try {
            Path secret = open.home().directory().resolve("sign-on.secret");
            Files.writeString(secret, Keycloak.SECRET);
            Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
            Files.writeString(
                    open.home().settings(),
                    "\nhttp: {publicUrl: '" + address() + "'}\nsignOn: {issuer: '" + keycloak.issuer()
                            + "', clientId: patron-vault, clientSecretFile: sign-on.secret, name: the town account}\n",
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return open;
    }

    private static int freePort() {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve() {
        service = Service.start(
                vault.home(),
                vault.vault(),
                new WebSettings("127.0.0.1", port, Optional.empty(), false, OptionalInt.of(0), Proxies.NONE));
    }

    /** The vault behind the pages: registers patrons, reads the log, seals and unseals, moves the clock. */
    public OpenVault vault() {
        return vault;
    }

    /** Whose card {@link #CARD} is. */
    public PatronId katherine() {
        return katherine;
    }

    /** Where it is served, without a slash at the end. */
    public String address() {
        return "http://127.0.0.1:" + (service == null ? port : service.port());
    }

    /** Where the provider is that one can sign on by, without a slash at the end; empty if there is none. */
    Optional<String> provider() {
        return Optional.ofNullable(keycloak).map(Keycloak::origin);
    }

    /** Seals it, as a custodian does. */
    public void seal() {
        vault.vault().seal().seal(OpenVault.person("custodian"), AuditLog.newRequest());
    }

    /** Opens it again, if it is sealed. */
    public void unseal() {
        if (vault.vault().seal().isSealed()) {
            vault.unseal();
        }
    }

    /** Adds a slot that {@code threshold} of so many shares open; gives the words of each. */
    public List<String> cutShares(int count, int threshold) {
        try (SlotMaker maker = vault.vault().slots().more()) {
            List<Share> shares = maker.addShares(count, threshold);
            shares.forEach(share -> maker.prove(Share.parse(share.words())));
            Actor custodian = OpenVault.person("custodian").actor();
            vault.vault().slots().add(custodian, Optional.empty(), maker);
            return shares.stream().map(Share::words).toList();
        }
    }

    /** The token of a new session of a person of {@link #STAFF}, who has {@link #PASSWORD}. */
    public String session(String user) {
        return vault.vault()
                .access()
                .begin(user, PASSWORD, Optional.empty(), SignInOrigin.HOST)
                .token();
    }

    /** A window of somebody who is not signed in, with nothing in it yet. */
    public Window window() {
        Window window = new Window(this, browser);
        windows.add(window);
        return window;
    }

    /** A window of a person of {@link #STAFF}, signed in and at the desk. */
    public Window signedIn(String user) {
        return window().signIn(user);
    }

    /** The desk of a person of {@link #STAFF}, signed in. */
    public Desk desk(String user) {
        return new Desk(signedIn(user));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        List<String> faults = new ArrayList<>();
        List<Window> opened = List.copyOf(windows);
        windows.clear();
        for (Window window : opened) {
            if (context.getExecutionException().isPresent()) {
                String test = context.getRequiredTestClass().getSimpleName() + "."
                        + context.getRequiredTestMethod().getName() + "-" + opened.indexOf(window) + ".png";
                window.keep(Path.of("target/screens/failed", test));
            }
            faults.addAll(window.faults());
            window.close();
        }
        assertThat(faults).as("what must never happen in a window").isEmpty();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (service != null) {
            // And with it the vault.
            service.close();
            OpenVault.delete(vault.home().directory());
        } else if (vault != null) {
            vault.close();
        }
        if (keycloak != null) {
            keycloak.close();
        }
    }
}
