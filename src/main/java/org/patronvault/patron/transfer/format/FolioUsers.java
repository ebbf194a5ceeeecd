package org.patronvault.patron.transfer.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.patronvault.core.model.Category;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.model.Status;
import org.patronvault.patron.record.ImportOptions;
import org.patronvault.patron.record.ImportRow;
import org.patronvault.patron.record.PatronJson;

/**
 * A reader of patrons from a FOLIO user-import file: {@code {"users":[…]}} or a bare array, in UTF-8. A row's line is
 * the line its object starts on.
 *
 * <p>The address marked primary is used, or else the first. {@code type} staff makes category staff, anything else
 * adult, since {@code patronGroup} is an identifier whose meaning only the FOLIO tenant knows. A user with
 * {@code active} false becomes blocked: FOLIO lends nothing to inactive users, and the vault must not entitle a patron
 * the old system did not. That does not depend on today's date, so importing a file again changes nothing.
 */
public final class FolioUsers implements PatronReader {
    /** Members that FOLIO's schemas userdataimport and userdata name and the vault has no place for. */
    private static final Pattern REPORTABLE = Pattern.compile("id|username|externalSystemId|patronGroup|departments"
            + "|proxyFor|createdDate|updatedDate|meta|metadata|tags|customFields|requestPreference"
            + "|preferredEmailCommunication|pronouns|dateOfBirth|profilePictureLink|preferredContactTypeId"
            + "|preferredContactTypeIds|addressTypeId|addresses");

    private static final Set<String> USER =
            Set.of("barcode", "active", "type", "personal", "expirationDate", "enrollmentDate");
    private static final Map<String, String> NAME = Map.of(
            "lastName", "family", "firstName", "given", "middleName", "middle", "preferredFirstName", "preferred");
    private static final Set<String> CONTACT = Set.of("addresses", "phone", "mobilePhone", "email");
    private static final Map<String, String> ADDRESS = Map.ofEntries(
            Map.entry("addressLine1", "line1"),
            Map.entry("addressLine2", "line2"),
            Map.entry("city", "city"),
            Map.entry("region", "region"),
            Map.entry("postalCode", "postalCode"),
            Map.entry("countryId", "country"));

    /** The time that FOLIO appends when it exports a date; the date is the one written. */
    private static final Pattern TIME_OF_DAY =
            Pattern.compile("T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?");

    private static final int DAY_LENGTH = "2019-11-27".length();

    private final ImportFile in;
    private final ImportOptions.Rows rows;
    private JsonParser parser;
    private boolean inUsers;
    private boolean usersSeen;
    private boolean ended;
    private Refused fileFault;

    /**
     * Reads {@code in}, which {@link #close} closes.
     *
     * @throws Refused {@code invalid} if {@code terms} name no library, since FOLIO files name none
     */
    public FolioUsers(InputStream in, PatronJson json, ImportOptions terms) {
        requireLibrary(terms);
        this.in = ImportFile.of(in);
        this.rows = terms.rows(json);
    }

    /**
     * Reads {@code file}.
     *
     * @throws Refused as the constructor, and if the file cannot be read
     */
    public static FolioUsers open(Path file, PatronJson json, ImportOptions terms) {
        requireLibrary(terms);
        return new FolioUsers(ImportFile.open(file), json, terms);
    }

    private static void requireLibrary(ImportOptions terms) {
        if (terms.library().isEmpty()) {
            throw new Refused(Problem.INVALID, "FOLIO files name no library: the import must name one for all rows.");
        }
    }

    @Override
    public Optional<ImportRow> next() {
        if (fileFault != null) {
            throw fileFault;
        }
        try {
            return ended ? Optional.empty() : advance();
        } catch (JsonEOFException e) {
            throw fail("The file was cut off: it ends in the middle of its JSON");
        } catch (StreamConstraintsException e) {
            throw fail("The file has a text longer or a nesting deeper than an import takes");
        } catch (JsonProcessingException e) {
            throw fail("The file is not well-formed JSON in UTF-8");
        } catch (IOException e) {
            throw fail("The file could not be read any further");
        }
    }

    @Override
    public Optional<Position> position() {
        return in.position();
    }

    @Override
    public boolean fileChanged() {
        return in.changed();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private Optional<ImportRow> advance() throws IOException {
        if (parser == null) {
            start();
        }
        while (!ended) {
            if (!inUsers) {
                seekUsers();
            } else if (parser.nextToken() == JsonToken.END_ARRAY) {
                inUsers = false;
                if (parser.getParsingContext().inRoot()) {
                    end();
                }
            } else {
                long line = parser.currentTokenLocation().getLineNr();
                return Optional.of(row(line, ImportOptions.Tree.read(parser)));
            }
        }
        return Optional.empty();
    }

    private void start() throws IOException {
        parser = ImportOptions.Tree.FACTORY.createParser(in);
        JsonToken first = parser.nextToken();
        if (first == null) {
            throw fail("The file is empty");
        }
        inUsers = first == JsonToken.START_ARRAY;
        usersSeen = inUsers;
        if (!inUsers && first != JsonToken.START_OBJECT) {
            throw fail("The file must be a JSON object with a list named users, or that list alone");
        }
    }

    /** Moves into the list of users, or to the end of the object that should have it. */
    private void seekUsers() throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean users = parser.currentName().equals("users");
            JsonToken value = parser.nextToken();
            if (!users) {
                parser.skipChildren();
            } else if (usersSeen || value != JsonToken.START_ARRAY) {
                throw fail("The file must have one member users, a list");
            } else {
                usersSeen = true;
                inUsers = true;
                return;
            }
        }
        if (!usersSeen) {
            throw fail("The file has no list named users");
        }
        end();
    }

    private void end() throws IOException {
        if (parser.nextToken() != null) {
            throw fail("The file goes on after the end of its JSON");
        }
        ended = true;
    }

    private Refused fail(String what) {
        int line = parser == null ? 1 : parser.currentLocation().getLineNr();
        fileFault = new Refused(Problem.INVALID, what + " (line " + line + ").");
        return fileFault;
    }

    private ImportRow row(long line, ImportOptions.Tree user) {
        SortedSet<String> dropped = new TreeSet<>();
        return user.fault()
                .map(reason -> ImportOptions.Rows.refused(line, reason, dropped))
                .orElseGet(() -> rows.row(line, patron(user.root(), dropped), dropped));
    }

    /** The user in the form of the API. A value of the wrong type is passed on unchanged, to be refused there. */
    private static ObjectNode patron(JsonNode user, SortedSet<String> dropped) {
        ObjectNode patron = JsonNodeFactory.instance.objectNode();
        report(user, USER::contains, dropped);
        move(user, "barcode", patron, "card");
        moveDay(user, "expirationDate", patron, "expires");
        moveDay(user, "enrollmentDate", patron, "registered");
        if (user.path("type").asText().equals("staff")) {
            patron.put("category", Category.STAFF.wireName());
        }
        move(user, "active", patron, "status");
        if (user.path("active").isBoolean()) {
            Status status = user.path("active").booleanValue() ? Status.ACTIVE : Status.BLOCKED;
            patron.put("status", status.wireName());
        }
        JsonNode personal = user.path("personal");
        if (personal.isObject()) {
            report(personal, member -> NAME.containsKey(member) || CONTACT.contains(member), dropped);
            ObjectNode name = patron.putObject("name");
            NAME.forEach((from, to) -> move(personal, from, name, to));
            patron.putArray("phone").add(personal.get("phone")).add(personal.get("mobilePhone"));
            patron.putArray("email").add(personal.get("email"));
            address(personal.path("addresses"), patron, dropped);
        } else {
            move(user, "personal", patron, "name");
        }
        return patron;
    }

    private static void address(JsonNode addresses, ObjectNode patron, SortedSet<String> dropped) {
        JsonNode chosen = addresses.isArray() ? addresses.path(0) : addresses;
        for (JsonNode address : addresses) {
            if (address.path("primaryAddress").asBoolean()) {
                chosen = address;
                break;
            }
        }
        if (addresses.isArray() && addresses.size() > 1) {
            dropped.add("addresses");
        }
        if (chosen.isObject()) {
            report(chosen, member -> ADDRESS.containsKey(member) || member.equals("primaryAddress"), dropped);
            JsonNode from = chosen;
            ObjectNode address = patron.putObject("address");
            ADDRESS.forEach((member, as) -> move(from, member, address, as));
        } else if (!chosen.isMissingNode()) {
            patron.set("address", chosen);
        }
    }

    private static void move(JsonNode from, String member, ObjectNode to, String as) {
        if (from.hasNonNull(member)) {
            to.set(as, from.get(member));
        }
    }

    private static void moveDay(JsonNode from, String member, ObjectNode to, String as) {
        move(from, member, to, as);
        String written = from.path(member).asText();
        if (written.length() > DAY_LENGTH
                && TIME_OF_DAY.matcher(written.substring(DAY_LENGTH)).matches()) {
            to.put(as, written.substring(0, DAY_LENGTH));
        }
    }

    /** Notes the members of {@code object} that are not kept; none, if it is null or empty. */
    private static void report(JsonNode object, Predicate<String> kept, SortedSet<String> dropped) {
        object.properties().forEach(member -> {
            JsonNode value = member.getValue();
            boolean empty = value.isNull()
                    || (value.isContainerNode() && value.isEmpty())
                    || (value.isTextual() && value.textValue().isBlank());
            if (!kept.test(member.getKey()) && !empty) {
                boolean known = REPORTABLE.matcher(member.getKey()).matches();
                dropped.add(known ? member.getKey() : ImportRow.OTHER);
            }
        });
    }
}
