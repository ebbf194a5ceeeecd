package org.patronvault.cli;

import java.io.PrintWriter;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.patronvault.cli.access.ApprovalCommands;
import org.patronvault.cli.access.ClientCommands;
import org.patronvault.cli.access.PolicyCommands;
import org.patronvault.cli.access.StaffCommands;
import org.patronvault.cli.command.ExitCodes;
import org.patronvault.cli.command.Invocation;
import org.patronvault.cli.command.SecretSource;
import org.patronvault.cli.keys.KeysCommands;
import org.patronvault.cli.keys.SealCommands;
import org.patronvault.cli.log.LogCommands;
import org.patronvault.cli.log.WitnessCommand;
import org.patronvault.cli.patrons.EraseCommand;
import org.patronvault.cli.patrons.PatronsCommands;
import org.patronvault.cli.patrons.RetentionCommands;
import org.patronvault.cli.upkeep.BackupCommand;
import org.patronvault.cli.upkeep.CheckCommand;
import org.patronvault.cli.upkeep.DbCommands;
import org.patronvault.cli.upkeep.DoctorCommand;
import org.patronvault.cli.upkeep.InitCommand;
import org.patronvault.cli.upkeep.LeakageCommand;
import org.patronvault.cli.upkeep.MoveCommand;
import org.patronvault.cli.upkeep.RestoreCommand;
import org.patronvault.cli.upkeep.TlsCommands;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The builder of the command line for one invocation. */
public final class Commands {

    @Command(
            name = "patron-vault",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description =
                    "Encrypts the names and contact details of library patrons, and logs every time one is opened.",
            synopsisSubcommandLabel = "COMMAND")
    static final class Root {}

    private static final Class<?> COMPLETION = AutoComplete.GenerateCompletion.class;

    private static final List<Class<?>> ALL = List.of(
            DemoCommand.class,
            InitCommand.class,
            ServeCommand.class,
            TlsCommands.class,
            StaffCommands.class,
            ClientCommands.class,
            ApprovalCommands.class,
            PatronsCommands.class,
            KeysCommands.class,
            SealCommands.Unseal.class,
            SealCommands.Seal.class,
            LogCommands.class,
            WitnessCommand.class,
            PolicyCommands.class,
            EraseCommand.class,
            RetentionCommands.class,
            CheckCommand.class,
            LeakageCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            MoveCommand.class,
            DoctorCommand.class,
            DbCommands.class,
            COMPLETION);

    /** The version from the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Commands.class.getPackage().getImplementationVersion();
            return new String[] {"patron-vault " + (version == null ? "(from classes)" : version)};
        }
    }

    private Commands() {}

    /**
     * Returns a parser of {@code words}. It has only the command that the first word names, because all commands take a
     * good part of a second to build. It has all commands if the word names none.
     */
    public static CommandLine line(Invocation invocation, String... words) {
        CommandLine.IFactory factory = factory(invocation);
        CommandLine line = new CommandLine(new Root(), factory);
        List<Class<?>> named = ALL.stream()
                .filter(type -> words.length > 0 && name(type).equals(words[0]))
                .toList();
        // Completion needs all commands.
        boolean isOne = named.size() == 1 && !named.contains(COMPLETION);
        (isOne ? named : ALL).forEach(type -> line.addSubcommand(new CommandLine(type, factory)));
        line.registerConverter(SecretSource.class, name -> new SecretSource(name, invocation));
        line.setDefaultValueProvider(arg -> {
            if (arg instanceof CommandLine.Model.OptionSpec option) {
                String variable = Invocation.VARIABLES.get(option.longestName());
                return variable == null ? null : invocation.environment().get(variable);
            }
            return null;
        });
        line.setOut(new PrintWriter(invocation.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(invocation.err(), true, StandardCharsets.UTF_8));
        line.setExecutionExceptionHandler((e, l, parsed) -> ExitCodes.of(e, invocation.err()));
        line.setParameterExceptionHandler((e, args) -> ExitCodes.ofUsage(e, invocation.err()));
        return line;
    }

    private static String name(Class<?> type) {
        return type.getAnnotation(Command.class).name();
    }

    private static CommandLine.IFactory factory(Invocation invocation) {
        return new CommandLine.IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                for (Constructor<?> constructor : type.getDeclaredConstructors()) {
                    if (constructor.getParameterCount() == 1
                            && constructor.getParameterTypes()[0] == Invocation.class) {
                        // Most commands are in packages beside this one, and only picocli makes them.
                        constructor.setAccessible(true);
                        return type.cast(constructor.newInstance(invocation));
                    }
                }
                return CommandLine.defaultFactory().create(type);
            }
        };
    }
}
