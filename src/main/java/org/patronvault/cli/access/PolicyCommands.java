package org.patronvault.cli.access;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.patronvault.access.watch.PolicyDescription;
import org.patronvault.access.watch.PolicyWatch;
import org.patronvault.app.Home;
import org.patronvault.app.Settings;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.HomeOptions;
import org.patronvault.cli.command.IgnoredPersonOptions;
import org.patronvault.cli.command.Invocation;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.model.Refused;
import org.patronvault.core.policy.Explanation;
import org.patronvault.core.policy.Mask;
import org.patronvault.core.policy.Policy;
import org.patronvault.core.policy.PolicyFile;
import org.patronvault.core.store.Store;
import org.patronvault.core.store.sql.StoreException;
import org.patronvault.core.store.table.Tx;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command group {@code policy}, on the policy file. Only posting a version needs a server and keys. */
@Command(
        name = "policy",
        mixinStandardHelpOptions = true,
        description = "The policy: who may look, at what, for what.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            PolicyCommands.Check.class,
            PolicyCommands.Explain.class,
            PolicyVersionCommands.Post.class,
            PolicyVersionCommands.Versions.class
        })
public final class PolicyCommands {

    /** A command that reads a home's policy, or the shipped one without a home. */
    abstract static class PolicyCommand implements Callable<Integer> {
        private final Invocation invocation;

        @Mixin
        private HomeOptions homeOptions;

        @Mixin
        @SuppressWarnings("UnusedVariable")
        private IgnoredPersonOptions nobody;

        @Option(names = "--json", description = "Print one JSON document and nothing else.")
        private boolean json;

        PolicyCommand(Invocation invocation) {
            this.invocation = invocation;
        }

        Invocation invocation() {
            return invocation;
        }

        boolean json() {
            return json;
        }

        /** Returns the home's approved policy, or its file if none is approved yet, or empty without a home. */
        Optional<Policy> homes() {
            Home found = homeOptions.home(invocation);
            if (!found.exists()) {
                return Optional.empty();
            }
            return Optional.of(read(PolicyWatch::unprovenText)
                    .flatMap(approved -> approved)
                    .map(PolicyFile::parse)
                    .orElseGet(() -> PolicyFile.read(found.policy())));
        }

        /** Reads the home's database without proof that it is ours, because nothing here decides by it. */
        <T> Optional<T> read(Function<Tx, T> rows) {
            Home found = homeOptions.home(invocation);
            if (!found.exists()) {
                return Optional.empty();
            }
            try (Store store = Store.openToRead(Settings.read(found).store(found))) {
                return Optional.of(store.read(rows));
            } catch (Refused | StoreException | IntegrityException e) {
                return Optional.empty();
            }
        }

        Policy inForce() {
            return homes().orElseGet(() -> PolicyFile.parse(PolicyFile.defaultText()));
        }

        void print(ObjectNode document, List<String> lines) {
            PrintStream out = invocation.out();
            if (json) {
                out.println(document);
            } else {
                lines.forEach(out::println);
            }
        }
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = "Says what a policy file allows, and what it allows more than the home's policy, or the"
                    + " shipped one where there is no home. Exits with 1 if the file is wrong.")
    static final class Check extends PolicyCommand {
        @Parameters(paramLabel = "FILE", description = "The policy to be looked at.")
        private String file;

        Check(Invocation invocation) {
            super(invocation);
        }

        @Override
        public Integer call() {
            Path path = invocation().path(file);
            if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
                throw new Refused(Problem.INVALID, "The policy file cannot be read.");
            }
            PolicyFile.Result checked = PolicyFile.check(path);
            return checked.policy().map(this::right).orElseGet(() -> wrong(checked.faults()));
        }

        private int wrong(List<PolicyFile.Fault> faults) {
            ObjectNode document = JsonNodeFactory.instance.objectNode().put("ok", false);
            ArrayNode problems = document.putArray("problems");
            faults.forEach(
                    fault -> problems.addObject().put("line", fault.line()).put("says", fault.sentence()));
            print(document, faults.stream().map(PolicyFile.Fault::sentence).toList());
            return ExitCodes.FOUND_WRONG;
        }

        private int right(Policy policy) {
            Optional<Policy> homes = homes();
            List<String> more = policy.widerThan(inForce());
            ObjectNode document = JsonNodeFactory.instance.objectNode().put("ok", true);
            document.putArray("problems");
            document.put("version", policy.version()).put("posted", policy.posted());
            ArrayNode allows = document.putArray("allows");
            List<String> lines = new java.util.ArrayList<>();
            lines.add("The file is a policy, version " + policy.version() + ". It carries out version "
                    + policy.posted() + " of the posted policy.");
            for (PolicyDescription words : PolicyDescription.of(policy)) {
                ArrayNode says = allows.addObject().put("who", words.who()).putArray("says");
                words.says().forEach(says::add);
                lines.add(words.who() + (words.says().isEmpty() ? ": nothing" : ":"));
                words.says().forEach(said -> lines.add("  " + said));
            }
            String than = homes.isPresent() ? "the home's policy" : "the shipped policy";
            document.put("comparedWith", homes.isPresent() ? "home" : "shipped");
            ArrayNode wider = document.putArray("more");
            more.forEach(wider::add);
            document.put("needsSecondPerson", !more.isEmpty());
            if (more.isEmpty()) {
                lines.add("It allows nothing more than " + than + ".");
            } else {
                lines.add("It allows more than " + than
                        + ", and a second person, administrator or director, must approve that:");
                more.forEach(sentence -> lines.add("  " + sentence));
            }
            print(document, lines);
            return ExitCodes.DONE;
        }
    }

    @Command(
            name = "explain",
            mixinStandardHelpOptions = true,
            description = "Says whether a role or scope may have a field for a purpose, or which roles a group of the"
                    + " sign-on provider is given, and which line of the policy decides. Exits with 3 if it may not.")
    static final class Explain extends PolicyCommand {
        /** The options that name a role or client. */
        static final class GranteeOptions {
            @Option(names = "--role", paramLabel = "R", required = true, description = "A role.")
            private String role;

            @Option(names = "--scope", paramLabel = "S", required = true, description = "A scope of other systems.")
            private String scope;

            @Option(names = "--group", paramLabel = "G", required = true, description = "A group at the provider.")
            private String group;
        }

        @ArgGroup(multiplicity = "1")
        private GranteeOptions who;

        @Option(names = "--field", paramLabel = "F", description = "A personal field.")
        private String field = "";

        @Option(names = "--purpose", paramLabel = "P", description = "A purpose.")
        private String purpose = "";

        @Option(names = "--elsewhere", description = "Of a patron of another library than the person's own.")
        private boolean elsewhere;

        Explain(Invocation invocation) {
            super(invocation);
        }

        @Override
        public Integer call() {
            Policy policy = inForce();
            return tell(who.group == null ? explained(policy) : policy.signOn().explain(policy, who.group));
        }

        private Explanation explained(Policy policy) {
            PatronField asked = PatronField.ofWireName(field)
                    .filter(PatronField::isPersonal)
                    .orElseThrow(
                            () -> new Refused(Problem.INVALID, "Fields are card, name, address, phone and email."));
            Purpose named = Purpose.KNOWN.stream()
                    .filter(known -> known.name().equals(purpose))
                    .findFirst()
                    .orElseThrow(() -> new Refused(
                            Problem.INVALID,
                            "The policy knows these purposes: "
                                    + String.join(
                                            ", ",
                                            Purpose.KNOWN.stream()
                                                    .map(Purpose::name)
                                                    .sorted()
                                                    .toList())
                                    + "."));
            if (who.role != null) {
                requireKnown(who.role, policy.fields().roleNames(), "roles");
                return policy.explainRole(who.role, asked, named, elsewhere);
            }
            requireKnown(who.scope, policy.fields().scopeNames(), "scopes");
            return policy.explainScope(who.scope, asked, named);
        }

        private int tell(Explanation explanation) {
            ObjectNode document = JsonNodeFactory.instance
                    .objectNode()
                    .put("allowed", explanation.allowed())
                    .put("member", explanation.member())
                    .put("line", explanation.line())
                    .put("mask", explanation.mask().map(Mask::wireName).orElse(null));
            ArrayNode says = document.putArray("says");
            explanation.says().forEach(says::add);
            print(document, explanation.says());
            return explanation.allowed() ? ExitCodes.DONE : ExitCodes.REFUSED;
        }

        private static void requireKnown(String name, List<String> known, String what) {
            if (!known.contains(name)) {
                throw new Refused(
                        Problem.INVALID, "The policy knows these " + what + ": " + String.join(", ", known) + ".");
            }
        }
    }

    private PolicyCommands() {}
}
