package org.patronvault.core.keys;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.keys.file.DurableFile;

/**
 * A small JSON file with this node's progress in some work. A MAC of the ring protects it, so only the vault can
 * advance it. A lost or edited file counts as missing. Not thread-safe.
 */
public final class NodeFile {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String MAC = "mac";

    private final Path file;
    private final KeyCustody custody;
    private final String form;
    private final String table;

    /**
     * Makes the file's reader and writer; the file need not exist.
     *
     * @param form the value of its member {@code format}
     * @param table a further input of its MAC
     */
    public NodeFile(Path file, KeyCustody custody, String form, String table) {
        this.file = file;
        this.custody = custody;
        this.form = form;
        this.table = table;
    }

    /** Returns a JSON object with the format alone, to be filled. */
    public ObjectNode blank() {
        return JSON.createObjectNode().put("format", form);
    }

    /** Writes the file to disk; {@code body} is the canonical form of its content. */
    public void write(ObjectNode json, CanonicalBytes body) {
        byte[] mac = custody.keys().rows().newest().mac(table, new byte[0], 1, body.bytes());
        json.put(MAC, Base64.getEncoder().encodeToString(mac));
        DurableFile.write(file, json.toPrettyString().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Returns what was written last.
     *
     * @param reader returns the content's canonical form; may throw any exception for a malformed file
     * @throws DurableFile.Unreadable if the file exists and cannot be read now
     */
    public Optional<JsonNode> read(Function<JsonNode, CanonicalBytes> reader) {
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(file));
            byte[] mac = Base64.getDecoder().decode(json.path(MAC).asText());
            return Optional.of(json).filter(said -> isOurs(reader.apply(said).bytes(), mac));
        } catch (NoSuchFileException | JsonProcessingException | CharConversionException | IllegalArgumentException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new DurableFile.Unreadable(e);
        }
    }

    /**
     * Returns the content of such a file without checking its MAC; for readers that have no key and decide nothing by
     * it.
     */
    public static Optional<JsonNode> unproven(Path file) {
        try {
            return Files.exists(file) ? Optional.of(JSON.readTree(Files.readAllBytes(file))) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private boolean isOurs(byte[] body, byte[] mac) {
        return custody.keys().rows().any(rows -> rows.verify(table, new byte[0], 1, body, mac));
    }
}
