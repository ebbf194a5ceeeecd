package org.patronvault.patron.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.YearMonth;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedSet;
import org.patronvault.core.model.Consent;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.search.CardNumbers;

/**
 * The facts that the library states once for all rows of an import.
 *
 * @param library home library of the rows that name none; empty if each must name its own
 * @param consent the consent that patrons gave to the library before (P6); a row's own comes first
 */
public record ImportOptions(Optional<String> library, Consent consent) {

    /** @throws Refused {@code invalid} if {@code library} is no library code */
    public ImportOptions {
        if (library.isPresent() && !PatronAttributes.isLibrary(library.get())) {
            throw new Refused(Problem.INVALID, PatronJson.LIBRARY_FORM);
        }
        if (!consent.given() || !consent.purpose().equals(Consent.SERVICE)) {
            throw new IllegalStateException("import needs a given consent to the service");
        }
    }

    /** Makes rows of one file under these options. */
    public Rows rows(PatronJson json) {
        return new Rows(json, this);
    }

    /** A maker of rows from the patron objects of one file; it knows the cards it has seen. */
    public static final class Rows {
        /** The member of an import row, not of the API's form, that holds when the patron was registered. */
        public static final String REGISTERED = "registered";

        private static final int MONTH_LENGTH = "2018-05".length();

        private final PatronJson json;
        private final ImportOptions terms;
        private final SeenCards seen = new SeenCards();

        private Rows(PatronJson json, ImportOptions terms) {
            this.json = json;
            this.terms = terms;
        }

        /**
         * Makes a row from {@code patron}, in the form of the API. A card counts as seen even if its row is refused: of
         * two rows for one card the right one is unknown, so the later one never silently wins.
         *
         * @param patron may have {@value #REGISTERED}, a day or a month, and the members of {@link TransferredState};
         *     is completed with the library; other members are ignored
         * @param dropped names of the values that were not kept
         */
        public ImportRow row(long line, ObjectNode patron, SortedSet<String> dropped) {
            try {
                if (!seen.add(json.card(patron))) {
                    return refused(line, ImportRow.Reason.CARD_REPEATED, dropped);
                }
                JsonNode library = patron.path("library");
                if (!patron.hasNonNull("library")
                        || (library.isTextual() && library.textValue().isBlank())) {
                    terms.library.ifPresent(code -> patron.put("library", code));
                }
                PatronDraft draft = json.values(patron).completed(terms.consent, registered(patron));
                TransferredState brought = TransferredState.read(patron, draft.card(), json);
                return new ImportRow.Accepted(line, draft, brought, Collections.unmodifiableSortedSet(dropped));
            } catch (PatronDraft.Fault fault) {
                return refused(line, fault.reason(), dropped);
            }
        }

        private static Optional<YearMonth> registered(ObjectNode patron) {
            String written = PatronDraft.Members.of(patron).text(REGISTERED);
            if (written.isEmpty()) {
                return Optional.empty();
            }
            String day = written.length() == MONTH_LENGTH ? written + "-01" : written;
            return Optional.of(PatronDraft.Members.isoDate(day)
                    .map(YearMonth::from)
                    .orElseThrow(() -> new PatronDraft.Fault(
                            ImportRow.Reason.DATE_MALFORMED, "registered must be a month as YYYY-MM.")));
        }

        /** A row refused before it was a patron object. */
        public static ImportRow refused(long line, ImportRow.Reason reason, SortedSet<String> dropped) {
            return new ImportRow.RefusedRow(line, reason.slug(), Collections.unmodifiableSortedSet(dropped));
        }
    }

    /**
     * One JSON value from a stream, whole or with the reason why its row is refused. Its size is bounded, and the
     * stream can be read on after it in any case. Duplicate members are found here because the parser's own detection
     * would end the file at the first.
     */
    public static final class Tree {
        /** A factory with bounded texts, names and depth; no message of its parsers holds a value of the file. */
        public static final JsonFactory FACTORY = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(20)
                        .maxStringLength(1 << 20)
                        .maxNameLength(1_000)
                        .build())
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .build();

        private static final int MAX_NODES = 10_000;

        private final JsonParser parser;
        private final JsonNode root;
        private int nodes;
        private boolean memberRepeated;

        private Tree(JsonParser parser) throws IOException {
            this.parser = parser;
            this.root = value();
        }

        /** Reads the value that starts at the parser's token; leaves the parser at the value's last token. */
        public static Tree read(JsonParser parser) throws IOException {
            return new Tree(parser);
        }

        public JsonNode root() {
            return root;
        }

        /** The reason why it cannot be a row, if there is one. */
        public Optional<ImportRow.Reason> fault() {
            if (!root.isObject()) {
                return Optional.of(ImportRow.Reason.NOT_AN_OBJECT);
            }
            if (nodes > MAX_NODES) {
                return Optional.of(ImportRow.Reason.TOO_LONG);
            }
            return memberRepeated ? Optional.of(ImportRow.Reason.JSON_MALFORMED) : Optional.empty();
        }

        private JsonNode value() throws IOException {
            nodes++;
            return switch (parser.currentToken()) {
                case START_OBJECT -> object();
                case START_ARRAY -> array();
                case VALUE_STRING -> TextNode.valueOf(parser.getText());
                case VALUE_TRUE, VALUE_FALSE -> BooleanNode.valueOf(parser.getBooleanValue());
                case VALUE_NULL -> NullNode.getInstance();
                default -> IntNode.valueOf(0); // a number: no member we keep may be one, so which does not matter
            };
        }

        private ObjectNode object() throws IOException {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String member = parser.currentName();
                parser.nextToken();
                JsonNode value = value();
                memberRepeated |= object.has(member);
                if (nodes <= MAX_NODES) {
                    object.set(member, value);
                }
            }
            return object;
        }

        private ArrayNode array() throws IOException {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                JsonNode value = value();
                if (nodes <= MAX_NODES) {
                    array.add(value);
                }
            }
            return array;
        }
    }

    /**
     * A set of cards by the first 64 bits of a salted SHA-256, in one array at most three quarters full. For 5 million
     * cards it takes 64 MiB; a set of boxed numbers would take 300 MiB. Fewer than one in a million such files would
     * have two different cards with equal bits. The salt prevents prepared collisions.
     */
    private static final class SeenCards {
        private final byte[] salt = new byte[16];
        private final MessageDigest sha256;
        private long[] slots = new long[1 << 10];
        private int size;

        SeenCards() {
            new SecureRandom().nextBytes(salt);
            try {
                sha256 = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }

        /** Adds {@code card}, in {@link CardNumbers#canonical} form; returns whether it was not seen before. */
        boolean add(String card) {
            if (!place(slots, hash(card))) {
                return false;
            }
            size++;
            if (size > slots.length / 4 * 3) {
                grow();
            }
            return true;
        }

        private long hash(String card) {
            sha256.update(salt);
            byte[] digest = sha256.digest(card.getBytes(StandardCharsets.US_ASCII));
            long hash = 0;
            for (int i = 0; i < Long.BYTES; i++) {
                hash = hash << Byte.SIZE | (digest[i] & 0xff);
            }
            return hash == 0 ? 1 : hash; // 0 marks a free slot
        }

        private void grow() {
            long[] larger = new long[slots.length * 2];
            for (long hash : slots) {
                if (hash != 0) {
                    place(larger, hash);
                }
            }
            slots = larger;
        }

        private static boolean place(long[] table, long hash) {
            int mask = table.length - 1;
            int slot = (int) hash & mask;
            while (table[slot] != 0) {
                if (table[slot] == hash) {
                    return false;
                }
                slot = (slot + 1) & mask;
            }
            table[slot] = hash;
            return true;
        }
    }
}
