package org.patronvault.log.witness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.patronvault.core.crypto.SigningKey;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.tlog.AddCheckpoint;
import org.patronvault.core.tlog.Checkpoint;
import org.patronvault.core.tlog.MalformedException;
import org.patronvault.core.tlog.NoteSignature;
import org.patronvault.core.tlog.SignatureType;
import org.patronvault.core.tlog.VerifierKey;

/**
 * A witness of logs (C2SP tlog-witness). It signs a checkpoint of a log it knows only if the tree extends the one it
 * signed last. Has no key of any vault. Its directory belongs to one process. Safe for use by many threads.
 */
public final class Witness implements AutoCloseable {
    /** The size of the largest request that is read. */
    public static final int MAX_BYTES = AddCheckpoint.MAX_BYTES;

    private static final String KEY = "witness.key";
    private static final String VERIFIER_KEY = "witness.vkey";
    private static final String LOGS = "logs.vkey";
    private static final int MAX_NAME = 200;

    /** An answer: a status, a media type and a body. */
    public record Reply(int status, String type, String body) {
        private static final String TEXT = "text/plain; charset=utf-8";

        static Reply refusal(int status, String why) {
            return new Reply(status, TEXT, why + "\n");
        }

        static Reply sizeIs(long size) {
            return new Reply(409, "text/x.tlog.size", size + "\n");
        }

        static Reply signed(NoteSignature signature) {
            return new Reply(200, TEXT, signature.toLine() + "\n");
        }
    }

    private final Clock clock;
    private final FileChannel lock;
    private final SigningKey key;
    private final VerifierKey verifierKey;
    private final Map<String, WitnessedLog> logs = new LinkedHashMap<>();
    private final Map<String, WitnessedLog> byHash = new HashMap<>();

    private Witness(Path state, FileChannel lock, SigningKey key, VerifierKey verifierKey, Clock clock) {
        this.lock = lock;
        this.key = key;
        this.verifierKey = verifierKey;
        this.clock = clock;
        for (VerifierKey log : known(state)) {
            String hash = Checkpoint.originHash(log.name());
            // The last key named for a log counts.
            WitnessedLog watched = new WitnessedLog(state.resolve(hash), log, verifierKey);
            logs.put(log.name(), watched);
            byHash.put(hash, watched);
        }
    }

    /**
     * Opens a witness's directory, or creates it.
     *
     * @param name of its key, needed to create it; a host and path without scheme, by custom
     * @param logKeys verifier keys of logs to know from now on, one a line
     * @throws Refused if another process has it, a name is missing, or a key is none
     * @throws IntegrityException if a file in it is damaged
     */
    public static Witness open(Path state, Optional<String> name, Optional<String> logKeys, Clock clock) {
        DurableFile.makeDirectory(state);
        FileChannel lock = lock(state);
        try {
            if (Files.notExists(state.resolve(KEY))) {
                create(state, name);
            }
            List<String> lines = Files.readAllLines(state.resolve(KEY), StandardCharsets.UTF_8);
            if (lines.size() != 2 || !lines.get(1).matches("[0-9a-f]{64}")) {
                throw new IntegrityException("witness.key: not a name and a seed");
            }
            SigningKey key = SigningKey.ofSeed(HexFormat.of().parseHex(lines.get(1)));
            VerifierKey verifierKey = VerifierKey.of(lines.get(0), SignatureType.COSIGNATURE_V1, key.publicKey());
            if (name.filter(other -> !other.equals(lines.get(0))).isPresent()) {
                throw new Refused(Problem.INVALID, "This witness has another name; its name never changes.");
            }
            DurableFile.write(state.resolve(VERIFIER_KEY), (verifierKey + "\n").getBytes(StandardCharsets.UTF_8));
            logKeys.ifPresent(more -> learn(state, more));
            return new Witness(state, lock, key, verifierKey, clock);
        } catch (IOException e) {
            close(lock);
            throw new UncheckedIOException("the witness's directory cannot be read", e);
        } catch (RuntimeException e) {
            close(lock);
            throw e;
        }
    }

    private static FileChannel lock(Path state) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(state.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock held = channel.tryLock();
            if (held != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // Refused below.
        } catch (IOException e) {
            throw new UncheckedIOException("the witness's directory cannot be locked", e);
        }
        close(channel);
        throw new Refused(Problem.HOME_IN_USE, "Another witness runs on that directory.");
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void create(Path state, Optional<String> name) {
        String given = name.orElseThrow(
                () -> new Refused(Problem.INVALID, "A new witness needs --name, such as witness.example.org/w1."));
        byte[] seed = new byte[SigningKey.SEED_BYTES];
        new SecureRandom().nextBytes(seed);
        try {
            if (given.length() > MAX_NAME || given.contains("\n")) {
                throw new IllegalArgumentException("name: too long");
            }
            VerifierKey.of(
                    given, SignatureType.COSIGNATURE_V1, SigningKey.ofSeed(seed).publicKey());
        } catch (IllegalArgumentException e) {
            throw new Refused(
                    Problem.INVALID, "A witness's name has up to " + MAX_NAME + " characters, no blank and no plus.");
        }
        DurableFile.write(
                state.resolve(KEY),
                (given + "\n" + HexFormat.of().formatHex(seed) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void learn(Path state, String more) {
        Set<String> keys = new LinkedHashSet<>(lines(state));
        more.lines().filter(line -> !line.isBlank()).forEach(line -> {
            String one = line.strip();
            if (parse(one).isEmpty()) {
                throw new Refused(
                        Problem.INVALID, "The file named with --log holds something other than verifier keys of logs.");
            }
            // A known key keeps its place, so that repeating the settings does not bring an older key back.
            keys.add(one);
        });
        DurableFile.write(state.resolve(LOGS), (String.join("\n", keys) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static List<VerifierKey> known(Path state) {
        Map<String, VerifierKey> byOrigin = new LinkedHashMap<>();
        for (String line : lines(state)) {
            VerifierKey log =
                    parse(line).orElseThrow(() -> new IntegrityException("logs.vkey: not a verifier key of a log"));
            byOrigin.put(log.name(), log);
        }
        return List.copyOf(byOrigin.values());
    }

    private static List<String> lines(Path state) {
        try {
            Path file = state.resolve(LOGS);
            return Files.notExists(file)
                    ? List.of()
                    : Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                            .filter(line -> !line.isBlank())
                            .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the witness's directory cannot be read", e);
        }
    }

    private static Optional<VerifierKey> parse(String line) {
        try {
            return Optional.of(VerifierKey.parse(line)).filter(log -> log.type() == SignatureType.ED25519);
        } catch (MalformedException e) {
            return Optional.empty();
        }
    }

    /** Returns its verifier key, as C2SP writes them. */
    public String verifierKey() {
        return verifierKey.toString();
    }

    /** Returns the origins of the logs it knows. */
    public Set<String> origins() {
        return Set.copyOf(logs.keySet());
    }

    /** Answers {@code add-checkpoint}. */
    public Reply add(byte[] body) {
        AddCheckpoint asked;
        try {
            asked = AddCheckpoint.parse(body);
        } catch (MalformedException e) {
            return Reply.refusal(400, "That is no add-checkpoint request: " + e.getMessage() + ".");
        }
        WitnessedLog log = logs.get(asked.checkpoint().origin());
        if (log == null) {
            return Reply.refusal(404, "This witness does not know that log.");
        }
        return log.add(asked, next -> NoteSignature.cosign(next, verifierKey, clock.millis() / 1_000, key::sign));
    }

    /**
     * Returns the last checkpoint it signed of a log.
     *
     * @param originHash SHA-256 of the origin in hexadecimal
     */
    public Optional<String> checkpoint(String originHash) {
        return Optional.ofNullable(byHash.get(originHash)).flatMap(WitnessedLog::last);
    }

    @Override
    public void close() {
        close(lock);
    }
}
