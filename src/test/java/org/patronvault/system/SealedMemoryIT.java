package org.patronvault.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.patronvault.core.keys.KeyBytes;
import org.patronvault.testing.LongRun;

/** Looks in the memory of a sealed process for keys, and for the passphrase that opened it. */
final class SealedMemoryIT {
    private static final int KEY_BYTES = 32;

    /** The library that AES-SIV comes from keeps the last key of each thread. */
    private static final Pattern USED_BY_THREADS = Pattern.compile("(index-value) 1.*");

    private static final String ROUNDS = ", as AES rounds";

    @AutoClose
    private final RunningVault vault = RunningVault.create();

    private int registered;

    @Test
    @Tag(LongRun.TAG)
    void sealedProcessHoldsNoKeyButTheLastThatEachOfItsThreadsUsed() throws Exception {
        MemorySearch search = new MemorySearch(keys());
        vault.start("-Xmx256m");
        work();
        long pid = vault.server().pid();
        Map<String, Integer> open = search.inProcess(pid);
        assertThat(vault.call("POST", "/v1/seal", vault.signIn("cust1")).status())
                .isEqualTo(200);
        Map<String, Integer> sealed = search.inProcess(pid);
        Path dump = vault.root().resolve("reachable.hprof");
        jcmd(pid, "GC.heap_dump", dump.toString());
        // Round keys are numbers there, and numbers are written the other way round.
        Map<String, Integer> reachable = search.in(dump);
        reachable.keySet().removeIf(name -> name.endsWith(ROUNDS));
        System.out.printf(
                "copies of keys: %d while open, %d after sealing, of these reachable %d%n",
                total(open), total(sealed), total(reachable));
        assertThat(open).allSatisfy((name, count) -> {
            if (!name.endsWith(ROUNDS)) {
                assertThat(count).as("while it is open: " + name).isPositive();
            }
        });
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            assertThat(total(reachable)).as("copies that are reachable").isLessThan((int) threads.count());
        }
        assertThat(reachable).allSatisfy((name, count) -> {
            if (!USED_BY_THREADS.matcher(name).matches()) {
                assertThat(count).as(name).isZero();
            }
        });
    }

    /** As the package starts it: what is left depends on the collector. */
    private static final String[] PACKAGED = {"-Xms96m", "-Xmx512m", "-XX:+UseSerialGC"};

    @Test
    void sealedProcessHoldsNeitherKeysNorThePassphraseThatOpenedIt() throws Exception {
        assertOverwritten(this::unseal, this::unsealByForm);
    }

    @Test
    @Tag(LongRun.TAG)
    void sealedProcessHoldsNeitherKeysNorThePassphraseThatOpenedItOverTls() throws Exception {
        vault.overTls();
        assertOverwritten(this::unseal);
    }

    /** Opens a process in these ways, has it work, seals it each time, and looks what of keys and passphrase is left. */
    private void assertOverwritten(Runnable... ways) throws Exception {
        Map<String, byte[]> wanted = keys();
        wanted.keySet().removeIf(name -> USED_BY_THREADS.matcher(name).matches());
        wanted.put("passphrase", beginning(RunningVault.PASSPHRASE, StandardCharsets.US_ASCII));
        wanted.put("passphrase as Java's characters", beginning(RunningVault.PASSPHRASE, StandardCharsets.UTF_16LE));
        wanted.put(
                "passphrase in a form",
                beginning("hrase=" + formOf(RunningVault.PASSPHRASE), StandardCharsets.US_ASCII));
        MemorySearch search = new MemorySearch(wanted);
        vault.startSealed(PACKAGED);
        for (Runnable unseal : ways) {
            unseal.run();
            work();
            assertThat(search.inProcess(vault.server().pid()))
                    .extractingByKeys("root", "card 1", "phone 1", "meta 1", "row 1", "card 1" + ROUNDS)
                    .doesNotContain(0);
            assertThat(vault.call("POST", "/v1/seal", vault.signIn("cust1")).status())
                    .isEqualTo(200);
            assertThat(search.inProcess(vault.server().pid()))
                    .allSatisfy((name, count) -> assertThat(count).as(name).isZero());
        }
    }

    private void unseal() {
        ObjectNode passphrase = JsonNodeFactory.instance.objectNode().put("passphrase", RunningVault.PASSPHRASE);
        assertThat(vault.call("POST", "/v1/unseal", "", passphrase).status()).isEqualTo(200);
    }

    private void unsealByForm() {
        HttpRequest typed = HttpRequest.newBuilder(URI.create(vault.address() + "/unseal"))
                .header("Origin", vault.address())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("passphrase=" + formOf(RunningVault.PASSPHRASE)))
                .build();
        HttpResponse<Void> page = HttpClient.newHttpClient()
                .sendAsync(typed, HttpResponse.BodyHandlers.discarding())
                .join();
        assertThat(page.statusCode()).isEqualTo(200);
    }

    private static String formOf(String text) {
        return text.replace(' ', '+');
    }

    private static byte[] beginning(String text, Charset charset) {
        return Arrays.copyOf(text.getBytes(charset), KEY_BYTES);
    }

    private Map<String, byte[]> keys() {
        Map<String, byte[]> all = new LinkedHashMap<>();
        KeyBytes.behind(vault.home().resolve("keys"), RunningVault.PASSPHRASE).forEach((name, bytes) -> {
            for (int at = 0; at + KEY_BYTES <= bytes.length; at += KEY_BYTES) {
                byte[] key = Arrays.copyOfRange(bytes, at, at + KEY_BYTES);
                all.put(name + (at == 0 ? "" : " second half"), key);
                all.put(name + (at == 0 ? "" : " second half") + ROUNDS, words(key));
            }
        });
        return all;
    }

    /** The JDK's AES keeps a key as the first words of its round keys, in the order of this machine. */
    private static byte[] words(byte[] key) {
        ByteBuffer words = ByteBuffer.allocate(KEY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < KEY_BYTES; at += 4) {
            words.putInt(ByteBuffer.wrap(key).getInt(at));
        }
        return words.array();
    }

    private void work() {
        String clerk = vault.signIn("clerk");
        for (int n = 0; n < 20; n++) {
            String id = vault.register(clerk, SamplePatron.of(registered++));
            ObjectNode reveal = JsonNodeFactory.instance.objectNode().put("purpose", "account-service");
            reveal.putArray("fields").add("name").add("phone").add("email");
            assertThat(vault.call("POST", "/v1/patrons/" + id + "/reveal", clerk, reveal)
                            .status())
                    .isEqualTo(200);
        }
    }

    private static int total(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    private static void jcmd(long pid, String what, String file) throws IOException, InterruptedException {
        String program = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        assertThat(new ProcessBuilder(program, Long.toString(pid), what, file)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor())
                .isZero();
    }
}
