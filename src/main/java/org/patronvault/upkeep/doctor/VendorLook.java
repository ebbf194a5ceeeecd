package org.patronvault.upkeep.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.patronvault.access.client.Clients;
import org.patronvault.access.watch.PolicyWatch;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.privacy.entitlement.PinSettings;
import org.patronvault.upkeep.backup.SecretFile;

/**
 * The doctor's check of SIP2 accounts, the PIN service, and vendors with many requests. It reads rows without verifying
 * their MACs, so nothing is decided by it. It shows no password and tries no PIN.
 */
public final class VendorLook implements Doctor.Look {
    private static final String SIP2 = "sip2";
    private static final String PINS = "pins";
    private static final int SHORT_BYTES = 12;

    /** A gateway account in vault.yaml. */
    public record Account(String login, String client, String service, Path passwordFile) {}

    /**
     * The vendor settings in vault.yaml.
     *
     * @param accounts empty without a gateway
     */
    public record Said(List<Account> accounts, PinSettings pins) {}

    private final Supplier<StoreSettings> settings;
    private final Supplier<Policy> policy;
    private final Supplier<Said> said;
    private final Runnable gateway;
    private final Supplier<Set<String>> halfUsed;

    /**
     * Creates the check of a home.
     *
     * @param policy reads policy.yaml, for a home without an approved policy
     * @param said reads vault.yaml, and throws Refused if it is wrong
     * @param gateway builds the gateway's start settings, and throws Refused if they are wrong
     * @param halfUsed clients of a running server that reached half of their entitlement checks a minute
     */
    public VendorLook(
            Supplier<StoreSettings> settings,
            Supplier<Policy> policy,
            Supplier<Said> said,
            Runnable gateway,
            Supplier<Set<String>> halfUsed) {
        this.settings = settings;
        this.policy = policy;
        this.said = said;
        this.gateway = gateway;
        this.halfUsed = halfUsed;
    }

    /** Returns the lines of these checks, or none. */
    @Override
    public List<Doctor.Line> look() {
        List<Doctor.Line> lines = new ArrayList<>();
        Set<String> often = halfUsed.get();
        if (!often.isEmpty()) {
            lines.add(new Doctor.Line(
                    "checks",
                    Doctor.Verdict.NOTE,
                    "These clients used half of their entitlement checks a minute within the last day: "
                            + String.join(", ", often) + ". Ask the vendor why, or give the client more with `client"
                            + " change NAME --checks N`."));
        }
        Said wanted;
        try {
            wanted = said.get();
        } catch (Refused e) {
            // The line of the settings reports it.
            return lines;
        }
        if (!wanted.accounts().isEmpty()) {
            lines.addAll(accounts(wanted.accounts()));
        }
        pins(wanted.pins()).ifPresent(lines::add);
        return lines;
    }

    private List<Doctor.Line> accounts(List<Account> accounts) {
        try (Store store = Store.openToRead(settings.get())) {
            Map<String, Clients.UnverifiedClient> clients = store.read(Clients::written).stream()
                    .collect(Collectors.toMap(Clients.UnverifiedClient::name, Function.identity()));
            Policy inForce =
                    store.read(PolicyWatch::unprovenText).map(PolicyFile::parse).orElseGet(policy);
            List<Doctor.Line> wrong = accounts.stream()
                    .flatMap(account -> wrong(account, clients, inForce).stream()
                            .map(says -> new Doctor.Line(
                                    SIP2, Doctor.Verdict.WRONG, "Account " + account.login() + ": " + says)))
                    .toList();
            return wrong.isEmpty()
                    ? List.of(refused()
                            .orElseGet(() -> new Doctor.Line(
                                    SIP2,
                                    Doctor.Verdict.FINE,
                                    accounts.size() + (accounts.size() == 1 ? " account asks" : " accounts ask")
                                            + " as clients there are, about services the policy has.")))
                    : wrong;
        } catch (Refused | StoreException | IntegrityException e) {
            return List.of(new Doctor.Line(
                    SIP2, Doctor.Verdict.WRONG, "It cannot be looked at; see settings, policy and database."));
        }
    }

    /** Returns any other reason for which the service would not start. */
    private Optional<Doctor.Line> refused() {
        try {
            gateway.run();
            return Optional.empty();
        } catch (Refused e) {
            return Optional.of(new Doctor.Line(SIP2, Doctor.Verdict.WRONG, e.getMessage()));
        }
    }

    private static List<String> wrong(Account account, Map<String, Clients.UnverifiedClient> clients, Policy policy) {
        List<String> wrong = new ArrayList<>();
        Clients.UnverifiedClient client = clients.get(account.client());
        if (client == null) {
            wrong.add(
                    "there is no client " + account.client() + ", or it was ended, so nobody can sign in: `client add "
                            + "NAME --scope entitlement` makes one.");
        } else if (!policy.fields().allows(client.caller(), Permission.ENTITLEMENT)) {
            wrong.add(
                    "client " + account.client() + " has no scope that may ask whether somebody is entitled, so nobody"
                            + " can sign in: give it --scope entitlement.");
        }
        if (policy.service(account.service()).isEmpty()) {
            wrong.add("policy.yaml has no service " + account.service() + ", so nobody is entitled: add it under"
                    + " services.");
        } else if (!policy.service(account.service()).get().isFor(account.client())) {
            wrong.add("policy.yaml does not have client " + account.client() + " among those that may ask about "
                    + account.service() + ".");
        }
        Optional<String> fault = SecretFile.fault(account.passwordFile());
        if (fault.isPresent()) {
            wrong.add("its passwordFile" + fault.get());
        } else if (account.passwordFile().toFile().length() < SHORT_BYTES) {
            wrong.add("its password is short; `openssl rand -hex 16` makes one that nobody guesses.");
        }
        return wrong;
    }

    private static Optional<Doctor.Line> pins(PinSettings pins) {
        if (pins.url().isEmpty() && pins.command().isEmpty()) {
            return Optional.empty();
        }
        if (!pins.command().isEmpty() && !Doctor.isProgram(pins.command().get(0))) {
            return Optional.of(
                    new Doctor.Line(PINS, Doctor.Verdict.WRONG, "pins.command names no program that can be run."));
        }
        Optional<String> fault = pins.tokenFile().flatMap(SecretFile::fault);
        if (fault.isPresent()) {
            return Optional.of(new Doctor.Line(PINS, Doctor.Verdict.WRONG, "pins.tokenFile" + fault.get()));
        }
        return Optional.of(new Doctor.Line(
                PINS,
                Doctor.Verdict.FINE,
                pins.url().isPresent() ? "They are asked of pins.url." : "They are asked of a program."));
    }
}
