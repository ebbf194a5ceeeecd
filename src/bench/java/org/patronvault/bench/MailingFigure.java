package org.patronvault.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.model.PatronField;
import org.patronvault.patron.change.ConsentRecording;

/** How fast a mailing list of everybody streams to whoever fetches it. */
final class MailingFigure implements Figure {
    @Override
    public String name() {
        return "mailing";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        Rig.Disk unused = rig.disk(rig.vault());
        long readers = haveEverybodySayYes(rig.home(rig.vault()));
        Bench.tell("mailing: %d patrons said yes", readers);
        String certificate = certificate(rig);
        double[] addresses = new double[rig.options().rounds()];
        try (Rig.Serving serving = rig.serve(rig.vault())) {
            Api outreach = Api.as(VaultSide.OUTREACH, serving.port());
            ObjectNode wanted = Api.object()
                    .put("purpose", "newsletter")
                    .put("limit", 100_000)
                    .put("recipient", certificate);
            String path = "/v1/mailings/"
                    + outreach.post("/v1/mailings", wanted).path("id").asText() + "/file";
            // One to warm the server.
            fetch(outreach, path);
            for (int round = 0; round < addresses.length; round++) {
                long start = System.nanoTime();
                fetch(outreach, path);
                addresses[round] = readers / ((System.nanoTime() - start) / 1e9);
                Bench.tell("mailing: %.0f addresses/s", addresses[round]);
            }
        }
        return List.of(Reading.of(
                        "mailing",
                        "mailing list, streamed",
                        "addresses/s",
                        new Series(addresses),
                        readers
                                + " addresses, from the request to the last byte: everybody looked at, each named in the"
                                + " log, opened, given a link and sealed")
                .atLeast(5_000));
    }

    /** How many there are who have an address. */
    private static long haveEverybodySayYes(Path home) throws InterruptedException {
        AtomicLong readers = new AtomicLong();
        Api.prepare(home, Long.MAX_VALUE, (vault, id) -> {
            vault.patrons()
                    .consenting()
                    .put(
                            Api.clerk(),
                            Optional.of(id),
                            OptionalLong.empty(),
                            () -> new ConsentRecording.Input("newsletter", true, "2018-05", "desk", Optional.empty()),
                            Optional.empty(),
                            AuditLog.newRequest());
            boolean hasAddress = vault.patrons()
                    .directory()
                    .find(Api.clerk(), Optional.of(id), AuditLog.newRequest())
                    .facts()
                    .set()
                    .contains(PatronField.EMAIL);
            readers.addAndGet(hasAddress ? 1 : 0);
        });
        return readers.get();
    }

    /** A recipient who throws away what comes. */
    private static String certificate(Rig rig) throws IOException, InterruptedException {
        Path store = rig.scratch("recipient.p12");
        keytool("-genkeypair -alias post -keyalg EC -groupname secp256r1 -dname CN=post -validity 30", store);
        return keytool("-exportcert -rfc -alias post", store);
    }

    private static String keytool(String words, Path store) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(JavaProcess.program("keytool")));
        command.addAll(List.of(words.split(" ", -1)));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", "changeit", "-storetype", "PKCS12"));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool failed");
        }
        return said;
    }

    private static void fetch(Api outreach, String path) throws IOException, InterruptedException {
        try (InputStream in = outreach.get(path, HttpResponse.BodyHandlers.ofInputStream())) {
            in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
