package org.patronvault.system;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.patronvault.testing.Skips;

/**
 * A Debian of its own with nothing on it, whose systemd runs, on the network of this machine; and a network namespace
 * with an address of its own, which stands for a PC at the desk. Needs root.
 */
final class OtherMachine implements AutoCloseable {
    static final String ADDRESS = "10.77.31.1";
    private static final String DESK_ADDRESS = "10.77.31.2";
    private static final String DESK = "vault-desk";

    /** The hierarchy of control groups that a Debian of today has, in a mount namespace of its own. */
    private static final String CGROUPS = "umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup";

    private static final int PATIENCE_SECONDS = 600;
    private static final Duration BOOT_TIME = Duration.ofSeconds(90);

    private final Path root;
    private final Process container;
    private final long init;

    private OtherMachine(Path root, Process container, long init) {
        this.root = root;
        this.container = container;
        this.init = init;
    }

    /** Skips the test where there can be none. */
    static void require() {
        Skips.unless("root".equals(System.getProperty("user.name")), "only root can start a machine");
        for (String program :
                List.of("/usr/bin/mmdebstrap", "/usr/bin/systemd-nspawn", "/usr/bin/nsenter", "/usr/bin/curl")) {
            Skips.unless(Files.isExecutable(Path.of(program)), program + " is missing");
        }
    }

    /** Makes one in that directory and waits until it runs. */
    static OtherMachine start(Path directory) {
        Skips.pointless(
                VaultProcess.command(Map.of(), "unshare", "--mount", "sh", "-c", CGROUPS)
                                .exit()
                        != 0,
                "no machine can be started on this one");
        Path root = directory.resolve("root");
        remove(directory);
        run("mkdir", "-p", directory.toString());
        run(
                "mmdebstrap",
                "--quiet",
                "--variant=minbase",
                "--include=systemd,systemd-sysv,dbus",
                "trixie",
                root.toString(),
                "http://deb.debian.org/debian");
        String boot = CGROUPS
                + "; exec systemd-nspawn --quiet --register=no --keep-unit --resolv-conf=copy-host"
                + " --machine=vault --directory=" + root + " --boot";
        try {
            ProcessBuilder builder = new ProcessBuilder("unshare", "--mount", "sh", "-c", boot);
            builder.environment().put("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1");
            Process container = builder.redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(directory.resolve("boot.log").toFile())
                    .start();
            OtherMachine machine = new OtherMachine(root, container, initOf(container));
            try {
                // The last that a Debian starts.
                machine.run(0, "until systemctl is-active --quiet multi-user.target; do sleep 0.2; done");
                machine.wire();
                return machine;
            } catch (RuntimeException | Error e) {
                machine.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long initOf(Process container) {
        return await().atMost(BOOT_TIME)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> systemdIn(container), OptionalLong::isPresent)
                .getAsLong();
    }

    private static OptionalLong systemdIn(Process container) {
        return container
                .descendants()
                .filter(one -> one.info().command().orElse("").endsWith("/systemd"))
                .mapToLong(ProcessHandle::pid)
                .findFirst();
    }

    private void wire() {
        unwire();
        run("ip", "netns", "add", DESK);
        run("ip", "link", "add", DESK, "type", "veth", "peer", "name", "eth0", "netns", DESK);
        run("ip", "address", "add", ADDRESS + "/24", "dev", DESK);
        run("ip", "link", "set", DESK, "up");
        run("ip", "netns", "exec", DESK, "ip", "address", "add", DESK_ADDRESS + "/24", "dev", "eth0");
        run("ip", "netns", "exec", DESK, "ip", "link", "set", "eth0", "up");
    }

    private static void unwire() {
        // The two ends of the cable go together.
        if (Files.exists(Path.of("/run/netns", DESK))) {
            run("ip", "netns", "delete", DESK);
        }
    }

    private static void remove(Path directory) {
        run("rm", "-rf", "--one-file-system", directory.toString());
    }

    /** Its directory of that path, seen from here. */
    Path path(String there) {
        return root.resolve(there.substring(1));
    }

    /** The command that has its shell do that as root, in root's directory. */
    String[] entering(String script) {
        return new String[] {
            "nsenter",
            "--target",
            Long.toString(init),
            "--all",
            "--root",
            "--wdns=/root",
            "env",
            "-i",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=/root",
            "TERM=dumb",
            "DEBIAN_FRONTEND=noninteractive",
            "sh",
            "-euc",
            script
        };
    }

    /** Has root there do that, and fails if it does not end so; gives what it said. */
    String run(int exit, String script) {
        return ran(exit, entering(script));
    }

    /** Has the PC at the desk do that; gives what it said. */
    String atTheDesk(String... command) {
        String[] all = new String[command.length + 4];
        System.arraycopy(new String[] {"ip", "netns", "exec", DESK}, 0, all, 0, 4);
        System.arraycopy(command, 0, all, 4, command.length);
        return ran(0, all);
    }

    private static void run(String... command) {
        ran(0, command);
    }

    private static String ran(int exit, String... command) {
        VaultProcess.Ran ran = VaultProcess.command(Map.of(), command);
        if (ran.exit() != exit) {
            throw new AssertionError(String.join(" ", command) + ": " + ran.out());
        }
        return ran.out();
    }

    @Override
    public void close() {
        unwire();
        container.descendants().forEach(ProcessHandle::destroyForcibly);
        container.destroyForcibly();
        try {
            container.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        remove(root.getParent());
    }
}
