package org.patronvault.cli.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patronvault.app.Home;
import org.patronvault.cli.Commands;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.terminal.Prompt;
import org.patronvault.core.policy.PolicyFile;

/** Tests of {@code policy check} and {@code policy explain}, with and without a home, and never with a key. */
final class PolicyCommandsTest {
    private static final String DEFAULT = new String(PolicyFile.defaultText(), StandardCharsets.UTF_8);
    private static final String FEATURED = DEFAULT.replace("  page:\n    may: []\n", """
              page:
                may: [search, reveal, verify]
                purposes: [checkout, hold-notice]
                opens: {checkout: [card], hold-notice: [card, phone]}
                results: [name]
                masks: {card: last-four}
                elsewhere:
                  opens: [card]
                  masks: {name: initials}
            """);

    @TempDir
    private Path directory;

    private record Ran(int exit, String out, String err) {
        private JsonNode json() {
            try {
                return new ObjectMapper().readTree(out);
            } catch (IOException e) {
                throw new AssertionError(out, e);
            }
        }
    }

    private Ran run(String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Invocation invocation = new Invocation(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                InputStream.nullInputStream(),
                directory,
                Map.of(),
                Map.of(),
                false,
                Prompt.NOBODY,
                Optional.empty(),
                Optional.empty());
        int exit = Commands.line(invocation).execute(words);
        return new Ran(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    /** A home whose policy is {@code text}; nothing else in it is looked at. */
    private void home(String text) throws IOException {
        Home home = new Home(directory.resolve("vault-home"));
        home.create(Clock.systemUTC());
        Files.writeString(home.policy(), text);
    }

    @Test
    void rightFileIsToldInPlainWordsAndAllowsNothingMoreThanItself() throws IOException {
        write("policy.yaml", DEFAULT);
        Ran ran = run("policy", "check", "policy.yaml");
        assertThat(ran.exit()).isZero();
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out())
                .startsWith(
                        "The file is a policy, version 2026-12. It carries out version 2018-05 of the posted policy.\n")
                .contains("""
                        Role privacy-officer:
                          may search, erase, retention, consent, protect, package, accesses, read-log, checkpoint, proof, check, leakage, approve-cases
                          opens everything held of a patron in the patron's own package
                          for patron-request
                          opens nothing
                          sees in results nothing
                          searches by card
                        """)
                .contains("""
                          for account-service, checkout, hold-notice, overdue-notice, registration
                          opens card, name, address, phone, email for account-service, registration; card, name for checkout; name, phone, email for hold-notice; name, address, phone, email for overdue-notice
                          sees in results last-four of card, name
                        """)
                .contains("Role page: nothing\n")
                .contains("  opened patrons: 60 in ten minutes, 300 a day\n")
                .contains("""
                        Statistics:
                          tell of no fewer than 10 patrons
                        Mailings:
                          addresses in one file: 100000
                          addresses that one person alone may take out a day: 500
                        The access log:
                          says for 24 months whom an entry was about
                          names staff by what they do in a patron's report
                        """)
                .contains("Sign-on by a provider: nothing\n")
                .endsWith("It allows nothing more than the shipped policy.\n");
    }

    @Test
    void groupOfAProviderIsExplainedByTheLineThatGivesItsRoles() throws IOException {
        home(DEFAULT.replace("signOn: {}", "signOn:\n  desk: [circulation, page]\n"));
        Ran ran = run("policy", "explain", "--group", "desk");
        assertThat(ran.exit()).isZero();
        assertThat(ran.out())
                .matches("(?s)Whoever is in that group at the sign-on provider gets circulation, page: line [0-9]+,"
                        + " signOn\\.\n");
        Ran none = run("policy", "explain", "--group", "choir", "--json");
        assertThat(none.exit()).isEqualTo(3);
        assertThat(none.json().path("allowed").booleanValue()).isFalse();
    }

    @Test
    void whatTheFileAllowsMoreIsSaidAndThatASecondPersonMustApprove() throws IOException {
        write("wider.yaml", FEATURED);
        Ran ran = run("policy", "check", "wider.yaml");
        assertThat(ran.exit()).isZero();
        assertThat(ran.out())
                .contains("  opens card for checkout; card, phone for hold-notice\n")
                .contains("  gets only last-four of card\n")
                .contains("  of another library's patrons opens card\n")
                .contains("  of another library's patrons gets only initials of name\n")
                .contains("It allows more than the shipped policy, and a second person, administrator or director, must"
                        + " approve that:\n  Role page may search.\n")
                .contains("  Role page may open phone for hold-notice of patrons of the own library.\n");

        JsonNode json = run("policy", "check", "wider.yaml", "--json").json();
        assertThat(json.path("ok").booleanValue()).isTrue();
        assertThat(json.path("comparedWith").textValue()).isEqualTo("shipped");
        assertThat(json.path("needsSecondPerson").booleanValue()).isTrue();
        assertThat(json.path("more").get(0).textValue()).isEqualTo("Role page may search.");
    }

    @Test
    void shorterRetentionAndNamesOfStaffAreMore() throws IOException {
        write(
                "shorter.yaml",
                DEFAULT.replace("accessLog: 24", "accessLog: 12").replace("staff: roles", "staff: names"));
        Ran ran = run("policy", "check", "shorter.yaml");
        assertThat(ran.exit()).isZero();
        assertThat(ran.out())
                .contains("  says for 12 months whom an entry was about\n")
                .contains("  names staff by their names in a patron's report\n")
                .endsWith("""
                        It allows more than the shipped policy, and a second person, administrator or director, must approve that:
                          The access log says for 12 months whom it was about instead of for 24 months.
                          A patron's report names staff by their names and not by what they do.
                        """);
        write("longer.yaml", DEFAULT.replace("accessLog: 24", "accessLog: forever"));
        assertThat(run("policy", "check", "longer.yaml").out())
                .contains("  says for ever whom an entry was about\n")
                .endsWith("It allows nothing more than the shipped policy.\n");
    }

    @Test
    void fileIsComparedWithTheHomesPolicyWhereThereIsAHome() throws IOException {
        home(FEATURED);
        write("wider.yaml", FEATURED);
        Ran same = run("policy", "check", "wider.yaml");
        assertThat(same.exit()).isZero();
        assertThat(same.out()).endsWith("It allows nothing more than the home's policy.\n");

        write("limit.yaml", FEATURED.replace("day: 300", "day: 301"));
        JsonNode json = run("policy", "check", "limit.yaml", "--json").json();
        assertThat(json.path("comparedWith").textValue()).isEqualTo("home");
        assertThat(json.path("more")).hasSize(1);
        assertThat(json.path("more").get(0).textValue())
                .isEqualTo("The limit of opened patrons a day is 301 instead of 300.");
    }

    @Test
    void wrongFileIsToldByAllItsProblemsOneALine() throws IOException {
        write(
                "wrong.yaml",
                DEFAULT.replace("searches: [card]", "searches: [zyzzyva]").replace("films: {}", "films: no"));
        Ran ran = run("policy", "check", "wrong.yaml");
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out().lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).matches("policy\\.yaml [a-z ]+ \\(line \\d+\\)\\."));
        JsonNode json = run("policy", "check", "wrong.yaml", "--json").json();
        assertThat(json.path("ok").booleanValue()).isFalse();
        assertThat(json.path("problems")).hasSize(2);
        assertThat(json.path("problems").get(0).path("line").intValue()).isPositive();
        assertThat(ran.out()).doesNotContain("zyzzyva");
    }

    @Test
    void fileThatIsNotThereIsUsage() {
        Ran ran = run("policy", "check", "absent.yaml");
        assertThat(ran.exit()).isEqualTo(2);
        assertThat(ran.err()).isEqualTo("The policy file cannot be read.\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "--role circulation --field phone --purpose checkout                | 3 | roles.circulation.opens.checkout | -",
                "--role circulation --field phone --purpose account-service         | 0 | roles.circulation.opens.account-service | -",
                "--role circulation --field card --purpose hold-notice              | 0 | roles.circulation.results | last-four",
                "--role circulation --field phone --purpose newsletter              | 3 | roles.circulation.purposes | -",
                "--role privacy-officer --field phone --purpose patron-request      | 0 | roles.privacy-officer.may | -",
                "--role privacy-officer --field phone --purpose checkout            | 3 | roles.privacy-officer.purposes | -",
                "--role admin --field card --purpose checkout                       | 3 | roles.admin.may | -",
                "--role outreach --field email --purpose newsletter                 | 0 | roles.outreach.opens | -",
                "--role outreach --field name --purpose newsletter                  | 3 | roles.outreach.opens | -",
                "--role outreach --field email --purpose checkout                   | 3 | roles.outreach.purposes | -",
                "--role page --field card --purpose checkout                        | 0 | roles.page.opens.checkout | last-four",
                "--role page --field phone --purpose checkout                       | 3 | roles.page.opens.checkout | -",
                "--role page --field phone --purpose hold-notice                    | 0 | roles.page.opens.hold-notice | -",
                "--role page --field phone --purpose hold-notice --elsewhere        | 3 | roles.page.elsewhere.opens | -",
                "--role page --field card --purpose checkout --elsewhere            | 0 | roles.page.elsewhere.opens | -",
                "--role page --field name --purpose checkout                        | 0 | roles.page.results | -",
                "--role page --field name --purpose checkout --elsewhere            | 0 | roles.page.results | initials",
                "--role circulation --field name --purpose reindex                  | 3 | roles.circulation.purposes | -",
                "--scope notices --field email --purpose hold-notice                | 0 | scopes.notices.opens | -",
                "--scope notices --field address --purpose hold-notice              | 3 | scopes.notices.opens | -",
                "--scope entitlement --field card --purpose checkout                | 3 | scopes.entitlement.may | -",
            })
    void explainNamesTheLineThatDecides(String options, int exit, String member, String mask) throws IOException {
        home(FEATURED);
        List<String> words = new java.util.ArrayList<>(List.of("policy", "explain"));
        words.addAll(List.of(options.strip().split(" +", -1)));
        Ran ran = run(words.toArray(String[]::new));
        assertThat(ran.exit()).as(ran.out() + ran.err()).isEqualTo(exit);
        words.add("--json");
        JsonNode json = run(words.toArray(String[]::new)).json();
        assertThat(json.path("allowed").booleanValue()).isEqualTo(exit == 0);
        assertThat(json.path("member").textValue()).isEqualTo(member);
        assertThat(json.path("mask").textValue()).isEqualTo(mask);
        // The line is the one on which that member, or the last part of its name, begins.
        String line = FEATURED.lines().toList().get(json.path("line").intValue() - 1);
        assertThat(line).contains(member.substring(member.lastIndexOf('.') + 1) + ":");
        assertThat(ran.out()).contains("line " + json.path("line").intValue() + ", " + member + ".");
    }

    @Test
    void explainSaysHowItIsShownAndWhichLimitCounts() throws IOException {
        home(FEATURED);
        assertThat(run("policy", "explain", "--role", "page", "--field", "name", "--purpose", "checkout", "--elsewhere")
                        .out())
                .contains("Role page sees name in the results of a search for checkout of a patron of another library:")
                .contains("It is shown masked, by initials:")
                .contains("It counts as a name in results: 1000 in ten minutes, 5000 a day: line ");
        assertThat(run("policy", "explain", "--role", "circulation", "--field", "card", "--purpose", "hold-notice")
                        .out())
                .contains("Role circulation sees card in the results of a search for hold-notice of a patron of the own"
                        + " library: line ")
                .contains("It is shown masked, by last-four: line ")
                .contains("It counts as a name in results: 1000 in ten minutes, 5000 a day: line ");
        assertThat(run("policy", "explain", "--scope", "ils", "--field", "name", "--purpose", "checkout")
                        .out())
                .contains("Scope ils may open name by search, reveal, reveal-many for checkout: line ")
                .contains("It is shown whole.")
                .contains("--daily");
    }

    @ParameterizedTest
    @CsvSource({
        "policy explain --role janitor --field phone --purpose checkout",
        "policy explain --role page --field shoe-size --purpose checkout",
        "policy explain --role page --field phone --purpose gossip",
        "policy explain --field phone --purpose checkout",
        "policy explain --role page --scope ils --field phone --purpose checkout",
        "policy explain --role page --purpose checkout",
        "policy check",
    })
    void whatThePolicyDoesNotKnowIsUsage(String line) {
        Ran ran = run(line.split(" ", -1));
        assertThat(ran.exit()).isEqualTo(2);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).isNotBlank().doesNotContain("janitor", "shoe-size", "gossip");
    }
}
