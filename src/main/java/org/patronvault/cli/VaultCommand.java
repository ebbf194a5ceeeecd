package org.patronvault.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.patronvault.access.AccessRequest;
import org.patronvault.access.Approval;
import org.patronvault.access.Approvals;
import org.patronvault.access.Caller;
import org.patronvault.access.Permission;
import org.patronvault.access.SecondPerson;
import org.patronvault.access.SignIn;
import org.patronvault.access.SignInOrigin;
import org.patronvault.app.Home;
import org.patronvault.app.PendingUnseal;
import org.patronvault.app.VaultInstance;
import org.patronvault.audit.Act;
import org.patronvault.audit.AuditLog;
import org.patronvault.audit.Outcome;
import org.patronvault.model.Actor;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that acts on an open vault: the server's where one runs, else one opened for this command alone. */
abstract class VaultCommand implements Callable<Integer>, RunsInServer {
    @Spec
    private CommandSpec spec;

    @Mixin
    private HomeOptions homeOptions;

    @Mixin
    private KeyOptions keyOptions;

    @Option(names = "--as", paramLabel = "NAME", description = "Who answers for this.")
    private String as;

    @Option(names = "--password-file", paramLabel = "F", description = "That person's password (- for standard input).")
    private SecretSource password;

    @Option(names = "--otp-file", paramLabel = "F", description = "That person's one-time code, if one is enrolled.")
    private SecretSource otp;

    @Option(names = "--second", paramLabel = "NAME", description = "The second person, where one is needed.")
    private String second;

    @Option(names = "--second-password-file", paramLabel = "F", description = "The second person's password.")
    private SecretSource secondPassword;

    @Option(names = "--second-otp-file", paramLabel = "F", description = "The second person's one-time code.")
    private SecretSource secondOtp;

    @Option(names = "--json", description = "Print one JSON document and nothing else.")
    private boolean json;

    private final Invocation invocation;

    VaultCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    /** Does it, on an unsealed vault, unless it {@link #needsNoKeys}. */
    abstract int run(VaultInstance vault);

    /** What is left to do once a vault that was opened for this command alone is closed; the code is that of {@link #run}. */
    int afterwards(int code) {
        return code;
    }

    /** Called where no server runs; refuses what is done by one alone. */
    void withoutServer() {}

    /** Whether a sealed vault is as good. */
    boolean needsNoKeys() {
        return false;
    }

    @Override
    public Integer call() {
        if (invocation.server().isPresent()) {
            VaultInstance vault = invocation.server().get();
            homeOptions.requireDatabaseOf(vault, invocation);
            if (vault.seal().isSealed() && !needsNoKeys()) {
                throw new Refused(Problem.SEALED, "The vault is sealed; a custodian must unseal it.");
            }
            secretOptions().supply(invocation.handedOver().orElseThrow());
            return run(vault);
        }
        home().requireExists();
        withoutServer();
        if (needsNoKeys()) {
            try (VaultInstance vault =
                    VaultInstance.open(home(), Clock.system(ZoneId.systemDefault()), ExitCodes::stopAtOnce)) {
                return run(vault);
            }
        }
        var opener = isOpenedAtTerminal()
                ? keyOptions.openerOrTyped(home(), invocation)
                : keyOptions.opener(home(), invocation, makesHsmSlot());
        secretOptions().supply(secrets());
        PendingUnseal opening =
                PendingUnseal.of(home(), opener, Clock.system(ZoneId.systemDefault()), ExitCodes::stopAtOnce);
        int code;
        try (VaultInstance vault = opening.vault()) {
            try {
                opening.unsealed();
            } catch (Refused e) {
                throw e.problem() == Problem.SHARE_REFUSED ? new Refused(Problem.SEALED, e.getMessage()) : e;
            }
            vault.policyRemark().ifPresent(invocation.err()::println);
            code = run(vault);
        }
        return afterwards(code);
    }

    /** Whether whoever sits there is asked for what opens the vault, since no server may run that it could be offered to. */
    boolean isOpenedAtTerminal() {
        return false;
    }

    /** What this command names that opens a vault, for one that offers it to somebody. */
    KeyOptions keyOptions() {
        return keyOptions;
    }

    /** Whether the PIN this command names is that of a slot it makes. */
    boolean makesHsmSlot() {
        return false;
    }

    /** Options of secrets beside those of people that are for whoever carries the command out. */
    List<String> moreSecrets() {
        return makesHsmSlot() ? List.of(KeyOptions.HSM_PIN) : List.of();
    }

    @Override
    public Home home() {
        return homeOptions.home(invocation);
    }

    Invocation invocation() {
        return invocation;
    }

    boolean json() {
        return json;
    }

    @Override
    public final Map<String, byte[]> secrets() {
        return secretOptions().read();
    }

    private SecretOptions secretOptions() {
        return new SecretOptions(spec, moreSecrets());
    }

    /** Who answers for this, having proved it. */
    SignIn.Identity person(VaultInstance vault) {
        if (as == null) {
            throw new Refused(Problem.NOT_SIGNED_IN, "Say who answers for this: --as NAME --password-file F.");
        }
        return prove(vault, as, password, otp);
    }

    private SignIn.Identity prove(VaultInstance vault, String name, SecretSource passwordFile, SecretSource otpFile) {
        return vault.access().signIn().prove(proofs().asked(vault, name, passwordFile, otpFile), SignInOrigin.HOST);
    }

    private CredentialPrompt proofs() {
        return new CredentialPrompt(invocation.prompt());
    }

    /** Whether it is said who answers for this. */
    boolean isByName() {
        return as != null;
    }

    /** Whether that account answers for this. */
    boolean isAs(String name) {
        return as != null && as.strip().equalsIgnoreCase(name.strip());
    }

    /** What was given of that account, which nobody else may answer for, with a code as far as one was named. */
    Optional<SignIn.Credentials> credentials(String name) {
        return as == null || isAs(name) ? Optional.of(proofs().given(name, password, otp)) : Optional.empty();
    }

    /** The same, with a code that is asked for where one is enrolled. */
    Optional<SignIn.Credentials> credentials(VaultInstance vault, String name) {
        return as == null || isAs(name) ? Optional.of(proofs().asked(vault, name, password, otp)) : Optional.empty();
    }

    /** Whoever answers for this, in the first role they can act in: for what is theirs whatever the role. */
    Caller anyRole(VaultInstance vault) {
        SignIn.Identity who = person(vault);
        return vault.access().acting(who, usableFirst(vault, who).findFirst());
    }

    /** Their roles, those first that a missing second factor does not close. */
    private static Stream<String> usableFirst(VaultInstance vault, SignIn.Identity who) {
        return who.roles().stream()
                .sorted(Comparator.comparing(
                        role -> !who.mayAct(role, vault.access().policy())));
    }

    /** That person in the first of their roles that may do this; refused, and logged, if none may. */
    Caller caller(VaultInstance vault, Permission permission, Act act) {
        return caller(vault, person(vault), permission, act);
    }

    /** The same, of somebody who proved it already: a code of a second factor is good once. */
    Caller caller(VaultInstance vault, SignIn.Identity who, Permission permission, Act act) {
        Caller caller = likeliest(vault, who, permission);
        vault.access()
                .require(
                        caller,
                        AccessRequest.may(permission),
                        vault.log().event(caller.actor(), act, Outcome.REFUSED, AuditLog.newRequest()));
        return caller;
    }

    /** That person in the first of their roles that may do this, for what asks the policy by itself. */
    Caller likeliest(VaultInstance vault, SignIn.Identity who, Permission permission) {
        Optional<String> role = usableFirst(vault, who)
                .filter(r -> vault.access()
                        .policy()
                        .ask(vault.access().acting(who, Optional.of(r)), AccessRequest.may(permission))
                        .allowed())
                .findFirst();
        return vault.access().acting(who, role);
    }

    /** The second person, if one is named, having proved it, in a role that may agree to such an act. */
    Optional<Actor> second(VaultInstance vault, SecondPerson kind) {
        if (second == null) {
            return Optional.empty();
        }
        SignIn.Identity who = prove(vault, second, secondPassword, secondOtp);
        Optional<String> role =
                usableFirst(vault, who).filter(kind.roles()::contains).findFirst();
        return Optional.of(vault.access().acting(who, role).actor());
    }

    /** Who asks for what may need two people. */
    Approvals.Requester asking(VaultInstance vault, Actor by) {
        return asking(vault, by, SecondPerson.ADMINISTRATION);
    }

    /** The same, where such a one may agree. */
    Approvals.Requester asking(VaultInstance vault, Actor by, SecondPerson kind) {
        return Approvals.Requester.of(by, second(vault, kind));
    }

    /**
     * Tells what became of an act that may need two people: refused, with the request's id, where the second has yet
     * to agree.
     *
     * @param secretName the member that carries the secret it resulted in
     * @param sentence what is said of it without {@code --json}; a secret follows it
     */
    int answer(Approvals.Answer answer, ObjectNode document, String secretName, String sentence) {
        if (answer.filed().isPresent()) {
            Approval filed = answer.filed().get();
            answer(
                    object().put("id", filed.id())
                            .put("state", filed.state().wireName())
                            .put("expires", filed.expires().toString()),
                    "Request " + filed.id() + " waits for a second person until " + filed.expires()
                            + ": " + filed.second().who() + " agrees with `approvals approve " + filed.id()
                            + "`.");
            return ExitCodes.REFUSED;
        }
        answer.secret().ifPresent(secret -> document.put(secretName, secret));
        return answer(document, sentence + answer.secret().map(s -> " " + s).orElse(""));
    }

    ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Prints the document with {@code --json}, else the sentence. */
    int answer(JsonNode document, String sentence) {
        invocation.out().println(json ? document.toString() : sentence);
        return ExitCodes.DONE;
    }
}
