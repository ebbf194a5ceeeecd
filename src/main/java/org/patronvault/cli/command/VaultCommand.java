package org.patronvault.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.patronvault.access.account.SignIn;
import org.patronvault.access.account.SignInOrigin;
import org.patronvault.app.Home;
import org.patronvault.app.PendingUnseal;
import org.patronvault.app.VaultInstance;
import org.patronvault.core.dual.Approval;
import org.patronvault.core.dual.Approvals;
import org.patronvault.core.dual.SecondPerson;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Caller;
import org.patronvault.core.policy.Permission;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command on an open vault: the server's if one runs, otherwise a vault opened for this command alone. */
public abstract class VaultCommand implements Callable<Integer>, RunsInServer {
    private static final List<String> SECRETS_OF_PEOPLE = List.of(
            "--password-file",
            "--otp-file",
            "--second-password-file",
            "--second-otp-file",
            "--new-password-file",
            "--new-passphrase-file");

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

    public VaultCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    /** Runs the command on an unsealed vault, unless it {@link #needsNoKeys}. */
    public abstract int run(VaultInstance vault);

    /** Runs after a vault opened for this command alone is closed, with the exit code of {@link #run}. */
    public int afterwards(int code) {
        return code;
    }

    /** Called without a server. A command that only a server can run refuses here. */
    public void withoutServer() {}

    /** Whether the command also works on a sealed vault. */
    public boolean needsNoKeys() {
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
            supply(invocation.handedOver().orElseThrow());
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
        supply(secrets());
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

    /** Whether the command asks at the terminal for unseal secrets, because it must run without a server. */
    public boolean isOpenedAtTerminal() {
        return false;
    }

    /** The unseal secrets that this command names, for a command that passes them on. */
    public KeyOptions keyOptions() {
        return keyOptions;
    }

    /** Whether the PIN is for a slot that this command makes. */
    public boolean makesHsmSlot() {
        return false;
    }

    /**
     * Options of secrets beside people's credentials, for the process that runs the command. They include the unseal
     * secret only if the command needs it for more than unsealing, because a running server is unsealed.
     */
    public List<String> moreSecrets() {
        return makesHsmSlot() ? List.of(KeyOptions.HSM_PIN) : List.of();
    }

    @Override
    public Home home() {
        return homeOptions.home(invocation);
    }

    public Invocation invocation() {
        return invocation;
    }

    public boolean json() {
        return json;
    }

    /** Reads the secrets in a fixed order, so that several can come from one standard input. */
    @Override
    public final Map<String, byte[]> secrets() {
        Map<String, byte[]> contents = new HashMap<>();
        Stream.concat(SECRETS_OF_PEOPLE.stream(), moreSecrets().stream())
                .forEach(name -> secret(name).ifPresent(secret -> contents.put(name, secret.bytes())));
        return contents;
    }

    /** Gives the command secrets that were read elsewhere. */
    private void supply(Map<String, byte[]> contents) {
        contents.forEach((name, content) -> secret(name).ifPresent(secret -> secret.supply(content)));
    }

    private Optional<SecretSource> secret(String option) {
        OptionSpec spelled = spec.findOption(option);
        if (spelled == null || !(spelled.getValue() instanceof SecretSource secret)) {
            return Optional.empty();
        }
        secret.askedAs(option);
        return Optional.of(secret);
    }

    /** Returns the accountable person, signed in. */
    public SignIn.Identity person(VaultInstance vault) {
        if (as == null) {
            throw new Refused(Problem.NOT_SIGNED_IN, "Say who answers for this: --as NAME --password-file F.");
        }
        return prove(vault, as, password, otp);
    }

    private SignIn.Identity prove(VaultInstance vault, String name, SecretSource passwordFile, SecretSource otpFile) {
        return vault.access().signIn().prove(asked(vault, name, passwordFile, otpFile), SignInOrigin.HOST);
    }

    /** Returns the credentials. Asks for a code if none was named and the account has a second factor. */
    private SignIn.Credentials asked(
            VaultInstance vault, String name, SecretSource passwordFile, SecretSource otpFile) {
        SignIn.Credentials given = given(name, passwordFile, otpFile);
        boolean asks = otpFile == null && vault.access().hasSecondFactor(name);
        return asks ? new SignIn.Credentials(name, given.password(), typedCode(name)) : given;
    }

    /** Returns the credentials, with a code only if one was named. */
    private SignIn.Credentials given(String name, SecretSource passwordFile, SecretSource otpFile) {
        return new SignIn.Credentials(name, passwordOf(name, passwordFile), otpFile == null ? "" : otpFile.text());
    }

    private String passwordOf(String name, SecretSource named) {
        if (named != null) {
            return named.text();
        }
        return invocation
                .prompt()
                .ask("Password of " + name.strip() + ": ", false)
                .orElseThrow(() ->
                        new Refused(Problem.NOT_SIGNED_IN, "The password is missing: give it with --password-file F."));
    }

    /** Without a terminal nothing is tried: a missing code would count as a wrong try. */
    private String typedCode(String name) {
        return invocation
                .prompt()
                .ask("One-time code of " + name.strip() + ": ", true)
                .orElseThrow(() -> new Refused(
                        Problem.NOT_SIGNED_IN,
                        "This account has a second factor: give its one-time code, or a recovery code, with --otp-file F"
                                + " (--second-otp-file F for the second person)."));
    }

    /** Whether an accountable person is named. */
    public boolean isByName() {
        return as != null;
    }

    /** Whether that account is accountable. */
    public boolean isAs(String name) {
        return as != null && as.strip().equalsIgnoreCase(name.strip());
    }

    /**
     * Returns the credentials given for an account, with a code only if one was named. Empty if another account is
     * named.
     */
    public Optional<SignIn.Credentials> credentials(String name) {
        return as == null || isAs(name) ? Optional.of(given(name, password, otp)) : Optional.empty();
    }

    /**
     * Returns the credentials given for an account, and asks for a code if a second factor is enrolled. Empty if
     * another account is named.
     */
    public Optional<SignIn.Credentials> credentials(VaultInstance vault, String name) {
        return as == null || isAs(name) ? Optional.of(asked(vault, name, password, otp)) : Optional.empty();
    }

    /** Returns the accountable person in the first usable role, for acts on their own account. */
    public Caller anyRole(VaultInstance vault) {
        SignIn.Identity who = person(vault);
        return vault.access().acting(who, usableFirst(vault, who).findFirst());
    }

    /** Returns the person's roles, first those that need no missing second factor. */
    private static Stream<String> usableFirst(VaultInstance vault, SignIn.Identity who) {
        return who.roles().stream()
                .sorted(Comparator.comparing(
                        role -> !who.mayAct(role, vault.access().policy())));
    }

    /** Returns the accountable person in the first role that may do this. Refuses and logs if no role may. */
    public Caller caller(VaultInstance vault, Permission permission, ActKind act) {
        return caller(vault, person(vault), permission, act);
    }

    /**
     * Returns an already signed-in person in the first role that may do this, because a second-factor code is good
     * once.
     */
    public Caller caller(VaultInstance vault, SignIn.Identity who, Permission permission, ActKind act) {
        Caller caller = likeliest(vault, who, permission);
        vault.access()
                .require(
                        caller,
                        permission,
                        vault.log().event(caller.actor(), act, Outcome.REFUSED, AuditLog.newRequest()));
        return caller;
    }

    /** Returns the person in the first role that may do this, for acts that check the policy themselves. */
    public Caller likeliest(VaultInstance vault, SignIn.Identity who, Permission permission) {
        Optional<String> role = usableFirst(vault, who)
                .filter(r -> vault.access().may(vault.access().acting(who, Optional.of(r)), permission))
                .findFirst();
        return vault.access().acting(who, role);
    }

    /** Returns the second person, if named and signed in, in a role that may approve such an act. */
    public Optional<Actor> second(VaultInstance vault, SecondPerson kind) {
        if (second == null) {
            return Optional.empty();
        }
        SignIn.Identity who = prove(vault, second, secondPassword, secondOtp);
        Optional<String> role =
                usableFirst(vault, who).filter(kind.roles()::contains).findFirst();
        return Optional.of(vault.access().acting(who, role).actor());
    }

    /** Returns the requester of an act that may need two people. */
    public Approvals.Requester asking(VaultInstance vault, Actor by) {
        return asking(vault, by, SecondPerson.ADMINISTRATION);
    }

    /** Returns the requester of an act that a second person of this kind may approve. */
    public Approvals.Requester asking(VaultInstance vault, Actor by, SecondPerson kind) {
        return Approvals.Requester.of(by, second(vault, kind));
    }

    /**
     * Prints the result of an act that may need two people. Refuses, with the request's ID, while the approval is
     * missing.
     *
     * @param secretName the member that carries a new secret
     * @param sentence the text without {@code --json}, before any secret
     */
    public int answer(Approvals.Answer answer, ObjectNode document, String secretName, String sentence) {
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

    public ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Prints the document with {@code --json}, otherwise the sentence. */
    public int answer(JsonNode document, String sentence) {
        invocation.out().println(json ? document.toString() : sentence);
        return ExitCodes.DONE;
    }
}
