package org.patronvault.upkeep;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.patronvault.access.AlertSettings;
import org.patronvault.model.Refused;

/** What the doctor says of who is told of alerts. */
public final class AlertsLook {
    private static final String ALERTS = "alerts";

    private final Supplier<AlertSettings> alerts;
    private final Supplier<Map<String, String>> faults;

    /**
     * Looks at nothing yet.
     *
     * @param alerts reads of vault.yaml who is told, and throws Refused if it is wrong
     * @param faults why receivers did not take the last message of a server that runs, by receiver
     */
    public AlertsLook(Supplier<AlertSettings> alerts, Supplier<Map<String, String>> faults) {
        this.alerts = alerts;
        this.faults = faults;
    }

    Doctor.Line look() {
        try {
            AlertSettings told = alerts.get();
            if (told.tellNobody()) {
                return new Doctor.Line(
                        ALERTS,
                        Doctor.Verdict.NOTE,
                        "Nobody is told of them; they are in the log and counted in /metrics. Name a webhook or a"
                                + " command in vault.yaml.");
            }
            Optional<String> fault = told.tokenFile().flatMap(SecretFile::fault);
            if (fault.isPresent()) {
                return new Doctor.Line(ALERTS, Doctor.Verdict.WRONG, "alerts.tokenFile" + fault.get());
            }
            if (!told.command().isEmpty() && !Doctor.isProgram(told.command().get(0))) {
                return new Doctor.Line(
                        ALERTS, Doctor.Verdict.WRONG, "alerts.command names no program that can be run.");
            }
            if (!faults.get().isEmpty()) {
                return new Doctor.Line(ALERTS, Doctor.Verdict.WRONG, untold(faults.get()));
            }
            return told.isOpenToTheNetwork()
                    ? new Doctor.Line(
                            ALERTS,
                            Doctor.Verdict.NOTE,
                            "They, and the token, go to the webhook unencrypted: use an https address.")
                    : new Doctor.Line(ALERTS, Doctor.Verdict.FINE, "Somebody is told of them, as vault.yaml says.");
        } catch (Refused e) {
            return new Doctor.Line(ALERTS, Doctor.Verdict.WRONG, e.getMessage());
        }
    }

    private static String untold(Map<String, String> faults) {
        return faults.entrySet().stream()
                        .map(one -> "The " + one.getKey() + " did not take the last message: " + one.getValue() + ". ")
                        .collect(Collectors.joining())
                + (faults.containsKey("command") ? "It is confined as the service is, and so can be no sendmail. " : "")
                + "Put it right; the next alert shows whether it is.";
    }
}
