package org.patronvault.patron;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.patronvault.app.Home;
import org.patronvault.app.OpenedHome;
import org.patronvault.app.VaultInstance;
import org.patronvault.core.keys.ring.OpenedKeys;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.PatronId;
import org.patronvault.patron.erasure.Erasure;
import org.patronvault.testing.OpenVault;
import org.patronvault.testing.TestClock;

/**
 * A process that opens the vault of a home and erases patrons one after the other. It announces each patron, and waits
 * for a line before it continues with the next.
 *
 * <p>Arguments: the home, then the ids. The first line of standard input unseals the keys.
 */
public final class ErasingVault {
    private ErasingVault() {}

    public static void main(String[] words) throws IOException {
        Home home = new Home(Path.of(words[0]));
        BufferedReader said = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        OpenedKeys.remember(home.keys(), said.readLine());
        TestClock clock = new TestClock();
        try (VaultInstance vault = OpenedHome.open(home, OpenedKeys.at(home.keys(), clock), clock)) {
            for (int i = 1; i < words.length; i++) {
                System.out.println(words[i]);
                vault.patrons()
                        .erasure()
                        .erase(
                                Erasure.Requester.alone(OpenVault.person("supervisor")),
                                PatronId.parse(words[i]),
                                Optional.empty(),
                                AuditLog.newRequest());
                said.readLine();
            }
        }
    }
}
