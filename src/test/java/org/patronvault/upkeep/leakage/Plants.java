package org.patronvault.upkeep.leakage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.patronvault.core.log.entry.LeafInClear;
import org.patronvault.core.model.PatronId;
import org.patronvault.testing.CellView;

/**
 * Planted mistakes in a copy of a vault.
 *
 * @param leaf a copy whose last entry of the log is about the number of the first patron of the sample, and counts one
 */
record Plants(Sample sample, Path leaf) {
    /** A replacement of the value of the sample's patron at that place. */
    private interface Change {
        void of(int place, byte[] value);
    }

    void analyzed(Connection copy) throws SQLException {
        labelsBeginAlike(copy);
        try (Statement statement = copy.createStatement()) {
            statement.execute("ANALYZE");
        }
    }

    void looksInClear(Connection copy) throws SQLException {
        try (PreparedStatement write = copy.prepareStatement(
                "INSERT INTO authority (kind, name, generation, body, mac) VALUES ('recent', ?, 1, ?, randomblob(32))")) {
            for (int place = 0; place < sample.size(); place++) {
                write.setString(1, "clerk" + place);
                write.setString(
                        2,
                        "{\"actor\":\"clerk\",\"lookedAt\":\""
                                + sample.patrons().get(place) + "\"}");
                write.addBatch();
            }
            write.executeBatch();
        }
    }

    void rowOfNoKnownKind(Connection copy) throws SQLException {
        execute(
                copy,
                "INSERT INTO authority (kind, name, generation, body, mac) VALUES"
                        + " ('seen of Smithson', 'clerk', 1, '{\"q\":\"Smithson, Katherine\"}', randomblob(32))");
    }

    void factOfNoKnownName(Connection copy) throws SQLException {
        execute(copy, "INSERT INTO vault_fact (name, value) VALUES ('count-smithson', '7')");
    }

    void wordsForAMonth(Connection copy) throws SQLException {
        execute(copy, "UPDATE patron SET registered = 'Smithson' WHERE id = " + number(0));
    }

    void wordsForADay(Connection copy) throws SQLException {
        execute(copy, "UPDATE patron SET expires = '2030-02-30' WHERE id = " + number(0));
    }

    void keyVersionOfItsOwnForEach(Connection copy) throws SQLException {
        change(copy, "phone", (place, envelope) -> version(envelope, 1 + place));
    }

    void keyVersionOfTheSurname(Connection copy) throws SQLException {
        change(copy, "phone", (place, envelope) -> version(envelope, 1 + sample.surnames()[place] % 12));
    }

    private static void version(byte[] envelope, int version) {
        ByteBuffer.wrap(envelope).putInt(1, version);
    }

    private long number(int place) {
        return sample.patrons().get(place).number();
    }

    private static void execute(Connection copy, String sql) throws SQLException {
        try (Statement statement = copy.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<byte[]> labels(Connection copy) throws SQLException {
        try (Statement statement = copy.createStatement();
                ResultSet rows = statement.executeQuery("SELECT label FROM search_index")) {
            List<byte[]> labels = new ArrayList<>();
            while (rows.next()) {
                labels.add(rows.getBytes(1));
            }
            Collections.shuffle(labels, new Random(sample.size()));
            return labels;
        }
    }

    private byte[] hash(int place) {
        byte[] hash = new byte[6];
        new Random(77L * sample.surnames()[place]).nextBytes(hash);
        return hash;
    }

    void labelsBeginAlike(Connection copy) throws SQLException {
        List<byte[]> labels = labels(copy);
        try (PreparedStatement write = copy.prepareStatement("UPDATE search_index SET label = ? WHERE label = ?")) {
            for (int place = 0; place < sample.size(); place++) {
                byte[] made = labels.get(place).clone();
                System.arraycopy(hash(place), 0, made, 0, 6);
                write.setBytes(1, made);
                write.setBytes(2, labels.get(place));
                write.addBatch();
            }
            write.executeBatch();
        }
    }

    void surnameHashed(Connection copy) throws SQLException {
        change(copy, "name", (place, envelope) -> System.arraycopy(hash(place), 0, envelope, 150, 6));
    }

    /** The end of every value of the index says whether it is an entry, or there for the number. */
    void kindsOfEntries(Connection copy) throws SQLException {
        try (Statement statement = copy.createStatement()) {
            statement.execute(
                    "UPDATE search_index SET value ="
                            + " CAST(substr(value, 1, length(value) - 1) || CASE WHEN random() % 3 = 0 THEN x'01' ELSE x'00' END AS BLOB)");
        }
    }

    void surnameInOneByte(Connection copy) throws SQLException {
        change(copy, "name", (place, envelope) -> envelope[5] = (byte) (sample.surnames()[place] % 12));
    }

    void labelsInClear(Connection copy) throws SQLException {
        List<byte[]> labels = labels(copy);
        change(copy, "labels", (place, envelope) -> {
            ByteBuffer end = ByteBuffer.wrap(envelope).position(envelope.length - 640);
            labels.subList(40 * place, 40 * place + 40).forEach(end::put);
        });
    }

    /** Changes that value of every patron. */
    private void change(Connection copy, String field, Change change) throws SQLException {
        try (PreparedStatement read =
                        copy.prepareStatement("SELECT envelope FROM cell WHERE patron = ? AND field = ?");
                PreparedStatement write =
                        copy.prepareStatement("UPDATE cell SET envelope = ? WHERE patron = ? AND field = ?")) {
            for (int place = 0; place < sample.size(); place++) {
                read.setLong(1, sample.patrons().get(place).number());
                read.setString(2, field);
                try (ResultSet row = read.executeQuery()) {
                    byte[] envelope = row.getBytes(1);
                    change.of(place, envelope);
                    write.setBytes(1, envelope);
                }
                write.setLong(2, sample.patrons().get(place).number());
                write.setString(3, field);
                write.addBatch();
            }
            write.executeBatch();
        }
    }

    /** Adds an entry for each patron, genuine except for its unencrypted content. */
    private void leaves(Connection copy, Change change) throws SQLException {
        byte[] genuine = genuine();
        try (PreparedStatement write = copy.prepareStatement("INSERT INTO access_log (idx, leaf) VALUES (?, ?)")) {
            for (int place = 0; place < sample.size(); place++) {
                byte[] made = genuine.clone();
                change.of(place, made);
                write.setLong(1, 1_000_000 + place);
                write.setBytes(2, made);
                write.addBatch();
            }
            write.executeBatch();
        }
    }

    /** The entry that is about the first patron of the sample. */
    private byte[] genuine() throws SQLException {
        try (Connection connection = CellView.open("jdbc:sqlite:" + leaf);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT leaf FROM access_log ORDER BY idx DESC LIMIT 1")) {
            return row.getBytes(1);
        }
    }

    void entriesAbout(Connection copy) throws SQLException {
        leaves(copy, this::aboutWhom);
    }

    void searchesAbout(Connection copy) throws SQLException {
        leaves(copy, (place, made) -> {
            hide(made, place);
            put(
                    made,
                    ascii(sample.patrons().get(0)),
                    ascii(new PatronId(new Random(sample.surnames()[place]).nextLong())));
        });
    }

    void subjectsInClear(Connection copy) throws SQLException {
        leaves(copy, this::subjects);
    }

    private void aboutWhom(int place, byte[] made) {
        hide(made, place);
        put(made, ascii(sample.patrons().get(0)), ascii(sample.patrons().get(place)));
    }

    private void subjects(int place, byte[] made) {
        put(made, ascii(sample.patrons().get(0)), ascii(new PatronId(place)));
        byte[] sealed = hide(made, place);
        byte[] record = Arrays.copyOf(sealed, sealed.length);
        ByteBuffer.wrap(record)
                .position(sealed.length - 10)
                .putLong(sample.patrons().get(place).number());
        put(made, sealed, record);
    }

    /** Puts other random bytes where the patrons of the entry are sealed, and returns them. */
    private static byte[] hide(byte[] made, int place) {
        byte[] random = LeafInClear.of(made).sealed();
        byte[] before = random.clone();
        new Random(place).nextBytes(random);
        random[0] = before[0];
        put(made, before, random);
        return random;
    }

    private static byte[] ascii(PatronId patron) {
        return patron.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static void put(byte[] into, byte[] before, byte[] after) {
        for (int at = 0; at + before.length <= into.length; at++) {
            if (Arrays.equals(into, at, at + before.length, before, 0, before.length)) {
                System.arraycopy(after, 0, into, at, after.length);
                return;
            }
        }
        throw new IllegalArgumentException("not there");
    }
}
