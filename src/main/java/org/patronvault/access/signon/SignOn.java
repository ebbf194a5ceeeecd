package org.patronvault.access.signon;

import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.access.account.Lockouts;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.access.account.StaffAccount;
import org.patronvault.access.session.Sessions;
import org.patronvault.access.signon.SignOnRefused.Reason;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.keys.KeyCustody;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.Decision;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.CurrentPolicy;
import org.patronvault.core.store.Store;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sign-on by an identity provider ({@code sign-on.md}). A person who comes back from the provider gets the account that
 * is bound to their identity there. The account has the roles that the policy maps their groups to, and no powerful
 * role. Each sign-on is in the log, granted or refused. Thread-safe.
 */
public final class SignOn {
    /** The subject of a sign-in's log entry if a provider was asked. */
    public static final String HOW = "sign-on";

    /** The longest time from redirect to return. */
    public static final int LONGEST_SECONDS = SignOnAttempt.LONGEST_SECONDS;

    private static final Logger LOG = LoggerFactory.getLogger(SignOn.class);

    /** The parts it needs; all of one vault. */
    public record Parts(
            Store store,
            AuditLog log,
            Lockouts lockouts,
            Sessions sessions,
            CurrentPolicy policy,
            KeyCustody custody,
            Clock clock) {}

    /** The cookie for the browser, and the URL it is sent to. */
    public record Redirect(String cookie, URI provider) {
        @Override
        public String toString() {
            return "[REDACTED]";
        }
    }

    private final Parts parts;
    private final AuditLog log;
    private final SignOnAccounts accounts;
    private volatile Optional<OpenIdProvider> provider = Optional.empty();

    public SignOn(Parts parts, SignOnAccounts accounts) {
        this.parts = parts;
        this.accounts = accounts;
        this.log = parts.log();
    }

    /** Sets the provider. */
    public void use(OpenIdProvider named) {
        provider = Optional.of(named);
    }

    /** Returns the name of the account there; empty if sign-on is off. */
    public Optional<String> name() {
        return provider.map(OpenIdProvider::name);
    }

    /** Returns the accounts of people who sign on. */
    public SignOnAccounts accounts() {
        return accounts;
    }

    private OpenIdProvider provider() {
        return provider.orElseThrow(() -> new Refused(
                Problem.NOT_FOUND, "Nobody signs on by a provider here: vault.yaml names none under signOn."));
    }

    /** Begins a sign-on. */
    public Redirect begin(SignInOrigin origin) {
        OpenIdProvider asked = provider();
        parts.store().read(tx -> {
            parts.lockouts().requireOpen(tx, origin);
            return origin;
        });
        SignOnAttempt attempt = SignOnAttempt.begin(key(), parts.clock().instant());
        try {
            return new Redirect(attempt.cookie(), asked.address(attempt));
        } catch (SignOnRefused e) {
            throw refused(e, origin);
        }
    }

    private Prf key() {
        return parts.custody().keys().fingerprints().newest();
    }

    /**
     * Signs on a person who came back from the provider.
     *
     * @param cookie the cookie from {@link #begin}
     * @param answer the parameters that the provider had the browser bring
     * @param origin where the browser is
     */
    public Sessions.NewSession finish(Optional<String> cookie, Map<String, List<String>> answer, SignInOrigin origin) {
        OpenIdProvider asked = provider();
        parts.store().read(tx -> {
            parts.lockouts().requireOpen(tx, origin);
            return origin;
        });
        List<String> state = answer.getOrDefault("state", List.of());
        SignOnAttempt attempt = SignOnAttempt.of(key(), cookie, parts.clock().instant())
                .filter(begun -> state.size() == 1 && begun.hasState(state.get(0)))
                .orElseThrow(() -> log.refuse(
                        attempt(Actor.NOBODY),
                        new Refused(
                                Problem.INVALID_CREDENTIALS,
                                "No sign-on was begun in this browser, or too long ago; begin again.")));
        try {
            return begin(asked.identify(attempt, answer, parts.clock().instant()));
        } catch (SignOnRefused e) {
            if (e.why() == Reason.UNREACHABLE) {
                LOG.warn("A sign-on could not be finished, since the provider cannot be reached: {}.", e.getMessage());
            }
            throw refused(e, origin);
        }
    }

    private AccessEvent attempt(Actor by) {
        return log.event(by, ActKind.SIGN_IN, Outcome.FAILED, AuditLog.newRequest())
                .about(HOW);
    }

    /** Logs the refusal, unless nobody tried anything. Warns the operator if the person cannot solve it. */
    private Refused refused(SignOnRefused e, SignInOrigin origin) {
        if (e.why() == Reason.UNREACHABLE) {
            return new Refused(Problem.VERIFIER_UNAVAILABLE, e.why().sentence(), 5);
        }
        if (e.why() == Reason.TOKEN || e.why() == Reason.CLIENT) {
            LOG.warn("A sign-on is refused: {}.", e.getMessage());
        }
        Refused refused = new Refused(Problem.INVALID_CREDENTIALS, e.why().sentence());
        return e.why() == Reason.CODE ? counted(refused, origin) : log.refuse(attempt(Actor.NOBODY), refused);
    }

    /** Counts a wrong try from that network, and throws the refusal: codes can be guessed like passwords. */
    private Refused counted(Refused refused, SignInOrigin origin) {
        AccessEvent failed = attempt(Actor.NOBODY);
        return log.call(failed, now -> {
            boolean alerts = parts.lockouts().wrong(now.tx(), origin);
            return Decision.<Refused>refusing(refused, failed).alerting(alerts ? Set.of(Alert.LOCKED_OUT) : Set.of());
        });
    }

    private Sessions.NewSession begin(SignOnIdentity identity) {
        SignOnAccounts.AccountMatch found = accounts.find(identity);
        Actor actor = found.account()
                .map(account -> new Actor(Actor.Kind.STAFF, found.name(), "", account.library()))
                .orElse(Actor.NOBODY);
        if (found.refused().isPresent()) {
            throw log.refuse(attempt(actor), found.refused().get());
        }
        StaffAccount account = found.account().orElseThrow();
        SignIn.Identity proven = new SignIn.Identity(
                found.name(),
                account.library(),
                account.roles(),
                account.epoch(),
                false,
                identity.secondFactor(),
                true);
        // The first role that the person may act in with the factors they proved.
        String role = account.roles().stream()
                .filter(one -> proven.mayAct(one, parts.policy().now()))
                .findFirst()
                .orElseThrow(() -> log.refuse(
                        attempt(actor),
                        new Refused(
                                Problem.SECOND_FACTOR_REQUIRED,
                                "Your role needs a second factor, and the provider did not ask you for one.")));
        return parts.sessions().begin(proven, Optional.of(role));
    }
}
