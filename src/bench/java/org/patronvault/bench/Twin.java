package org.patronvault.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The plaintext twin: the program that an engineer would write first for these answers, with Javalin, JDBC and Jackson.
 * It has no encryption, sign-in, policy or log, and one table with an index on the card.
 */
final class Twin {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** About as many patrons a transaction as an import of the vault has room for with a heap of 512 MiB. */
    private static final int BATCH = 2_000;

    private Twin() {}

    /** {@code import FILE.jsonl JDBC_URL} or {@code serve JDBC_URL PORT}. */
    public static void main(String[] args) throws IOException, SQLException {
        switch (args[0]) {
            case "import" -> {
                try (TwinStore store = new TwinStore(args[2])) {
                    System.out.println("{\"created\":" + load(Path.of(args[1]), store) + "}");
                }
            }
            case "serve" -> new TwinServer(new TwinStore(args[1]), Integer.parseInt(args[2])).start();
            default -> throw new IllegalArgumentException("import or serve");
        }
    }

    private static long load(Path file, TwinStore store) throws IOException, SQLException {
        long created = 0;
        List<JsonNode> batch = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                batch.add(JSON.readTree(line));
                if (batch.size() == BATCH) {
                    created += store.insert(batch);
                    batch.clear();
                }
            }
        }
        return created + store.insert(batch);
    }
}
