package org.patronvault.upkeep.doctor;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.access.signon.OpenIdProvider;
import org.patronvault.access.signon.OpenIdSettings;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Policy;
import org.patronvault.upkeep.backup.SecretFile;

/**
 * The doctor's check of single sign-on. It fetches the provider's discovery document and presents the client's secret,
 * but signs nobody on.
 */
public final class SignOnLook implements Doctor.Look {
    private static final String CHECK = "sign-on";

    private final Supplier<Optional<OpenIdSettings>> settings;
    private final Supplier<Policy> policy;

    /**
     * Creates the check of a home.
     *
     * @param settings reads vault.yaml, and throws Refused if it is wrong
     * @param policy reads policy.yaml, and throws Refused if it is wrong
     */
    public SignOnLook(Supplier<Optional<OpenIdSettings>> settings, Supplier<Policy> policy) {
        this.settings = settings;
        this.policy = policy;
    }

    /** Returns one line, or none without a provider. */
    @Override
    public List<Doctor.Line> look() {
        try {
            return settings.get().map(this::line).stream().toList();
        } catch (Refused e) {
            // The line of the settings reports it.
            return List.of();
        }
    }

    private Doctor.Line line(OpenIdSettings named) {
        Optional<String> file = SecretFile.fault(named.secretFile());
        if (file.isPresent()) {
            return wrong("signOn.clientSecretFile" + file.get());
        }
        Optional<OpenIdProvider.Fault> fault = new OpenIdProvider(named).fault();
        if (fault.isPresent()) {
            return wrong(
                    "The provider cannot be signed on by, since " + fault.get().says() + ": "
                            + (fault.get().ofClient()
                                    ? "compare signOn.clientId with the client there, and put the secret that it has now, which may"
                                            + " have ended, into the file that signOn.clientSecretFile names."
                                    : "open ISSUER/.well-known/openid-configuration in a browser here, and compare signOn.issuer"
                                            + " with what it says."));
        }
        try {
            if (policy.get().signOn().groups().isEmpty()) {
                return new Doctor.Line(
                        CHECK,
                        Doctor.Verdict.NOTE,
                        "The provider answers, but nobody gets a role: name its groups in policy.yaml under signOn.");
            }
            List<String> powers = policy.get().signOn().withPowers(policy.get());
            if (!powers.isEmpty()) {
                return new Doctor.Line(
                        CHECK,
                        Doctor.Verdict.NOTE,
                        "Whoever can put somebody into a group at the provider gives " + String.join(", ", powers)
                                + ", which may do what two people give otherwise: take it out of signOn in policy.yaml, and have"
                                + " it given by `staff grant`.");
            }
        } catch (Refused e) {
            return wrong("Its groups cannot be looked at; see policy.");
        }
        return new Doctor.Line(
                CHECK,
                Doctor.Verdict.FINE,
                "The provider answers and does not refuse this client, and sends desks back to " + named.callback()
                        + ". Some look at its secret only with a real code; that, and whether tokens have auth_time, as"
                        + " they must, only a sign-on shows.");
    }

    private static Doctor.Line wrong(String says) {
        return new Doctor.Line(CHECK, Doctor.Verdict.WRONG, says);
    }
}
