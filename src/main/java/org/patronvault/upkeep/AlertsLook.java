package org.patronvault.upkeep;

import java.util.Optional;
import java.util.function.Supplier;
import org.patronvault.access.AlertSettings;
import org.patronvault.model.Refused;

/** What the doctor says of who is told of alerts. */
final class AlertsLook {
    private static final String ALERTS = "alerts";

    private final Supplier<AlertSettings> alerts;

    /** @param alerts reads of vault.yaml who is told, and throws Refused if it is wrong */
    AlertsLook(Supplier<AlertSettings> alerts) {
        this.alerts = alerts;
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
}
