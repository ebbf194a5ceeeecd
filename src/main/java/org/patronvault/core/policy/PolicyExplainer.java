package org.patronvault.core.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;

/** A question to the policy about one field, which finds the line of the file that decides. */
record PolicyExplainer(
        Policy policy, SyntheticCaller who, String section, PatronField field, Purpose purpose, boolean elsewhere) {
    private static final List<Permission> OPENING =
            List.of(Permission.SEARCH, Permission.REVEAL, Permission.REVEAL_MANY, Permission.MAIL, Permission.PACKAGE);

    Explanation explain() {
        List<Permission> by = OPENING.stream()
                .filter(act -> policy.fields().denial(open(act), row()).isEmpty())
                .toList();
        if (!by.isEmpty()) {
            String acts = by.stream().map(Permission::wireName).collect(Collectors.joining(", "));
            String member = open(by.get(0)).isWhole() ? "may" : "opens";
            return allowed("may open " + field.wireName() + " by " + acts, member, open(by.get(0)), false);
        }
        FieldPolicy.Request search = FieldPolicy.Request.of(who.caller(), Permission.SEARCH, purpose, Set.of());
        if (shown(search).filter(one -> one.results().contains(field)).isPresent()) {
            return allowed("sees " + field.wireName() + " in the results of a search", "results", search, true);
        }
        return refused();
    }

    private FieldPolicy.Request open(Permission act) {
        return FieldPolicy.Request.of(who.caller(), act, purpose, Set.of(field));
    }

    private Optional<Grant.Row> row() {
        return Optional.of(Grant.ofLibrary(elsewhere ? SyntheticCaller.OTHER : SyntheticCaller.OWN));
    }

    private Optional<RowGrant> shown(FieldPolicy.Request request) {
        return policy.fields().shown(new Grant(policy.fields(), request), request, row().orElseThrow());
    }

    private Explanation allowed(String what, String member, FieldPolicy.Request asked, boolean inResults) {
        List<String> says = new ArrayList<>();
        String[] path = sight(member);
        says.add(who.words() + " " + what + " for " + purpose + whose() + place(path));
        RowGrant shown = shown(asked).orElseThrow();
        Optional<Mask> mask = shown.masked().contains(field) ? Optional.of(Mask.of(field)) : Optional.empty();
        boolean maskedInResults = inResults && !policy.written(sight("masks")).isSaid();
        says.add(
                mask.isEmpty()
                        ? "It is shown whole."
                        : "It is shown masked, by " + mask.get().wireName()
                                + place(maskedInResults ? path : sight("masks")));
        says.add(limit(inResults && shown.isNameOnly(), asked.act() == Permission.MAIL));
        return new Explanation(true, dotted(path), policy.written(path).line(), mask, List.copyOf(says));
    }

    private String limit(boolean isNameOnly, boolean inMailings) {
        if (inMailings) {
            return "It is opened in mailings: " + policy.mailings().most()
                    + " addresses in one, of which one person alone" + " takes out "
                    + policy.mailings().alone() + " a day" + place(MailingPolicy.MEMBER);
        }
        if (section.equals("scopes")) {
            return "Every patron counts against the client's own --daily; no limit in the policy does.";
        }
        LimitSettings limits = policy.limits();
        return isNameOnly
                ? "It counts as a name in results: " + limits.namesTenMinutes() + " in ten minutes, "
                        + limits.namesDay() + " a day" + place("limits", "names")
                : "It counts as an opened patron: " + limits.openedTenMinutes() + " in ten minutes, "
                        + limits.openedDay() + " a day" + place("limits", "opened");
    }

    private Explanation refused() {
        Optional<PolicyRule> rule = section.equals("roles")
                ? policy.fields().role(who.name())
                : policy.fields().scope(who.name());
        List<Permission> acts = OPENING.stream()
                .filter(rule.orElse(PolicyRule.NOTHING).may()::contains)
                .toList();
        String[] path;
        String why;
        if (acts.isEmpty()) {
            path = path("may");
            why = "may not open anything: search, reveal, reveal-many, mail or package is not among its acts";
        } else {
            // All acts that open by field are refused for one reason. An act that opens every field is nearer to
            // allowed.
            Permission nearest =
                    acts.stream().filter(act -> open(act).isWhole()).findFirst().orElse(acts.get(0));
            Problem problem =
                    policy.fields().denial(open(nearest), row()).orElseThrow().problem();
            switch (problem) {
                case PURPOSE_NOT_ALLOWED -> {
                    path = path("purposes");
                    why = "may not name the purpose " + purpose;
                }
                case FIELD_NOT_ALLOWED -> {
                    path = sight("opens");
                    why = "may not open " + field.wireName() + " for " + purpose + whose();
                }
                default -> {
                    path = path("libraries");
                    why = "may look at the own library's patrons only";
                }
            }
        }
        String says = who.words() + " " + why + place(path);
        return new Explanation(false, dotted(path), policy.written(path).line(), Optional.empty(), List.of(says));
    }

    private String whose() {
        return section.equals("scopes") ? "" : " of a patron of " + (elsewhere ? "another" : "the own") + " library";
    }

    private String[] path(String member) {
        return new String[] {section, who.name(), member};
    }

    /** Returns the path of a rule's member for these patrons, down to the purpose or field if present. */
    private String[] sight(String member) {
        String finer = member.equals("masks") ? field.wireName() : purpose.name();
        String[] there = {section, who.name(), "elsewhere", member};
        YamlNode elsewheres = policy.written(section, who.name()).member("elsewhere");
        boolean differs = elsewhere && elsewheres.member(member).isSaid();
        String[] path = differs ? there : path(member);
        return Stream.concat(Arrays.stream(path), Stream.of(finer)).toArray(String[]::new);
    }

    private String place(String... path) {
        int line = policy.written(path).line();
        return line == 0 ? "." : ": line " + line + ", " + dotted(path) + ".";
    }

    /** Returns the part of the path that is in the file. */
    private String dotted(String... path) {
        List<String> written = new ArrayList<>();
        for (String name : path) {
            if (!policy.written(written.toArray(String[]::new)).member(name).isSaid()) {
                break;
            }
            written.add(name);
        }
        return String.join(".", written);
    }
}
