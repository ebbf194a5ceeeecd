package org.patronvault.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a JVM takes once its garbage is collected, in KiB.
 *
 * @param resident of the whole process
 * @param anonymous what of that is no file's
 * @param heap of its heap, in use
 */
record Memory(long resident, long anonymous, long heap) {
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s*(\\d+) kB$");
    private static final Pattern ANONYMOUS = Pattern.compile("(?m)^RssAnon:\\s*(\\d+) kB$");
    private static final Pattern USED =
            Pattern.compile("(?m)^ *[a-z -]*(?:heap|generation) +total \\d+K, used (\\d+)K");
    private static final double KIB_A_MIB = 1024;
    private static final int LOOKS = 20;
    private static final int BETWEEN_LOOKS_MILLIS = 100;

    /** Whether this system tells. */
    static boolean isTold() {
        return Files.isReadable(Path.of("/proc/self/status"));
    }

    /** Collects and looks; for the least of two seconds, since the collector gives memory back to the system by and by. */
    static Memory of(JavaProcess process) throws IOException, InterruptedException {
        String unused = jcmd(process, "GC.run");
        long resident = Long.MAX_VALUE;
        long anonymous = Long.MAX_VALUE;
        for (int look = 0; look < LOOKS; look++) {
            String status = status(process);
            resident = Math.min(resident, number(RESIDENT, status));
            anonymous = Math.min(anonymous, number(ANONYMOUS, status));
            Thread.sleep(BETWEEN_LOOKS_MILLIS);
        }
        String heap = jcmd(process, "GC.heap_info");
        return new Memory(
                resident,
                anonymous,
                USED.matcher(heap)
                        .results()
                        .map(MatchResult::group)
                        .mapToLong(line -> number(USED, line))
                        .sum());
    }

    /** What of that process is no file's at this moment, its garbage included, in MiB. */
    static double anonymousMiBNow(JavaProcess process) throws IOException {
        return number(ANONYMOUS, status(process)) / KIB_A_MIB;
    }

    private static String status(JavaProcess process) throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(process.pid()), "status"));
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("nothing like " + pattern + " in " + text);
        }
        return Long.parseLong(matcher.group(1));
    }

    private static String jcmd(JavaProcess process, String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(JavaProcess.program("jcmd"), Long.toString(process.pid()), command)
                .redirectErrorStream(true)
                .start();
        String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (jcmd.waitFor() != 0) {
            throw new IllegalStateException("jcmd " + command + ": " + said);
        }
        return said;
    }

    /** What of the process is no file's, in MiB. */
    double anonymousMiB() {
        return anonymous / KIB_A_MIB;
    }

    /** How much more of the process this is than that, in MiB. */
    double residentBeyond(Memory other) {
        return (resident - other.resident) / KIB_A_MIB;
    }

    /** The same of the heap. */
    double heapBeyond(Memory other) {
        return (heap - other.heap) / KIB_A_MIB;
    }
}
