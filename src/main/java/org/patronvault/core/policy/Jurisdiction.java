package org.patronvault.core.policy;

import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.core.model.LegalInstrument;
import org.patronvault.core.model.PatronField;

/**
 * A place's law on handing records out (P3), from a data file beside this class. It lists the instruments that suffice,
 * their issuers and their fields.
 *
 * @param id the name of the file, and in {@code policy.yaml}
 * @param law the statute
 * @param asOf the day of its last review
 * @param suffices the instruments that suffice
 * @param insufficient how to answer any other instrument
 */
public record Jurisdiction(
        String id,
        String name,
        String law,
        LocalDate asOf,
        Map<LegalInstrument, Sufficient> suffices,
        Map<LegalInstrument, String> insufficient) {

    /** All IDs, the default first. */
    public static final List<String> ALL = List.of("connecticut", "new-york");

    private static final Set<String> MEMBERS = Set.of("name", "law", "asOf", "suffices", "insufficient");
    private static final Set<String> SUFFICIENT_MEMBERS = Set.of("from", "fields", "law", "note");
    private static final Map<String, Jurisdiction> KNOWN =
            ALL.stream().collect(Collectors.toUnmodifiableMap(id -> id, Jurisdiction::read));

    /**
     * An instrument that suffices.
     *
     * @param from its issuers, such as {@code court}
     * @param fields the fields that may be handed out by it
     * @param law the section of the statute
     * @param note points to check before complying
     */
    public record Sufficient(Set<String> from, Set<PatronField> fields, String law, String note) {
        public Sufficient {
            from = Set.copyOf(from);
            fields = Set.copyOf(fields);
        }
    }

    public Jurisdiction {
        suffices = Map.copyOf(suffices);
        insufficient = Map.copyOf(insufficient);
    }

    /** Returns the jurisdiction with that ID. */
    public static Optional<Jurisdiction> of(String id) {
        return Optional.ofNullable(KNOWN.get(id));
    }

    /** Returns the jurisdiction if {@code policy.yaml} names none. */
    static Jurisdiction unsaid() {
        return KNOWN.get(ALL.get(0));
    }

    private static Jurisdiction read(String id) {
        try (InputStream in = Jurisdiction.class.getResourceAsStream("jurisdictions/" + id + ".yaml")) {
            return parse(id, YamlNode.read(in.readAllBytes()));
        } catch (IOException e) {
            throw new IllegalStateException("jurisdiction " + id, e);
        }
    }

    /** Parses one of the program's own files; a fault in it is a bug. */
    static Jurisdiction parse(String id, YamlNode root) {
        require(id, root, MEMBERS);
        Map<LegalInstrument, Sufficient> suffices = new EnumMap<>(LegalInstrument.class);
        root.member("suffices")
                .members()
                .forEach((name, said) -> suffices.put(instrument(id, name), sufficient(id, said)));
        Map<LegalInstrument, String> insufficient = new EnumMap<>(LegalInstrument.class);
        root.member("insufficient")
                .members()
                .forEach((name, said) -> insufficient.put(instrument(id, name), said.text()));
        List<LegalInstrument> twice = new ArrayList<>(suffices.keySet());
        twice.retainAll(insufficient.keySet());
        if (!twice.isEmpty() || suffices.size() + insufficient.size() != LegalInstrument.values().length) {
            throw wrong(id);
        }
        try {
            return new Jurisdiction(
                    id,
                    root.member("name").text(),
                    root.member("law").text(),
                    LocalDate.parse(root.member("asOf").text()),
                    suffices,
                    insufficient);
        } catch (DateTimeException e) {
            throw wrong(id);
        }
    }

    private static Sufficient sufficient(String id, YamlNode said) {
        require(id, said, SUFFICIENT_MEMBERS);
        Set<PatronField> fields = new HashSet<>();
        said.member("fields")
                .list()
                .forEach(field -> fields.add(PatronField.ofWireName(field.text())
                        .filter(PatronField::isPersonal)
                        .orElseThrow(() -> wrong(id))));
        Set<String> from =
                said.member("from").list().stream().map(YamlNode::text).collect(Collectors.toSet());
        return new Sufficient(
                from, fields, said.member("law").text(), said.member("note").text());
    }

    private static void require(String id, YamlNode node, Set<String> members) {
        if (!node.members().keySet().equals(members)) {
            throw wrong(id);
        }
    }

    private static LegalInstrument instrument(String id, String name) {
        return LegalInstrument.ofWireName(name).orElseThrow(() -> wrong(id));
    }

    private static IllegalStateException wrong(String id) {
        return new IllegalStateException("jurisdiction " + id);
    }

    /** Returns the fields and issuers of an instrument; empty if it does not suffice. */
    public Optional<Sufficient> sufficient(LegalInstrument instrument) {
        return Optional.ofNullable(suffices.get(instrument));
    }

    /** Returns the names of the instruments that suffice, in words. */
    public String sufficientNames() {
        return suffices.keySet().stream()
                .sorted()
                .map(one -> one.wireName().replace('-', ' '))
                .collect(Collectors.joining(", "));
    }
}
