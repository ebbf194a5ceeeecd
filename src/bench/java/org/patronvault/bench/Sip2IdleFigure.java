package org.patronvault.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.patronvault.testing.OpenSsl;

/** What kiosks cost the server that are signed in and silent. */
final class Sip2IdleFigure implements Figure {
    private static final int CONNECTIONS = 500;
    private static final double MOST_MIB = 50;

    @Override
    public String name() {
        return "sip2-idle";
    }

    @Override
    public List<Reading> measure(Rig rig) throws IOException, InterruptedException {
        if (!Memory.isTold()) {
            return List.of();
        }
        List<Reading> readings = new ArrayList<>();
        try (Gateway gateway = Gateway.plain(rig)) {
            readings.addAll(measure(rig, gateway, "sip2-idle", "over SIP2"));
        }
        if (hasOpenSsl(rig)) {
            try (Gateway gateway = Gateway.tls(rig)) {
                readings.addAll(measure(rig, gateway, "sip2-idle-tls", "over SIP2 in TLS"));
            }
        } else {
            Bench.tell("no figure of SIP2 in TLS: there is no openssl to make a certificate");
        }
        return readings;
    }

    private static boolean hasOpenSsl(Rig rig) {
        try {
            return OpenSsl.run(Files.createDirectories(rig.scratch("openssl")), "version") == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Reading> measure(Rig rig, Gateway gateway, String id, String how)
            throws IOException, InterruptedException {
        Kiosks kiosks = new Kiosks(new CheckedCards(rig), gateway);
        int rounds = rig.options().rounds();
        double[] resident = new double[rounds];
        double[] heap = new double[rounds];
        // One round to warm it.
        comeAndGo(kiosks, gateway, 0);
        for (int round = 0; round < rounds; round++) {
            Memory before = Memory.of(gateway.process());
            Memory with = comeAndGo(kiosks, gateway, 1 + round);
            resident[round] = with.residentBeyond(before);
            heap[round] = with.heapBeyond(before);
            Bench.tell("%s: %.1f MiB, heap %.1f MiB", id, resident[round], heap[round]);
        }
        String note = "resident memory of the server's process with them less that before they came, both after a"
                + " collection of garbage; each has signed in and asked once, and is answered once more afterwards";
        return List.of(
                Reading.of(id, CONNECTIONS + " idle connections " + how, "MiB", new Series(resident), note)
                        .atMost(MOST_MIB),
                Reading.of(id + "-heap", "the same, heap alone", "MiB", new Series(heap), "")
                        .atMost(MOST_MIB));
    }

    /** Kiosks come, ask once, are silent while the server is looked at, ask once more, and go. */
    private static Memory comeAndGo(Kiosks kiosks, Gateway gateway, int round)
            throws IOException, InterruptedException {
        List<Kiosks.Client> clients = new ArrayList<>();
        try {
            for (int c = 0; c < CONNECTIONS; c++) {
                clients.add(kiosks.connect());
            }
            ask(clients, 2L * round);
            Memory with = Memory.of(gateway.process());
            ask(clients, 2L * round + 1);
            for (Kiosks.Client client : clients) {
                client.leave();
            }
            return with;
        } finally {
            for (Kiosks.Client client : clients) {
                client.close();
            }
        }
    }

    private static void ask(List<Kiosks.Client> clients, long stream) throws IOException {
        for (int c = 0; c < clients.size(); c++) {
            clients.get(c).prepare(stream, c);
            clients.get(c).exchange();
            clients.get(c).check();
        }
    }
}
