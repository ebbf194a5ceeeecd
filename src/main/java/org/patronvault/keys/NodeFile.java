package org.patronvault.keys;

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
import org.patronvault.crypto.CanonicalBytes;

/**
 * A small JSON file in which this node keeps how far something is, under a MAC of the ring, so that nobody but the vault
 * moves it on. One that is lost or was edited counts as none. For one thread.
 */
public final class NodeFile {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String MAC = "mac";

    private final Path file;
    private final KeyCustody custody;
    private final String form;
    private final String table;

    /**
     * A file that need not be there.
     *
     * @param form what its member {@code format} says
     * @param table what its MAC is over, besides what it says
     */
    public NodeFile(Path file, KeyCustody custody, String form, String table) {
        this.file = file;
        this.custody = custody;
        this.form = form;
        this.table = table;
    }

    /** An object with the format alone, to be filled. */
    public ObjectNode blank() {
        return JSON.createObjectNode().put("format", form);
    }

    /** Puts it on disk; {@code body} is what it says, in one spelling. */
    public void write(ObjectNode json, CanonicalBytes body) {
        byte[] mac = custody.keys().rows().newest().mac(table, new byte[0], 1, body.bytes());
        json.put(MAC, Base64.getEncoder().encodeToString(mac));
        DurableFile.write(file, json.toPrettyString().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * What was written last.
     *
     * @param reader what it says, in that spelling; may throw what it likes about what is no such file
     * @throws DurableFile.Unreadable if it is there and cannot be read just now
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

    /** What such a file says, without its MAC: for who has no key and decides nothing by it. */
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
