package org.patronvault.upkeep.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.RowMac;
import org.patronvault.core.crypto.SigningKey;
import org.patronvault.core.keys.ring.KeyVersions;
import org.patronvault.core.keys.ring.UnsealedKeys;
import org.patronvault.core.model.IntegrityException;

/**
 * The manifest of a backup, {@code manifest.json} (format.md, "Backup").
 *
 * @param id 16 hexadecimal digits
 * @param made when the copy was begun, to the second
 * @param ringRevision of the key ring after the copy was made
 */
record BackupManifest(String id, Instant made, long ringRevision, BackupContents contents, List<BackupFile> files) {
    /** A part of the encrypted file's AAD. */
    static final String FORMAT = "pv1.backup";

    /** Far larger than any manifest. Reading a larger file stops here. */
    private static final int MOST_BYTES = 1 << 20;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    BackupManifest {
        files = List.copyOf(files);
    }

    private byte[] encode() {
        CanonicalBytes out = CanonicalBytes.begin(FORMAT).lp(id).u64(made.getEpochSecond());
        contents.encode(out);
        out.u32(files.size());
        files.forEach(
                file -> out.lp(file.name()).u64(file.bytes()).lp(HexFormat.of().parseHex(file.sha256())));
        return out.bytes();
    }

    private byte[] name() {
        return id.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the file, with its MAC, and its signature for readers without a secret key. */
    byte[] signed(UnsealedKeys keys) {
        return signed(keys.rows().newest(), keys.statements().newest());
    }

    private byte[] signed(RowMac rows, SigningKey signing) {
        Base64.Encoder base64 = Base64.getEncoder();
        ObjectNode json = json();
        json.put("mac", base64.encodeToString(rows.mac("backup", name(), ringRevision, encode())));
        json.put("signature", base64.encodeToString(signing.sign(statement())));
        json.put(
                "key",
                base64.encodeToString(
                        CanonicalBytes.plain().u8(1).raw(signing.publicKey()).bytes()));
        return (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private byte[] statement() {
        return CanonicalBytes.begin(FORMAT + ".signed")
                .u64(ringRevision)
                .raw(encode())
                .bytes();
    }

    private ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("format", FORMAT)
                .put("id", id)
                .put("vault", contents.vault())
                .put("made", made.toString())
                .put("ringRevision", ringRevision)
                .put("schema", contents.schema());
        json.putObject("log")
                .put("size", contents.logSize())
                .put("root", contents.logRoot())
                .put("checkpoint", contents.checkpoint());
        json.putObject("counts")
                .put("patrons", contents.patrons())
                .put("values", contents.values())
                .put("tombstones", contents.tombstones())
                .put("indexEntries", contents.indexEntries())
                .put("authorityRows", contents.authorityRows());
        ObjectNode versions = json.putObject("kekVersions");
        contents.kekVersions().forEach((field, some) -> {
            ArrayNode list = versions.putArray(field);
            some.forEach(list::add);
        });
        ArrayNode list = json.putArray("files");
        files.forEach(file -> list.addObject()
                .put("name", file.name())
                .put("bytes", file.bytes())
                .put("sha256", file.sha256()));
        return json;
    }

    /**
     * Reads a file like {@link #open(byte[], UnsealedKeys)}.
     *
     * @throws UncheckedIOException if it cannot be read
     */
    static BackupManifest open(Path file, UnsealedKeys keys) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new IntegrityException("backup: manifest");
            }
            return open(bytes, keys);
        } catch (IOException e) {
            throw new UncheckedIOException("manifest.json cannot be read", e);
        }
    }

    /**
     * Parses the file, which must be ours as a whole: a missing, added or changed member invalidates it.
     *
     * @throws IntegrityException if it is changed, or not under those keys
     */
    static BackupManifest open(byte[] file, UnsealedKeys keys) {
        try {
            JsonNode json = JSON.readTree(file);
            BackupManifest read = read(json);
            byte[] mac = Base64.getDecoder().decode(json.path("mac").asText());
            byte[] signature = Base64.getDecoder().decode(json.path("signature").asText());
            byte[] body = read.encode();
            Optional<RowMac> rows =
                    version(keys.rows(), one -> one.verify("backup", read.name(), read.ringRevision(), body, mac));
            Optional<SigningKey> signing =
                    version(keys.statements(), one -> SigningKey.verify(one.publicKey(), read.statement(), signature));
            if (rows.isEmpty()
                    || signing.isEmpty()
                    || !JSON.readTree(read.signed(rows.get(), signing.get())).equals(json)) {
                throw new IntegrityException("backup: manifest");
            }
            return read;
        } catch (JsonProcessingException e) {
            throw new IntegrityException("backup: manifest");
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            throw new IntegrityException("backup: manifest", e);
        }
    }

    /** Finds the key version that made the backup, which the file does not name. */
    private static <T> Optional<T> version(KeyVersions<T> key, Predicate<T> made) {
        OptionalInt version = key.find(made);
        return version.isPresent() ? key.version(version.getAsInt()) : Optional.empty();
    }

    /** The MAC covers bytes, so each text is rewritten canonically, and another spelling shows. */
    private static BackupManifest read(JsonNode json) {
        JsonNode log = json.path("log");
        JsonNode counts = json.path("counts");
        SortedMap<String, List<Integer>> versions = new TreeMap<>();
        json.path("kekVersions").properties().forEach(field -> {
            List<Integer> some = new ArrayList<>();
            field.getValue().forEach(version -> some.add(version.asInt()));
            versions.put(field.getKey(), some);
        });
        List<BackupFile> files = new ArrayList<>();
        json.path("files")
                .forEach(file -> files.add(new BackupFile(
                        file.path("name").asText(),
                        file.path("bytes").asLong(),
                        HexFormat.of()
                                .formatHex(HexFormat.of()
                                        .parseHex(file.path("sha256").asText())))));
        return new BackupManifest(
                json.path("id").asText(),
                Instant.parse(json.path("made").asText()),
                json.path("ringRevision").asLong(),
                new BackupContents(
                        json.path("vault").asText(),
                        json.path("schema").asText(),
                        log.path("size").asLong(),
                        Base64.getEncoder()
                                .encodeToString(Base64.getDecoder()
                                        .decode(log.path("root").asText())),
                        log.path("checkpoint").asText(),
                        counts.path("patrons").asLong(),
                        counts.path("values").asLong(),
                        counts.path("tombstones").asLong(),
                        counts.path("indexEntries").asLong(),
                        counts.path("authorityRows").asLong(),
                        versions),
                files);
    }
}
