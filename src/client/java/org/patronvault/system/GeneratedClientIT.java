package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.client.ApiClient;
import org.patronvault.client.ApiException;
import org.patronvault.client.api.EntitlementsApi;
import org.patronvault.client.api.PatronsApi;
import org.patronvault.client.api.SessionsApi;
import org.patronvault.client.model.AddressChanges;
import org.patronvault.client.model.Change;
import org.patronvault.client.model.Changed;
import org.patronvault.client.model.ConsentAsWritten;
import org.patronvault.client.model.Credentials;
import org.patronvault.client.model.Entitlement;
import org.patronvault.client.model.EntitlementQuestion;
import org.patronvault.client.model.Erased;
import org.patronvault.client.model.NameAsWritten;
import org.patronvault.client.model.PatronAsWritten;
import org.patronvault.client.model.PatronChanges;
import org.patronvault.client.model.PersonalField;
import org.patronvault.client.model.Problem;
import org.patronvault.client.model.ProblemType;
import org.patronvault.client.model.Purpose;
import org.patronvault.client.model.Registered;
import org.patronvault.client.model.Reveal;
import org.patronvault.client.model.RevealMany;
import org.patronvault.client.model.Revealed;
import org.patronvault.client.model.RevealedPatron;
import org.patronvault.client.model.Search;
import org.patronvault.client.model.SearchAnswer;
import org.patronvault.client.model.SearchResult;
import org.patronvault.client.model.Session;

/** What openapi-generator makes of openapi.yaml is a client that a library's system can work with, as it comes out. */
class GeneratedClientIT {
    private static RunningVault vault;
    private static PatronsApi ils;

    @BeforeAll
    static void start() {
        vault = RunningVault.create().start();
        ils = new PatronsApi(client(key("catalogue", "ils")));
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    private static String key(String name, String scope) {
        return vault.json("admin", "client", "add", name, "--scope", scope)
                .path("key")
                .asText();
    }

    /** With an empty token, one that is not signed in. */
    private static ApiClient client(String token) {
        ApiClient client = new ApiClient();
        client.updateBaseUri(vault.address());
        if (!token.isEmpty()) {
            client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + token));
        }
        return client;
    }

    private static ApiClient signedIn(String user) throws ApiException {
        Session session = new SessionsApi(client(""))
                .signIn(new Credentials().username(user).password(RunningVault.PASSWORD));
        assertThat(session.getRoles()).contains(session.getRole());
        return client(session.getToken());
    }

    private static PatronAsWritten patron(int n) {
        ObjectNode sample = SamplePatron.of(n);
        return new PatronAsWritten()
                .card(sample.path("card").asText())
                .name(new NameAsWritten().family("Okonkwo").given("Ada"))
                .addPhoneItem(sample.at("/phone/0").asText())
                .addEmailItem(sample.at("/email/0").asText())
                .library("NC")
                .expires(LocalDate.of(2099, 12, 31))
                .consent(new ConsentAsWritten()
                        .policy("2018-05")
                        .given(LocalDate.of(2026, 1, 15))
                        .channel("desk"));
    }

    @Test
    void patronIsRegisteredFoundOpenedAndChanged() throws ApiException {
        Registered registered = ils.registerPatron(patron(1), "registration-1");
        assertThat(registered.getVersion()).isEqualTo(1);
        assertThat(ils.registerPatron(patron(1), "registration-1").getId()).isEqualTo(registered.getId());
        String id = registered.getId();

        SearchAnswer found = ils.searchPatrons(new Search()
                .card(SamplePatron.card(1))
                .purpose(Purpose.ACCOUNT_SERVICE)
                .addRevealItem(PersonalField.PHONE));
        assertThat(found.getMore()).isFalse();
        SearchResult result = found.getResults().get(0);
        assertThat(result.getId()).isEqualTo(id);
        assertThat(result.getMatch()).isEqualTo(SearchResult.MatchEnum.EXACT);
        assertThat(result.getName().getFamily()).isEqualTo("Okonkwo");
        assertThat(result.getCard()).startsWith("…").hasSize(5);
        assertThat(result.getPhone()).containsExactly("+12035550001");
        assertThat(result.getEmail()).isNull();
        assertThat(result.getExpires()).isEqualTo(LocalDate.of(2099, 12, 31));

        String version = "\"" + ils.readPatron(id).getVersion() + "\"";
        PatronChanges changes = new PatronChanges()
                .email(null)
                .phone(List.of("203-555-7001"))
                .address(new AddressChanges().city("New Canaan").line2(null));
        Changed changed = ils.changePatron(version, id, changes, "change-1");
        assertThat(changed.getVersion()).isEqualTo(2);
        Problem stale = problem(412, () -> ils.changePatron(version, id, changes, "change-2"));
        assertThat(stale.getType()).isEqualTo(ProblemType.VERSION_STALE);

        RevealMany many = new RevealMany()
                .addPatronsItem(id)
                .addFieldsItem(PersonalField.EMAIL)
                .addFieldsItem(PersonalField.PHONE)
                .purpose(Purpose.HOLD_NOTICE);
        RevealedPatron opened = ils.revealPatrons(many).get(0);
        assertThat(opened.getId()).isEqualTo(id);
        assertThat(opened.getEmail()).isEmpty();
        assertThat(opened.getPhone()).containsExactly("+12035557001");
        assertThat(opened.getAddress()).isNull();
        assertThat(opened.getEntry()).isGreaterThan(found.getEntry());
    }

    @Test
    void patronOpenedByAPersonIsInTheirReportUntilErased() throws ApiException {
        String id = ils.registerPatron(patron(2), null).getId();
        PatronsApi clerk = new PatronsApi(signedIn("clerk"));
        Revealed revealed = clerk.revealPatron(
                id, new Reveal().addFieldsItem(PersonalField.NAME).purpose(Purpose.ACCOUNT_SERVICE));
        assertThat(revealed.getName().getGiven()).isEqualTo("Ada");

        // Asked for as JSON or, in the same header, as a page.
        PatronsApi officer = new PatronsApi(signedIn("officer"));
        assertThat(officer.reportAccesses(id).getVisits()).isNotEmpty();

        PatronsApi boss = new PatronsApi(signedIn("boss"));
        Erased erased = boss.erasePatron(id, "erasure-1");
        assertThat(erased.getCertificate().getPatron()).isEqualTo(id);
        assertThat(boss.readCertificate(id).getCertificate().getErased())
                .isEqualTo(erased.getCertificate().getErased());
        assertThat(problem(404, () -> ils.readPatron(id)).getType()).isEqualTo(ProblemType.NOT_FOUND);
        assertThat(changes(10)).last().satisfies(change -> {
            assertThat(change.getId()).isEqualTo(id);
            assertThat(change.getErased()).isTrue();
        });
    }

    @Test
    void changesAreReadPageByPage() throws ApiException {
        for (int n = 10; n < 15; n++) {
            ils.registerPatron(patron(n), null);
        }

        List<Change> all = changes(1000);

        assertThat(all).hasSizeGreaterThanOrEqualTo(5);
        assertThat(changes(2)).isEqualTo(all);
    }

    /** All changes, of which one call answers {@code limit}. */
    private static List<Change> changes(int limit) throws ApiException {
        List<Change> all = new ArrayList<>();
        List<Change> page = ils.listChanges(0L, limit);
        while (!page.isEmpty()) {
            all.addAll(page);
            page = ils.listChanges(all.get(all.size() - 1).getN(), limit);
        }
        return all;
    }

    @Test
    void vendorIsToldYesOrNo() throws ApiException {
        ils.registerPatron(patron(3), null);
        EntitlementsApi vendor = new EntitlementsApi(client(key("films-vendor", "entitlement")));
        EntitlementQuestion question = new EntitlementQuestion().service("ebooks");

        Entitlement yes = vendor.checkEntitlement(question.card(SamplePatron.card(3)), null);
        assertThat(yes.getEntitled()).isTrue();
        assertThat(yes.getSubject()).isNotEmpty();
        assertThat(yes.getValidUntil()).isNotNull();
        Entitlement no = vendor.checkEntitlement(question.card("unknown"), null);
        assertThat(no.getEntitled()).isFalse();
        assertThat(no.getSubject()).isNull();
        assertThat(no.getReason()).isEqualTo(Entitlement.ReasonEnum.NOT_ENTITLED);
    }

    @Test
    void refusalIsAProblemThatSaysWhatToDo() throws ApiException {
        String card = SamplePatron.card(4);
        Problem problem = problem(422, () -> ils.searchPatrons(new Search().card(card)));
        assertThat(problem.getType()).isEqualTo(ProblemType.PURPOSE_REQUIRED);
        assertThat(problem.getDetail()).isNotEmpty().doesNotContain(card);

        PatronAsWritten unasked = patron(4).consent(null);
        assertThat(problem(422, () -> ils.registerPatron(unasked, null)).getType())
                .isEqualTo(ProblemType.CONSENT_REQUIRED);
        PatronsApi nobody = new PatronsApi(client("pvk_unknown"));
        assertThat(problem(401, () -> nobody.listChanges(0L, 1)).getType()).isEqualTo(ProblemType.NOT_SIGNED_IN);

        SessionsApi sessions = new SessionsApi(signedIn("page"));
        sessions.signOut();
        assertThat(problem(401, sessions::signOut).getType()).isEqualTo(ProblemType.NOT_SIGNED_IN);
    }

    private static Problem problem(int status, ThrowingCallable call) {
        ApiException refusal = catchThrowableOfType(ApiException.class, call);
        assertThat(refusal).isNotNull();
        assertThat(refusal.getCode()).as("%s", refusal).isEqualTo(status);
        try {
            return ApiClient.createDefaultObjectMapper().readValue(refusal.getResponseBody(), Problem.class);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no problem document", e);
        }
    }
}
