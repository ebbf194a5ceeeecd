package org.patronvault.upkeep.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.patronvault.access.alert.AlertSettings;
import org.patronvault.core.model.Refused;
import org.patronvault.upkeep.backup.SecretFile;

/** The doctor's check of the receivers of alerts. */
public final class AlertsLook implements Doctor.Look {
    private static final String ALERTS = "alerts";

    /** The mail program of the package, and the file with its settings. */
    static final String MAILER = "/usr/share/patron-vault/mail";

    private static final Path MAIL = Path.of("/etc/patron-vault/mail");

    private final Supplier<AlertSettings> alerts;
    private final Supplier<Map<String, String>> faults;

    /**
     * Creates the check.
     *
     * @param alerts reads the receivers from vault.yaml, and throws Refused if it is wrong
     * @param faults reasons why receivers of a running server did not take the last message, by receiver
     */
    public AlertsLook(Supplier<AlertSettings> alerts, Supplier<Map<String, String>> faults) {
        this.alerts = alerts;
        this.faults = faults;
    }

    @Override
    public List<Doctor.Line> look() {
        return List.of(line());
    }

    Doctor.Line line() {
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
            Optional<String> mail = told.command().stream().findFirst().flatMap(program -> mail(program, MAIL));
            if (mail.isPresent()) {
                return new Doctor.Line(ALERTS, Doctor.Verdict.WRONG, mail.get());
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

    /**
     * Returns what is wrong with the mail settings, if {@code program} is the package's own.
     *
     * @param settings the file that the program reads
     */
    static Optional<String> mail(String program, Path settings) {
        if (!program.equals(MAILER)) {
            return Optional.empty();
        }
        try {
            if (Files.readString(settings)
                    .lines()
                    .noneMatch(line -> line.strip().startsWith("mail-from"))) {
                return Optional.of(settings + " has no mail-from, so nothing is mailed (first-day.md).");
            }
        } catch (IOException e) {
            return Optional.of(settings
                    + " is not there, or the service's user cannot read it, so nothing is mailed (first-day.md).");
        }
        return Doctor.isProgram("curl")
                ? Optional.empty()
                : Optional.of("The package's mail program needs curl: run `apt-get install curl`.");
    }

    private static String untold(Map<String, String> faults) {
        return faults.entrySet().stream()
                        .map(one -> "The " + one.getKey() + " did not take the last message: " + one.getValue() + ". ")
                        .collect(Collectors.joining())
                + (faults.containsKey("command") ? "It is confined as the service is, and so can be no sendmail. " : "")
                + "Put it right; the next alert shows whether it is.";
    }
}
