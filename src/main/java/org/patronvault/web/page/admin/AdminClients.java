package org.patronvault.web.page.admin;

import io.javalin.config.RoutesConfig;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.patronvault.access.client.ClientGrant;
import org.patronvault.access.client.Clients;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.policy.Permission;
import org.patronvault.web.page.DeskView;
import org.patronvault.web.page.Form;
import org.patronvault.web.page.Texts;
import org.patronvault.web.page.admin.AdminPageFlow.Part;
import org.patronvault.web.page.admin.AdminPageFlow.Result;
import org.patronvault.web.page.admin.AdminPageFlow.Visit;

/**
 * The page {@code /admin/clients}: API clients of other systems (P7). A client's name is posted, never in the address.
 */
final class AdminClients {
    private static final String NAME = "name";

    /** Purposes of the vault itself, which no client may have. */
    private static final Set<String> OF_THE_VAULT =
            Purpose.VAULTS_OWN.stream().map(Purpose::name).collect(Collectors.toUnmodifiableSet());

    private final AdminPageFlow room;
    private final Clients clients;

    AdminClients(AdminPageFlow room) {
        this.room = room;
        this.clients = room.access().clients();
    }

    void register(RoutesConfig routes) {
        room.look(routes, Part.CLIENTS, this::show);
        room.act(routes, Part.CLIENTS, "/admin/clients/open", this::show, this::open);
        room.act(routes, Part.CLIENTS, "/admin/clients/add", this::show, this::add);
        room.act(routes, Part.CLIENTS, "/admin/clients/change", this::show, this::change);
        room.act(routes, Part.CLIENTS, "/admin/clients/rotate", this::show, this::rotate);
        room.act(routes, Part.CLIENTS, "/admin/clients/revoke", this::show, this::revoke);
    }

    private Result open(Visit visit) {
        return Result.done(visit.t()
                .say("admin.clients.opened", clients.find(visit.text(NAME)).name()));
    }

    private Result add(Visit visit) {
        String name = room.access().accounts().canonical(visit.text(NAME));
        ClientGrant grant = typed(visit);
        return Result.of(
                visit, Part.CLIENTS, "add", name, room.once(visit, asking -> clients.add(asking, name, grant)));
    }

    private Result change(Visit visit) {
        String name = clients.find(visit.text(NAME)).name();
        ClientGrant grant = typed(visit);
        return Result.of(
                visit, Part.CLIENTS, "change", name, room.once(visit, asking -> clients.change(asking, name, grant)));
    }

    private Result rotate(Visit visit) {
        String name = clients.find(visit.text(NAME)).name();
        return Result.of(visit, Part.CLIENTS, "rotate", name, room.once(visit, asking -> clients.rotate(asking, name)));
    }

    private Result revoke(Visit visit) {
        String name = clients.find(visit.text(NAME)).name();
        return Result.of(visit, Part.CLIENTS, "revoke", name, room.once(visit, asking -> clients.revoke(asking, name)));
    }

    /** Reads the grant from the form. An empty field counts as absent. */
    private static ClientGrant typed(Visit visit) {
        Form form = visit.form();
        return ClientGrant.parse(
                        form.chosen("scope"),
                        form.chosen("field"),
                        form.chosen("purpose"),
                        form.filled("daily").map(String::strip).orElse(ClientGrant.NOTHING.dailyText()),
                        form.text("reference"),
                        form.filled("expires").orElse(ClientGrant.NOTHING.expiresText()))
                .checking(form.filled("checks").map(String::strip).orElse(ClientGrant.NOTHING.checksText()));
    }

    private void show(Visit visit, Result told) {
        boolean adding = visit.ctx().path().endsWith("/add") && told.refused();
        boolean changing = visit.ctx().path().endsWith("/change") && told.refused();
        List<Clients.Facts> all = clients.list();
        String name = visit.text(NAME).strip().toLowerCase(Locale.ROOT);
        Optional<Clients.Facts> open = adding
                ? Optional.empty()
                : all.stream().filter(one -> one.name().equals(name)).findFirst();
        ClientGrant grant = open.map(Clients.Facts::grant).orElse(ClientGrant.NOTHING);
        room.page(
                "admin-clients.jte",
                visit,
                told,
                Part.CLIENTS,
                Map.of(
                        "systems",
                        new AdminView.Systems(
                                all,
                                open,
                                open.filter(one -> room.access().may(one.caller(), Permission.ENTITLEMENT))
                                        .isPresent(),
                                form(visit.t(), changing ? GrantInput.of(visit) : GrantInput.of(grant)),
                                form(visit.t(), adding ? GrantInput.of(visit) : GrantInput.of(ClientGrant.NOTHING)))));
    }

    /** A grant in the words of the form: one that a client has, or refused input. */
    private record GrantInput(
            String name,
            Collection<String> scopes,
            Collection<String> fields,
            Collection<String> purposes,
            String daily,
            String reference,
            String expires,
            String checks) {

        private static GrantInput of(ClientGrant grant) {
            return new GrantInput(
                    "",
                    grant.scopes(),
                    grant.fields().stream().map(PatronField::wireName).toList(),
                    grant.purposes().stream().map(Purpose::name).toList(),
                    grant.dailyText(),
                    grant.reference(),
                    grant.expires().map(Object::toString).orElse(""),
                    grant.checks().isPresent() ? grant.checksText() : "");
        }

        private static GrantInput of(Visit visit) {
            return new GrantInput(
                    visit.text(NAME),
                    visit.form().chosen("scope"),
                    visit.form().chosen("field"),
                    visit.form().chosen("purpose"),
                    visit.text("daily"),
                    visit.text("reference"),
                    visit.text("expires"),
                    visit.text("checks"));
        }
    }

    private AdminView.Grant form(Texts t, GrantInput input) {
        return new AdminView.Grant(
                input.name(),
                room.access().policy().fields().scopeNames().stream()
                        .map(scope ->
                                new DeskView.Choice(scope, scope, input.scopes().contains(scope)))
                        .toList(),
                AdminPolicy.fields(t, input.fields()),
                AdminPolicy.purposes(input.purposes()).stream()
                        .filter(purpose -> purpose.chosen() || !OF_THE_VAULT.contains(purpose.value()))
                        .toList(),
                input.daily(),
                input.reference(),
                input.expires(),
                input.checks());
    }
}
