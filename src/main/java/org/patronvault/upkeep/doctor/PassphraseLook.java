package org.patronvault.upkeep.doctor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.patronvault.upkeep.backup.DiskIdentity;
import org.patronvault.upkeep.backup.SecretFile;

/** The doctor's check of the service's passphrase file. */
public final class PassphraseLook implements Doctor.Look {
    private static final String INSTEAD =
            "type the passphrase, or bring shares, after each start; what is to open with nobody there takes an HSM or KMS"
                    + " slot (`keys slot add`).";

    private final Path home;
    private final Supplier<Optional<Path>> file;
    private final BooleanSupplier endsWhenSealed;

    /**
     * Creates the check.
     *
     * @param file the file that unseals the service at its start, if any
     * @param endsWhenSealed whether a sealed service ends, and so is restarted
     */
    public PassphraseLook(Path home, Supplier<Optional<Path>> file, BooleanSupplier endsWhenSealed) {
        this.home = home;
        this.file = file;
        this.endsWhenSealed = endsWhenSealed;
    }

    /** Returns one line, or none without such a file. */
    @Override
    public List<Doctor.Line> look() {
        return line().stream().toList();
    }

    private Optional<Doctor.Line> line() {
        return file.get().map(this::line);
    }

    private Doctor.Line line(Path named) {
        if (endsWhenSealed.getAsBoolean()) {
            return wrong(
                    "The service ends when it is sealed (--exit-on-seal), and is opened by a file at each start: who"
                            + " seals it finds it open again within seconds. Take the file out of its settings, and "
                            + INSTEAD);
        }
        Optional<String> fault = SecretFile.fault(named);
        if (fault.isPresent()) {
            return wrong("Its file" + fault.get());
        }
        try {
            return DiskIdentity.holds(named, home)
                    ? wrong("Its file lies on the vault's own disk, so who takes the disk opens the vault: " + INSTEAD)
                    : line(
                            Doctor.Verdict.NOTE,
                            "Nobody else reads its file, which is not on the vault's file system; whether it is on another"
                                    + " disk is not known here. Who takes both opens the vault, and where a service manager"
                                    + " starts it anew the file undoes each seal: better " + INSTEAD);
        } catch (IOException e) {
            return wrong("Its file cannot be looked at.");
        }
    }

    private static Doctor.Line wrong(String says) {
        return line(Doctor.Verdict.WRONG, says);
    }

    private static Doctor.Line line(Doctor.Verdict verdict, String says) {
        return new Doctor.Line("passphrase", verdict, says);
    }
}
