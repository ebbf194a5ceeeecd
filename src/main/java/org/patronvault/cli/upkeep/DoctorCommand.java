package org.patronvault.cli.upkeep;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.patronvault.app.Home;
import org.patronvault.app.HomeDoctor;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.HomeOptions;
import org.patronvault.cli.command.IgnoredPersonOptions;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.KeyOptions;
import org.patronvault.cli.command.RunsInServer;
import org.patronvault.cli.command.SecretSource;
import org.patronvault.upkeep.doctor.Doctor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code doctor}, which checks a home. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Looks the home over: one line for each thing, with the cure. Exits with 1 if anything is wrong."
                + " The server looks, where one runs: it may see other directories than you, and other limits.")
public final class DoctorCommand implements Callable<Integer>, RunsInServer {
    private final Invocation invocation;

    @Mixin
    private HomeOptions homeOptions;

    @Option(names = "--passphrase-file", paramLabel = "F", description = "The file the service is started with.")
    private SecretSource passphrase;

    @Option(names = KeyOptions.HSM_PIN, paramLabel = "F", description = "The file with the HSM's PIN; it is not tried.")
    private SecretSource hsmPin;

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private IgnoredPersonOptions nobody;

    @Option(names = "--here", description = "Look from here in any case, as where the server does not answer.")
    private boolean here;

    @Option(names = "--json", description = "Print one JSON document and nothing else.")
    private boolean json;

    DoctorCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Home home() {
        return homeOptions.home(invocation);
    }

    /** The doctor opens nothing. */
    @Override
    public Map<String, byte[]> secrets() {
        return Map.of();
    }

    @Override
    public boolean isForServer() {
        return !here;
    }

    @Override
    public Integer call() {
        Home looked = home().requireExists();
        HomeDoctor doctor = invocation.server().map(VaultInstance::doctor).orElseGet(() -> new HomeDoctor(looked));
        List<Doctor.Line> lines = new ArrayList<>(serving().stream().toList());
        lines.addAll(doctor.doctor(file(passphrase), file(hsmPin)).look());
        boolean ok = lines.stream().noneMatch(line -> line.verdict() == Doctor.Verdict.WRONG);
        if (json) {
            ObjectNode document = JsonNodeFactory.instance.objectNode().put("ok", ok);
            ArrayNode checks = document.putArray("checks");
            lines.forEach(line -> checks.addObject()
                    .put("check", line.check())
                    .put("verdict", line.verdict().name().toLowerCase(java.util.Locale.ROOT))
                    .put("says", line.says()));
            invocation.out().println(document);
        } else {
            lines.forEach(line ->
                    invocation.out().printf("%-5s %-12s %s%n", line.verdict().mark(), line.check(), line.says()));
        }
        return ok ? ExitCodes.DONE : ExitCodes.FOUND_WRONG;
    }

    /** Returns a line if nobody is served, because the server is sealed or none runs. */
    private Optional<Doctor.Line> serving() {
        Optional<VaultInstance> server = invocation.server();
        if (server.isEmpty()) {
            // With --here the command never asked for a server.
            return here
                    ? Optional.empty()
                    : Optional.of(new Doctor.Line(
                            "service",
                            Doctor.Verdict.NOTE,
                            "No server answers on this home: `systemctl start patron-vault`, or `serve`."));
        }
        return server.filter(one -> one.custody().isSealed())
                .map(one -> new Doctor.Line(
                        "sealed",
                        Doctor.Verdict.NOTE,
                        "The vault is sealed, and this server serves nobody: `patron-vault unseal`."));
    }

    /** A file named here is checked in place of the server's own. */
    private static Optional<Path> file(SecretSource named) {
        return Optional.ofNullable(named).flatMap(SecretSource::file);
    }
}
