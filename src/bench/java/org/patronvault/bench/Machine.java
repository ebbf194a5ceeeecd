package org.patronvault.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the figures were measured on. */
final class Machine {
    private Machine() {}

    /** Name and value, in the order of the report. */
    static Map<String, String> facts(Options options) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("processor", find("/proc/cpuinfo", "(?m)^model name\\s*:\\s*(.*)$", "unknown"));
        facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("memory", memoryMiB() + " MiB");
        facts.put(
                "kernel",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        facts.put("file system", Files.getFileStore(options.directory()).type());
        facts.put("load before the run", load());
        facts.put("JDK of the harness", System.getProperty("java.runtime.version"));
        facts.put("JDK", String.join(", ", java()));
        try (JarFile jar = new JarFile(options.jar().toFile())) {
            facts.put(
                    "Patron Vault",
                    jar.getManifest().getMainAttributes().getValue("Implementation-Version") + commit());
        }
        facts.put("libraries of both", options.libraries());
        return facts;
    }

    /** Which Java runs either side, in its own words. */
    private static List<String> java() throws IOException {
        Process java = new ProcessBuilder(JavaProcess.program("java"), "--version")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    /** Its feature release, such as 17. */
    static int javaFeature() throws IOException {
        String first = java().get(0);
        return Runtime.Version.parse(first.split(" ", 3)[1]).feature();
    }

    /** How many wanted to run, over 1, 5 and 15 minutes; much of it before a run means that the run says little. */
    static String load() {
        return find("/proc/loadavg", "^(\\S+ \\S+ \\S+)", "unknown");
    }

    /** How much memory there is. */
    static long memoryMiB() {
        return Long.parseLong(find("/proc/meminfo", "(?m)^MemTotal:\\s*(\\d+) kB", "0")) / 1024;
    }

    private static String find(String file, String pattern, String absent) {
        try {
            Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(Path.of(file)));
            return matcher.find() ? matcher.group(1) : absent;
        } catch (IOException e) {
            return absent;
        }
    }

    private static String commit() {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return git.waitFor() == 0 ? ", commit " + said.strip() : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
