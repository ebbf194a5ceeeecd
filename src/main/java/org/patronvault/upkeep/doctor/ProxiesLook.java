package org.patronvault.upkeep.doctor;

import java.util.List;
import java.util.function.Supplier;
import org.patronvault.core.model.Refused;

/** The doctor's check of trusted proxies, whose {@code X-Forwarded-For} counts. */
public final class ProxiesLook implements Doctor.Look {
    private static final String PROXIES = "proxies";

    /**
     * The proxies in use.
     *
     * @param named whether vault.yaml names any
     * @param wide whether one is a network that may well contain desks
     * @param isBehind whether a server was started as behind a proxy
     */
    public record Said(boolean named, boolean wide, boolean isBehind) {}

    private final Supplier<Said> said;

    /**
     * Creates the check.
     *
     * @param said reads vault.yaml, and throws Refused if it is wrong
     */
    public ProxiesLook(Supplier<Said> said) {
        this.said = said;
    }

    @Override
    public List<Doctor.Line> look() {
        return List.of(line());
    }

    Doctor.Line line() {
        try {
            return line(said.get());
        } catch (Refused e) {
            return new Doctor.Line(PROXIES, Doctor.Verdict.WRONG, "They cannot be read; see settings.");
        }
    }

    private static Doctor.Line line(Said said) {
        if (said.wide()) {
            return new Doctor.Line(
                    PROXIES,
                    Doctor.Verdict.NOTE,
                    "http.proxies names a network of many addresses: whoever sits at one of them can call from any address"
                            + " he likes, so that wrong passwords count for nobody. Name the proxy's own address.");
        }
        if (said.named()) {
            return new Doctor.Line(
                    PROXIES, Doctor.Verdict.FINE, "X-Forwarded-For is believed from those of vault.yaml alone.");
        }
        return said.isBehind()
                ? new Doctor.Line(
                        PROXIES,
                        Doctor.Verdict.NOTE,
                        "It stands behind a proxy (--behind-proxy) that vault.yaml does not name, so X-Forwarded-For is"
                                + " ignored, and wrong passwords from everywhere count for one address: name it in"
                                + " http.proxies.")
                : new Doctor.Line(
                        PROXIES,
                        Doctor.Verdict.FINE,
                        "None is named, and none needs to be where desks reach the vault itself: X-Forwarded-For is"
                                + " ignored.");
    }
}
