package org.patronvault.upkeep.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/** Tests of the doctor's check of the server's certificate. */
final class TlsLookTest {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    @TempDir
    private Path directory;

    private Path key;

    @BeforeEach
    void writeKey() throws IOException {
        key = Files.writeString(directory.resolve("server.key"), "a key");
        modes("rw-------");
    }

    private void modes(String modes) throws IOException {
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString(modes));
    }

    private Doctor.Line look(int days, Optional<Integer> authorityDays) {
        return look(life(-1, days), authorityDays.map(end -> life(-1, end)));
    }

    private static TlsLook.Life life(int begin, int end) {
        return new TlsLook.Life(in(begin), in(end));
    }

    private Doctor.Line look(TlsLook.Life certificate, Optional<TlsLook.Life> authority) {
        TlsLook.Used used = new TlsLook.Used(certificate, key, authority, false);
        return new TlsLook(() -> Optional.of(used), Optional::empty, CLOCK)
                .look()
                .get(0);
    }

    private static Instant in(int days) {
        return NOW.plus(Duration.ofDays(days));
    }

    @Test
    void certificateThatLastsIsFine() {
        assertThat(look(15, Optional.empty()).verdict()).isEqualTo(Doctor.Verdict.FINE);
        assertThat(look(397, Optional.of(3_653)).says())
                .isEqualTo("The certificate ends on 2027-12-30, and is renewed by itself.");
    }

    @Test
    void certificateThatEndsSoonIsWrongAndTheCureIsWhoMadeIt() {
        assertThat(look(13, Optional.empty()))
                .isEqualTo(new Doctor.Line(
                        "tls",
                        Doctor.Verdict.WRONG,
                        "The certificate ends on 2026-12-11: have it renewed by whoever made it."));
        assertThat(look(-1, Optional.of(3_000)).says()).endsWith("run `tls renew`.");
    }

    @Test
    void certificateThatIsNotValidYetIsWrongAndTheCureIsTheClockOrAnother() {
        assertThat(look(life(40, 437), Optional.empty()))
                .isEqualTo(new Doctor.Line(
                        "tls",
                        Doctor.Verdict.WRONG,
                        "The certificate is valid from 2027-01-07 on, and not yet: set the clock right if it is behind,"
                                + " else have another made by whoever made it."));
        assertThat(look(life(40, 437), Optional.of(life(-1, 3_000))))
                .isEqualTo(new Doctor.Line(
                        "tls",
                        Doctor.Verdict.WRONG,
                        "The certificate is valid from 2027-01-07 on, and not yet: set the clock right if it is behind,"
                                + " else run `tls renew`."));
        assertThat(look(life(-1, 396), Optional.of(life(40, 3_693))))
                .isEqualTo(new Doctor.Line(
                        "tls",
                        Doctor.Verdict.WRONG,
                        "The library's own CA is valid from 2027-01-07 on, and not yet: set the clock right if it is"
                                + " behind, else make another with `tls init --again`, and tell the desk PCs of it."));
    }

    @Test
    void authorityThatEndsWithinAYearIsSaid() {
        assertThat(look(300, Optional.of(364)).verdict()).isEqualTo(Doctor.Verdict.NOTE);
        assertThat(look(300, Optional.of(366)).verdict()).isEqualTo(Doctor.Verdict.FINE);
    }

    @Test
    void certificateThatShouldHaveRenewedItselfIsSaidLongBeforeItEnds() {
        assertThat(look(54, Optional.of(3_000)).verdict()).isEqualTo(Doctor.Verdict.FINE);
        assertThat(look(52, Optional.of(3_000)))
                .satisfies(line -> assertThat(line.verdict()).isEqualTo(Doctor.Verdict.NOTE))
                .satisfies(line -> assertThat(line.says()).contains("tls renew"));
        assertThat(look(52, Optional.empty()).verdict()).isEqualTo(Doctor.Verdict.FINE);
    }

    @Test
    void certificateWithoutWhoIssuedItIsSaid() {
        TlsLook.Used used = new TlsLook.Used(life(-1, 80), key, Optional.empty(), true);
        assertThat(new TlsLook(() -> Optional.of(used), Optional::empty, CLOCK).look())
                .singleElement()
                .satisfies(line -> assertThat(line.verdict()).isEqualTo(Doctor.Verdict.NOTE))
                .satisfies(line -> assertThat(line.says()).contains("fullchain.pem"));
    }

    @Test
    void keyThatEverybodyCanReadIsWrongAlsoBehindALink() throws IOException {
        modes("rw-r-----");
        assertThat(look(300, Optional.empty()).verdict()).isEqualTo(Doctor.Verdict.FINE);
        modes("rw-r--r--");
        assertThat(look(300, Optional.empty()).says()).contains("chmod o=");
        key = Files.createSymbolicLink(directory.resolve("link"), key);
        assertThat(look(300, Optional.empty()).verdict()).isEqualTo(Doctor.Verdict.WRONG);
    }

    @Test
    void certificateThatEndsWithItsAuthorityIsNotToBeRenewed() {
        assertThat(look(10, Optional.of(10)).says())
                .contains("tls init --again")
                .doesNotContain("tls renew");
    }

    @Test
    void filesThatAreWrongAreWrongAndNoneAreFine() {
        TlsLook wrong = new TlsLook(
                () -> {
                    throw new Refused(Problem.INVALID, "They are not there.");
                },
                Optional::empty,
                CLOCK);
        assertThat(wrong.look()).containsExactly(new Doctor.Line("tls", Doctor.Verdict.WRONG, "They are not there."));
        assertThat(new TlsLook(Optional::empty, Optional::empty, CLOCK).look())
                .extracting(Doctor.Line::verdict)
                .containsExactly(Doctor.Verdict.FINE);
    }

    @Test
    void certificateOfTheGatewayThatEndsSoonIsWrongToo() {
        TlsLook.Used used = new TlsLook.Used(life(-1, 13), key, Optional.empty(), false);
        assertThat(new TlsLook(Optional::empty, () -> Optional.of(used), CLOCK).look())
                .extracting(line -> line.check() + " " + line.verdict().mark())
                .containsExactly("tls fine", "sip2-tls wrong");
    }
}
