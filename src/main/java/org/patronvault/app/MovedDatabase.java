package org.patronvault.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.patronvault.core.keys.file.DurableFile;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.store.sql.StoreSettings;
import org.patronvault.upkeep.backup.DatabaseMove;

/**
 * The target database of a move, and the lines of vault.yaml that will name it.
 *
 * @param passwordFile the file with the database user's password, if needed
 */
public record MovedDatabase(Home home, String url, Optional<Path> passwordFile) implements DatabaseMove.Target {
    private static final String DATABASE = DatabaseSettings.URL;
    private static final String PASSWORD = DatabaseSettings.PASSWORD_FILE;
    private static final Pattern NAMED = Pattern.compile("(?m)^(" + DATABASE + "|" + PASSWORD + ")[ \\t]*:");

    /** Refuses, before anything is moved, a target that vault.yaml could not name at the end. */
    public MovedDatabase {
        if (!url.startsWith("jdbc:postgresql:")) {
            throw new Refused(Problem.INVALID, "A vault moves into PostgreSQL alone: --to jdbc:postgresql://…");
        }
        StoreSettings unused = DatabaseSettings.named(url, passwordFile);
    }

    @Override
    public StoreSettings database() {
        return DatabaseSettings.named(url, passwordFile);
    }

    /** Whether the home already uses this database. */
    public boolean isOfHome() {
        return Settings.read(home).store(home).jdbcUrl().equals(url);
    }

    /**
     * Returns the future vault.yaml: old lines about the database become comments, and the new ones follow at the end.
     *
     * @throws Refused if any other setting would change
     */
    public String settings() {
        try {
            String before = Files.readString(home.settings(), StandardCharsets.UTF_8);
            String after = NAMED.matcher(before).replaceAll("# Before the move: $1:")
                    + "\n# Moved out of SQLite.\n" + DATABASE + ": \"" + url + "\"\n"
                    + passwordFile
                            .map(file -> PASSWORD + ": \"" + file + "\"\n")
                            .orElse("");
            if (isSameButForDatabase(before, after)) {
                return after;
            }
        } catch (IOException e) {
            throw Settings.wrong("cannot be read");
        }
        throw new Refused(
                Problem.INVALID,
                "vault.yaml cannot be changed by a program as it is written: let `database:` be one line, at its beginning,"
                        + " and let nothing end the document before its end.");
    }

    private boolean isSameButForDatabase(String before, String after) {
        try {
            return rest(after).equals(rest(before))
                    && read(after).path(DATABASE).asText().equals(url);
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static JsonNode read(String yaml) throws JsonProcessingException {
        return Settings.YAML.readTree(yaml);
    }

    /** The settings without the database's location. */
    private static JsonNode rest(String yaml) throws JsonProcessingException {
        return read(yaml) instanceof ObjectNode object
                ? object.without(List.of(DATABASE, PASSWORD))
                : JsonNodeFactory.instance.objectNode();
    }

    @Override
    public void switchOver() {
        DurableFile.write(home.settings(), settings().getBytes(StandardCharsets.UTF_8));
    }
}
