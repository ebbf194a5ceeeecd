package org.patronvault.patron.change;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.patronvault.core.dual.IdempotencyStore;
import org.patronvault.core.log.AuditReceipt;
import org.patronvault.core.log.Reservation;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.log.entry.Subject;
import org.patronvault.core.model.PatronAttributes;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.PatronId;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import org.patronvault.core.store.table.PatronRow;
import org.patronvault.core.store.table.StoredPatron;
import org.patronvault.core.vault.Consents;
import org.patronvault.core.vault.PatronMeta;
import org.patronvault.core.vault.PersonalData;
import org.patronvault.patron.record.PatronContext;
import org.patronvault.patron.record.PatronDraft;
import org.patronvault.patron.record.PatronJson;
import org.patronvault.patron.record.PatronTerms;
import org.patronvault.patron.record.PatronWriter;

/**
 * A change of a patron by a merge patch (RFC 7396). It opens the fields it needs to merge and to index again, under the
 * purpose {@code reindex} and logged first. Then it writes by compare-and-set.
 */
public final class PatronPatch {
    /** A changed patron, and the log entry of the opened fields. */
    public record Result(PatronId id, long version, Optional<Long> entry) {

        /** The answer in the form kept for a repeated request. */
        public String json() {
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("id", id.toString())
                    .put("version", version);
            entry.ifPresent(index -> json.put("entry", index));
            return json.toString();
        }
    }

    private final PatronContext parts;
    private final PatronJson json;
    private final PatronWriter writer;

    public PatronPatch(PatronContext parts, PatronJson json) {
        this.parts = parts;
        this.json = json;
        this.writer = new PatronWriter(parts);
    }

    /**
     * Applies a patch.
     *
     * @param expected the version the caller saw; empty is refused with {@code precondition-required}
     * @param patch read only once the patron was found
     */
    public Result apply(
            Caller caller,
            Optional<PatronId> id,
            OptionalLong expected,
            Supplier<JsonNode> patch,
            Optional<IdempotencyStore.Key> replay,
            byte[] request) {
        return parts.aimed(caller, ActKind.CHANGE, Permission.CHANGE, id, request, (attempt, stored) -> {
            Optional<String> card =
                    PatronContext.readable(() -> patch.get().path("card").textValue());
            Reservation asSearch = parts.asSearch(caller, card);
            return parts.log().logging(attempt, asSearch, () -> {
                parts.requireFreeCard(card, Optional.of(stored.id()));
                return apply(attempt, stored, expected, patch, asSearch, replay);
            });
        });
    }

    private Result apply(
            AccessEvent attempt,
            StoredPatron stored,
            OptionalLong expected,
            Supplier<JsonNode> sent,
            Reservation asSearch,
            Optional<IdempotencyStore.Key> replay) {
        requireVersion(stored, expected);
        JsonNode patch = sent.get();
        // A patch that is visibly wrong is refused before anything is opened.
        json.requireCollected(patch);
        PatronMeta facts = parts.vault().facts(stored);
        facts.requireConsent();
        parts.requirePosted(patched(draft(stored, PersonalData.NOTHING), patch).consent());
        PreparedChange prepared = prepare(attempt, stored, facts, patch);
        Result corrected = new Result(
                stored.id(),
                prepared.change().row().version(),
                prepared.receipt().map(AuditReceipt::index));
        writer.write(attempt.ending(Outcome.WRITTEN), prepared.change(), asSearch, replay, corrected.json());
        return corrected;
    }

    /** A change, with the receipt that its opened fields are in the log. */
    private record PreparedChange(PatronWriter.Change change, Optional<AuditReceipt> receipt) {}

    private PreparedChange prepare(AccessEvent attempt, StoredPatron stored, PatronMeta facts, JsonNode patch) {
        Set<PatronField> opened = opened(patch);
        Optional<AuditReceipt> receipt = Optional.empty();
        PersonalData data = PersonalData.NOTHING;
        if (!opened.isEmpty()) {
            AccessEvent opens = attempt.forPurpose(Purpose.REINDEX)
                    .ending(Outcome.DISCLOSED)
                    .on(List.of(Subject.opened(stored.id(), opened)));
            receipt = Optional.of(parts.log().record(opens));
            data = parts.vault().open(stored, opened, receipt.get(), attempt.actor(), Purpose.REINDEX);
        }
        return new PreparedChange(
                change(stored, facts, opened, data, patch, attempt.actor().name()), receipt);
    }

    /** The change that removes a field, which must be optional; the fields it opens are logged first. */
    public PatronWriter.Change without(AccessEvent attempt, StoredPatron stored, PatronField field) {
        JsonNode patch = JsonNodeFactory.instance.objectNode().putNull(field.wireName());
        return prepare(attempt, stored, parts.vault().facts(stored), patch).change();
    }

    public static void requireVersion(StoredPatron stored, OptionalLong expected) {
        if (expected.isEmpty()) {
            throw new Refused(
                    Problem.PRECONDITION_REQUIRED, "Say with If-Match: \"VERSION\" which version you have seen.");
        }
        if (stored.row().version() != expected.getAsLong()) {
            throw new Refused(Problem.VERSION_STALE, "The patron was changed since; look again.");
        }
    }

    /** The personal fields a patch touches, and all indexed ones if any of those is among them. */
    private static Set<PatronField> opened(JsonNode patch) {
        Set<PatronField> fields = EnumSet.noneOf(PatronField.class);
        patch.fieldNames()
                .forEachRemaining(name -> PatronField.ofWireName(name)
                        .filter(PatronField::isPersonal)
                        .ifPresent(fields::add));
        if (fields.stream().anyMatch(PatronTerms.fields()::contains)) {
            fields.addAll(PatronTerms.fields());
        }
        return fields;
    }

    private PatronWriter.Change change(
            StoredPatron stored,
            PatronMeta facts,
            Set<PatronField> opened,
            PersonalData data,
            JsonNode patch,
            String by) {
        PatronDraft before = draft(stored, data);
        PatronDraft after = patched(before, patch);
        List<String> cards = cards(data, after.card());
        Map<PatronField, byte[]> was = PatronWriter.values(data.cards().orElse(List.of(before.card())), before);
        Map<PatronField, byte[]> is = PatronWriter.values(cards, after);
        Map<PatronField, byte[]> changed = new EnumMap<>(PatronField.class);
        for (PatronField field : opened) {
            if (!Arrays.equals(was.get(field), is.get(field))) {
                changed.put(field, is.get(field));
            }
        }
        boolean reindex = changed.keySet().stream().anyMatch(PatronTerms.fields()::contains);
        PatronRow row = new PatronRow(
                stored.id(),
                stored.row().version() + 1,
                stored.row().indexGeneration() + (reindex ? 1 : 0),
                new PatronAttributes(
                        after.library(),
                        after.category(),
                        after.expires(),
                        after.status(),
                        stored.row().attributes().registered()));
        PatronMeta now = new PatronMeta(
                set(facts, opened, after),
                facts.isProtected(),
                facts.isDecoy(),
                facts.generations(),
                consents(facts, after, by),
                facts.forgotten(),
                facts.importFingerprint());
        return writer.prepare(stored, facts, row, changed, now, reindex ? PatronTerms.of(cards, after) : null);
    }

    private PatronDraft patched(PatronDraft before, JsonNode patch) {
        return json.parseStored(MergePatch.apply(json.write(before), patch));
    }

    /** A draft of the opened values; fields that were not opened are blank and are never written back. */
    private static PatronDraft draft(StoredPatron stored, PersonalData data) {
        PatronAttributes a = stored.row().attributes();
        return new PatronDraft(
                data.card().orElse("0"),
                data.name().orElse(new org.patronvault.core.model.Name("-", "", "", "", "")),
                data.address().orElse(org.patronvault.core.model.Address.NONE),
                data.phone().orElse(List.of()),
                data.email().orElse(List.of()),
                a.library(),
                a.category(),
                a.expires(),
                a.status(),
                Optional.empty(),
                Optional.of(a.registered()));
    }

    /** The corrected card in place of the current one, before the former ones. */
    private static List<String> cards(PersonalData data, String card) {
        List<String> cards = new ArrayList<>(data.cards().orElse(List.of(card)));
        cards.set(0, card);
        return cards.stream().distinct().toList();
    }

    private static Set<PatronField> set(PatronMeta facts, Set<PatronField> opened, PatronDraft after) {
        Set<PatronField> set = EnumSet.noneOf(PatronField.class);
        set.addAll(facts.set());
        set.removeAll(opened);
        PatronWriter.set(after).stream().filter(opened::contains).forEach(set::add);
        return set;
    }

    private static Consents consents(PatronMeta facts, PatronDraft after, String by) {
        return after.consent()
                .map(consent -> facts.consents().with(consent.takenBy(by)))
                .orElse(facts.consents());
    }
}
