package org.patronvault.cli.keys;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.patronvault.app.VaultInstance;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.KeyOptions;
import org.patronvault.cli.command.SealedCommand;
import org.patronvault.core.keys.Drill;
import org.patronvault.core.keys.hsm.HsmPin;
import org.patronvault.core.keys.slot.SlotFacts;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.custody.slot.Slots;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code keys drill}, which proves that people's shares and passphrases still open the vault. */
@Command(
        name = "drill",
        mixinStandardHelpOptions = true,
        description =
                "Proves shares, a passphrase, HSM or KMS against keys/ without unsealing anything. Run a drill twice a"
                        + " year (custody.md). At a terminal the command asks for the shares one by one. Exits with 1"
                        + " if a slot was not opened.")
final class DrillCommand extends SealedCommand {
    private static final int SHARE_CHARACTERS = 2_000;
    private static final String UNREADABLE = "\0";

    @Option(
            names = "--shares-dir",
            paramLabel = "D",
            description = "Prove the shares in share-1.txt, share-2.txt … of that directory.")
    private String sharesDirectory;

    @Option(
            names = "--machines",
            description = "Prove the slots in an HSM, with the PIN in --hsm-pin-file, and in AWS KMS.")
    private boolean machines;

    private Slots slots;
    private Actor by;

    DrillCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    public int run(VaultInstance vault) {
        slots = vault.slots();
        by = by(vault);
        Map<Integer, List<Drill.Proof>> proofs = new TreeMap<>();
        Set<Integer> refused = new TreeSet<>();
        Optional<Supplier<byte[]>> passphrase = keyOptions().passphrase().map(named -> named::bytes);
        boolean wrong = false;
        boolean passphraseRefused = false;
        boolean asksMachines = machines || keyOptions().hsmPin().isPresent();
        try (Drill drill = slots.drill()) {
            if (sharesDirectory != null) {
                wrong = ofFiles(drill, proofs);
            } else if (passphrase.isEmpty() && !asksMachines) {
                if (KeyOptions.hasShares(vault.custody())) {
                    atTerminal(drill, proofs);
                } else {
                    byte[] typed = ask(KeyOptions.PASSPHRASE_QUESTION)
                            .orElseThrow(DrillCommand::missing)
                            .getBytes(StandardCharsets.UTF_8);
                    passphrase = Optional.of(() -> typed);
                }
            }
            if (passphrase.isPresent()) {
                Supplier<byte[]> given = passphrase.get();
                passphraseRefused = isRefused(
                        "The passphrase",
                        () -> slots.tried(by, OptionalInt.empty(), () -> drill.passphrase(given.get())),
                        proofs);
            }
            if (asksMachines) {
                askMachines(drill, proofs, refused);
            }
        }
        proofs.forEach((slot, some) -> slots.proved(by, slot, some.size(), isOpened(some)));
        if (passphraseRefused) {
            // Nobody knows which slot each should have opened.
            vault.custody().slots().stream()
                    .filter(slot -> slot.kind().equals("passphrase"))
                    .forEach(slot -> refused.add(slot.id()));
        }
        int told = told(vault, proofs, refused);
        return wrong || passphraseRefused ? ExitCodes.FOUND_WRONG : told;
    }

    /** Tries every file so that each wrong card is reported. Returns whether any is wrong. */
    private boolean ofFiles(Drill drill, Map<Integer, List<Drill.Proof>> proofs) {
        boolean wrong = false;
        for (Map.Entry<String, String> file : files().entrySet()) {
            wrong |= isRefused(file.getKey(), () -> share(drill, words(file.getValue())), proofs);
        }
        return wrong;
    }

    private static String words(String content) {
        if (content.equals(UNREADABLE)) {
            throw new Refused(Problem.INVALID, "It cannot be read; see that it is a file, and yours.");
        }
        return content;
    }

    /** Keeps a proof, or reports its failure and lets the others go on. Returns whether it failed. */
    private boolean isRefused(String what, Supplier<Drill.Proof> proof, Map<Integer, List<Drill.Proof>> proofs) {
        try {
            add(proofs, proof.get());
            return false;
        } catch (Refused e) {
            invocation().err().println(what + ": " + e.getMessage());
            return true;
        }
    }

    /** A person who signs in is named in the log. On a sealed vault nobody can sign in. */
    private Actor by(VaultInstance vault) {
        return isByName() && !vault.seal().isSealed() ? anyRole(vault).actor() : Actor.NOBODY;
    }

    private Drill.Proof share(Drill drill, String words) {
        return slots.tried(by, OptionalInt.empty(), () -> drill.share(words));
    }

    private static boolean isOpened(List<Drill.Proof> proofs) {
        return proofs.stream().anyMatch(Drill.Proof::opened);
    }

    private void askMachines(Drill drill, Map<Integer, List<Drill.Proof>> proofs, Set<Integer> refused) {
        Optional<HsmPin> pin = keyOptions().pin(home(), invocation());
        for (SlotFacts slot : drill.machines()) {
            try {
                add(proofs, slots.tried(by, OptionalInt.of(slot.id()), () -> drill.machine(slot.id(), pin)));
            } catch (Refused e) {
                refused.add(slot.id());
                invocation().err().println("Slot " + slot.id() + ": " + e.getMessage());
            }
        }
    }

    private static void add(Map<Integer, List<Drill.Proof>> proofs, Drill.Proof proof) {
        proofs.computeIfAbsent(proof.slot(), slot -> new ArrayList<>()).add(proof);
    }

    /** Returns names and contents, in the order of their numbers. */
    private Map<String, String> files() {
        Path directory = invocation().path(sharesDirectory);
        Map<String, String> shares = new LinkedHashMap<>();
        for (int i = 1; i <= 16; i++) {
            Path file = directory.resolve("share-" + i + ".txt");
            try {
                if (Files.exists(file)) {
                    // Any content counts as a card to judge: a share is ASCII, and no longer than this.
                    try (InputStream in = Files.newInputStream(file)) {
                        byte[] beginning = in.readNBytes(SHARE_CHARACTERS + 1);
                        shares.put(file.getFileName().toString(), new String(beginning, StandardCharsets.ISO_8859_1));
                    }
                }
            } catch (IOException e) {
                shares.put(file.getFileName().toString(), UNREADABLE);
            }
        }
        if (shares.isEmpty()) {
            throw new Refused(Problem.INVALID, "There is no share-1.txt, share-2.txt … in that directory.");
        }
        return shares;
    }

    private Optional<String> ask(String question) {
        return invocation().prompt().ask(question, false);
    }

    private static Refused missing() {
        return new Refused(
                Problem.INVALID, "Say what to prove: --passphrase-file F, or --shares-dir D; or sit at a terminal.");
    }

    private void atTerminal(Drill drill, Map<Integer, List<Drill.Proof>> proofs) {
        while (true) {
            Optional<String> typed = ask("The words of a share (empty when done): ");
            if (typed.isEmpty() && proofs.isEmpty()) {
                throw missing();
            }
            if (typed.isEmpty() || typed.get().isBlank()) {
                return;
            }
            try {
                Drill.Proof proof = share(drill, typed.get());
                add(proofs, proof);
                invocation().err().println("Share " + proof.index() + " of slot " + proof.slot() + " is right.");
            } catch (Refused e) {
                invocation().err().println(e.getMessage());
            }
        }
    }

    private int told(VaultInstance vault, Map<Integer, List<Drill.Proof>> proofs, Set<Integer> refused) {
        ObjectNode document = object();
        ArrayNode list = document.putArray("slots");
        StringBuilder text = new StringBuilder();
        boolean all = true;
        for (SlotFacts slot : vault.custody().slots()) {
            List<Drill.Proof> some = proofs.getOrDefault(slot.id(), List.of());
            boolean opened = isOpened(some);
            ObjectNode one = SlotCommands.documentOf(slot).put("opened", opened);
            text.append("slot " + slot.id() + " (" + slot.openedBy() + "): ");
            if (slot.count() > 0) {
                ArrayNode proved = one.putArray("proved");
                some.forEach(proof -> proved.add(proof.index()));
                text.append(some.size() + " of " + slot.count() + " shares proved, ");
            }
            boolean failed = refused.contains(slot.id());
            String untried = failed ? "does not open.\n" : "not tried.\n";
            text.append(opened ? "opens the keys.\n" : some.isEmpty() ? untried : "too few to open it.\n");
            list.add(one);
            all &= opened || (some.isEmpty() && !failed);
        }
        answer(document, text.toString().stripTrailing());
        return all && !proofs.isEmpty() ? ExitCodes.DONE : ExitCodes.FOUND_WRONG;
    }
}
