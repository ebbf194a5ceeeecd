package org.patronvault.upkeep.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.patronvault.core.model.Refused;

/** The doctor's check of the server's TLS certificates. */
public final class TlsLook implements Doctor.Look {
    private static final String HTTP = "tls";
    private static final String SIP2 = "sip2-tls";
    private static final Duration SOON = Duration.ofDays(14);
    private static final Duration AUTHORITY_SOON = Duration.ofDays(365);

    /** A certificate with automatic renewal was renewed a week before, if possible. */
    private static final Duration RENEWED_LATE = Duration.ofDays(53);

    /** The validity of a certificate. */
    public record Life(Instant begin, Instant end) {
        /** Returns the validity in a certificate. */
        public static Life of(X509Certificate certificate) {
            return new Life(
                    certificate.getNotBefore().toInstant(),
                    certificate.getNotAfter().toInstant());
        }
    }

    /**
     * The certificate in use.
     *
     * @param key the file of its key
     * @param authority of the home's own CA, which renews it
     * @param isAlone whether the chain ends at no authority that this Java trusts
     */
    public record Used(Life certificate, Path key, Optional<Life> authority, boolean isAlone) {}

    private final Supplier<Optional<Used>> used;
    private final Supplier<Optional<Used>> sip2;
    private final Clock clock;

    /**
     * Creates the check.
     *
     * @param used reads the files, empty if none are named, and throws Refused if they are wrong
     * @param sip2 reads the SIP2 gateway's files in that way
     */
    public TlsLook(Supplier<Optional<Used>> used, Supplier<Optional<Used>> sip2, Clock clock) {
        this.used = used;
        this.sip2 = sip2;
        this.clock = clock;
    }

    @Override
    public List<Doctor.Line> look() {
        List<Doctor.Line> lines = new ArrayList<>();
        lines.add(look(HTTP, used)
                .orElseGet(() -> new Doctor.Line(
                        HTTP,
                        Doctor.Verdict.FINE,
                        "No certificate is named: `serve` listens on this machine alone, or stands behind a proxy. For desk"
                                + " PCs run `tls init`.")));
        look(SIP2, sip2).ifPresent(lines::add);
        return lines;
    }

    private Optional<Doctor.Line> look(String check, Supplier<Optional<Used>> files) {
        try {
            return files.get().map(now -> line(check, now));
        } catch (Refused e) {
            return Optional.of(new Doctor.Line(check, Doctor.Verdict.WRONG, e.getMessage()));
        }
    }

    private Doctor.Line line(String check, Used now) {
        if (isOpenToEverybody(now.key())) {
            return new Doctor.Line(
                    check,
                    Doctor.Verdict.WRONG,
                    "Everybody on this machine can read the key's file: run `chmod o=` on it.");
        }
        boolean isOwn = now.authority().isPresent();
        if (now.authority().filter(this::isNotYet).isPresent()) {
            return notYet(
                    check,
                    "The library's own CA",
                    now.authority().get(),
                    "make another with `tls init --again`, and tell the desk PCs of it.");
        }
        if (isNotYet(now.certificate())) {
            return notYet(
                    check,
                    "The certificate",
                    now.certificate(),
                    isOwn ? "run `tls renew`." : "have another made by whoever made it.");
        }
        Instant end = now.certificate().end();
        boolean endsWithItsAuthority =
                now.authority().filter(ca -> !ca.end().isAfter(end)).isPresent();
        if (isBefore(end, SOON)) {
            String cure = endsWithItsAuthority
                    ? "and its CA with it: make another with `tls init --again`, and tell the desk PCs of it."
                    : isOwn ? "run `tls renew`." : "have it renewed by whoever made it.";
            return new Doctor.Line(check, Doctor.Verdict.WRONG, "The certificate ends on " + day(end) + ": " + cure);
        }
        if (now.authority().filter(ca -> isBefore(ca.end(), AUTHORITY_SOON)).isPresent()) {
            return new Doctor.Line(
                    check,
                    Doctor.Verdict.NOTE,
                    "The library's own CA ends on " + day(now.authority().get().end())
                            + ": make another with `tls init --again`, and tell the desk PCs of it before.");
        }
        if (isOwn && isBefore(end, RENEWED_LATE) && !endsWithItsAuthority) {
            return new Doctor.Line(
                    check,
                    Doctor.Verdict.NOTE,
                    "The certificate ends on " + day(end)
                            + " and should have been renewed by itself a week ago: run `tls renew`; the service's own lines"
                            + " say why it was not.");
        }
        if (now.isAlone()) {
            return new Doctor.Line(
                    check,
                    Doctor.Verdict.NOTE,
                    "The certificate ends on " + day(end)
                            + ", and no authority that is known here issued it. If desks are not told to trust that one"
                            + " itself, it is one in between: name the file with all of the chain (fullchain.pem).");
        }
        return new Doctor.Line(
                check,
                Doctor.Verdict.FINE,
                "The certificate ends on " + day(end)
                        + (isOwn ? ", and is renewed by itself." : ", and is to be renewed by whoever made it."));
    }

    private boolean isNotYet(Life one) {
        return clock.instant().isBefore(one.begin());
    }

    /** Either a fast clock made it, or a slow clock checks it. Only the reader can tell. */
    private static Doctor.Line notYet(String check, String what, Life life, String cure) {
        return new Doctor.Line(
                check,
                Doctor.Verdict.WRONG,
                what + " is valid from " + day(life.begin())
                        + " on, and not yet: set the clock right if it is behind, else " + cure);
    }

    /** Follows links. A group may be that of programs which share the certificate. */
    private static boolean isOpenToEverybody(Path key) {
        try {
            Set<PosixFilePermission> modes = Files.getPosixFilePermissions(key.toRealPath());
            return modes.contains(PosixFilePermission.OTHERS_READ) || modes.contains(PosixFilePermission.OTHERS_WRITE);
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isBefore(Instant end, Duration soon) {
        return end.isBefore(clock.instant().plus(soon));
    }

    private static LocalDate day(Instant end) {
        return LocalDate.ofInstant(end, ZoneOffset.UTC);
    }
}
