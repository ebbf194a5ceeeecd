package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.patronvault.system.VaultProcess.Ran;
import org.patronvault.testing.OpenSsl;

/** A mailing by command, opened by openssl, and the link in it followed as a mail provider does (P9). */
final class MailingIT {
    private static Ran mail(RunningVault vault, String... more) {
        List<String> words =
                new ArrayList<>(List.of("patrons", "mail", "--purpose", "newsletter", "--recipient", "../post.pem"));
        words.addAll(List.of(more));
        return vault.as("fern", words.toArray(String[]::new));
    }

    @Test
    void addressLeavesForOneCertificateAndItsLinkEndsTheMail() throws IOException {
        try (RunningVault vault = RunningVault.create()) {
            Files.writeString(
                    vault.home().resolve("vault.yaml"),
                    "http: {publicUrl: 'https://vault.example.org'}\n",
                    StandardOpenOption.APPEND);
            vault.start();
            vault.json("admin", "staff", "add", "fern", "--role", "outreach", "--new-password-file", "../pw");
            OpenSsl.certificate(vault.root(), "post", "-newkey", "rsa:2048");
            String id = vault.register(vault.signIn("clerk"), SamplePatron.of(1));
            vault.call(
                    "PUT",
                    "/v1/patrons/" + id + "/consents/newsletter",
                    vault.signIn("clerk"),
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("given", true)
                            .put("policy", "2018-05")
                            .put("channel", "desk"));
            Path sealed = vault.root().resolve("list.cms");

            assertThat(mail(vault, "--limit", "501", "--out", "../list.cms").exit())
                    .as("another must agree")
                    .isEqualTo(3);
            assertThat(mail(vault, "--library", "ZZ", "--out", "../list.cms").exit())
                    .isEqualTo(2);
            assertThat(sealed).doesNotExist();
            assertThat(RunningVault.document(mail(vault, "--out", "../list.cms", "--json"))
                            .path("addresses")
                            .asInt())
                    .isEqualTo(1);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(sealed)))
                    .isEqualTo("rw-------");
            assertThat(mail(vault, "--out", "../list.cms").exit())
                    .as("never over another file")
                    .isEqualTo(5);

            Path list = vault.root().resolve("list.csv");
            assertThat(OpenSsl.decrypt(vault.root(), "post", sealed, list)).isZero();
            String line = Files.readAllLines(list).get(1);
            Files.delete(list);
            String link = line.substring(line.indexOf("/unsubscribe/"));
            assertThat(vault.send("POST", link, "", null, Map.of("Origin", "https://mail.example.com"))
                            .status())
                    .isEqualTo(200);
            assertThat(RunningVault.document(mail(vault, "--out", "../none.cms", "--json"))
                            .path("addresses")
                            .asInt())
                    .isZero();
        }
    }
}
