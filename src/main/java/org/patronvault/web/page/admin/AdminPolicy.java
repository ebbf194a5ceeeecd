package org.patronvault.web.page.admin;

import io.javalin.config.RoutesConfig;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.patronvault.access.watch.PolicyDescription;
import org.patronvault.access.watch.PolicyTable;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.policy.Explanation;
import org.patronvault.core.policy.Policy;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.DeskViews;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.admin.AdminPageFlow.Part;
import org.patronvault.web.page.admin.AdminPageFlow.Result;
import org.patronvault.web.page.admin.AdminPageFlow.Visit;

/**
 * The pages {@code /admin/policy} and {@code /admin/doctor}: what the policy in force allows and by which line, and the
 * vault's health.
 */
final class AdminPolicy {
    private static final String ROLE = "role";
    private static final String SCOPE = "scope";

    private final AdminPageFlow room;

    AdminPolicy(AdminPageFlow room) {
        this.room = room;
    }

    void register(RoutesConfig routes) {
        room.look(routes, Part.POLICY, this::show);
        room.look(routes, Part.DOCTOR, this::doctor);
    }

    static List<DeskView.Choice> fields(Texts t, Collection<String> chosen) {
        return PolicyTable.fields().stream()
                .map(PatronField::wireName)
                .map(name -> new DeskView.Choice(name, t.say("admin.policy.field." + name), chosen.contains(name)))
                .toList();
    }

    static List<DeskView.Choice> purposes(Collection<String> chosen) {
        return Purpose.KNOWN.stream()
                .map(Purpose::name)
                .sorted()
                .map(name -> new DeskView.Choice(name, DeskViews.words(name), chosen.contains(name)))
                .toList();
    }

    private void doctor(Visit visit, Result told) {
        room.page(
                "admin-doctor.jte",
                visit,
                told,
                Part.DOCTOR,
                Map.of("lines", room.parts().doctor().look()));
    }

    /** A question about the policy names no patron, so it may be in the address. */
    private void show(Visit visit, Result told) {
        Policy policy = room.access().policy();
        String who = asked(visit, "who", "");
        String field = asked(visit, "field", PatronField.PHONE.wireName());
        String purpose = asked(visit, "purpose", Purpose.ACCOUNT_SERVICE.name());
        boolean elsewhere = asked(visit, "elsewhere", "").equals("on");
        List<DeskView.Choice> whos = Stream.concat(
                        policy.fields().roleNames().stream().map(name -> who(visit, ROLE, name, who)),
                        policy.fields().scopeNames().stream().map(name -> who(visit, SCOPE, name, who)))
                .toList();
        List<DeskView.Choice> fields = fields(visit.t(), List.of(field));
        List<DeskView.Choice> purposes = purposes(List.of(purpose));
        boolean known = Stream.of(whos, fields, purposes)
                .allMatch(choices -> choices.stream().anyMatch(DeskView.Choice::chosen));
        room.page(
                "admin-policy.jte",
                visit,
                told,
                Part.POLICY,
                Map.of(
                        "policy",
                        new AdminView.Policy(
                                policy.version(),
                                PolicyTable.of(policy),
                                PolicyDescription.of(policy),
                                whos,
                                fields,
                                purposes,
                                elsewhere,
                                known
                                        ? Optional.of(explained(policy, who, field, purpose, elsewhere))
                                        : Optional.empty())));
    }

    private static String asked(Visit visit, String name, String absent) {
        String asked = visit.ctx().queryParam(name);
        return asked == null ? absent : asked;
    }

    private static DeskView.Choice who(Visit visit, String kind, String name, String chosen) {
        String value = kind + " " + name;
        return new DeskView.Choice(value, visit.t().say("admin.policy." + kind, name), value.equals(chosen));
    }

    private static Explanation explained(Policy policy, String who, String field, String purpose, boolean elsewhere) {
        String[] kindAndName = who.split(" ", 2);
        PatronField asked = PatronField.ofWireName(field).orElseThrow();
        return kindAndName[0].equals(ROLE)
                ? policy.explainRole(kindAndName[1], asked, new Purpose(purpose), elsewhere)
                : policy.explainScope(kindAndName[1], asked, new Purpose(purpose));
    }
}
