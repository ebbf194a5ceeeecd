package org.patronvault.core.keys.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.SecureBytes;
import org.patronvault.core.keys.hsm.AwsKms;
import org.patronvault.core.model.IntegrityException;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.patronvault.testing.KmsDouble;

class KmsSlotTest {
    private static final String URI = "aws-kms://" + KmsDouble.ARN;
    private static final byte[] ROOT = SecureBytes.random(32);

    private static KmsDouble kms;
    private static KmsSlot slot;

    @BeforeAll
    static void createSlot() {
        kms = new KmsDouble();
        slot = KmsSlot.create("vault-a", new Slot.Head(3, 1, 1_795_000_000), URI, ROOT);
    }

    @AfterAll
    static void stop() {
        kms.close();
    }

    @BeforeEach
    void asUsual() {
        kms.asUsual();
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= 1;
        return changed;
    }

    private static void assertRefused(Problem problem, String cure, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Refused.class, e -> {
            assertThat(e.problem()).isEqualTo(problem);
            assertThat(e.getMessage())
                    .contains(cure)
                    .doesNotContain(KmsDouble.REQUEST_ID, "1234abcd", "111122223333", "clerk", "http");
            assertThat(e.getCause()).isNull();
        });
    }

    @Test
    void aSlotComesBackFromItsJsonAndKmsOpensIt() {
        KmsSlot read = KmsSlot.ofJson(slot.toJson());
        assertThat(read).usingRecursiveComparison().isEqualTo(slot);
        assertThat(read.open("vault-a")).isEqualTo(ROOT);
    }

    @Test
    void kmsSeesASignedRequestWithItsKeyAndAContextThatNamesNoVault() throws Exception {
        slot.open("vault-a");
        byte[] aad = CanonicalBytes.begin("pv1.kms").lp("vault-a").u32(3).u32(1).bytes();
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(aad));
        assertThat(kms.got()).singleElement().satisfies(got -> {
            assertThat(got.action()).isEqualTo("TrentService.Decrypt");
            assertThat(got.keyId()).isEqualTo(KmsDouble.ARN);
            assertThat(got.context()).hasToString("{\"patron-vault\":\"" + digest + "\"}");
        });
    }

    @Test
    void aSlotUnderAnotherVaultNumberOrRootIsRefusedByKms() {
        assertThatThrownBy(() -> slot.open("vault-b")).isInstanceOf(IntegrityException.class);
        KmsSlot moved = new KmsSlot(new Slot.Head(4, 1, 0), URI, slot.inKms(), slot.wrap());
        assertThatThrownBy(() -> moved.open("vault-a")).isInstanceOf(IntegrityException.class);
        KmsSlot older = new KmsSlot(new Slot.Head(3, 2, 0), URI, slot.inKms(), slot.wrap());
        assertThatThrownBy(() -> older.open("vault-a"))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("in KMS");
    }

    @Test
    void aFlippedBitIsRefused() {
        KmsSlot inKms = new KmsSlot(new Slot.Head(3, 1, 0), URI, flipped(slot.inKms(), 20), slot.wrap());
        assertThatThrownBy(() -> inKms.open("vault-a")).isInstanceOf(IntegrityException.class);
        KmsSlot wrap = new KmsSlot(new Slot.Head(3, 1, 0), URI, slot.inKms(), flipped(slot.wrap(), 100));
        assertThatThrownBy(() -> wrap.open("vault-a")).isInstanceOf(IntegrityException.class);
        KmsSlot huge = new KmsSlot(new Slot.Head(3, 1, 0), URI, new byte[6145], slot.wrap());
        assertThatThrownBy(() -> huge.open("vault-a")).isInstanceOf(IntegrityException.class);
        assertThat(kms.calls()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31, 32, 33, 4096})
    void anotherKeyThanWasGivenToKmsIsRefused(int size) {
        String wrong = Base64.getEncoder().encodeToString(new byte[size]);
        kms.answer(200, "{\"KeyId\":\"" + KmsDouble.ARN + "\",\"Plaintext\":\"" + wrong + "\"}");
        assertThatThrownBy(() -> slot.open("vault-a")).isInstanceOf(IntegrityException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "<html>arn:aws:kms:us-east-1:111122223333:key</html>", "{\"Plaintext\":7}"})
    void anAnswerThatIsNoneIsTakenForNoAnswer(String body) {
        kms.answer(200, body);
        assertRefused(Problem.SLOT_UNAVAILABLE, "does not answer", () -> slot.open("vault-a"));
    }

    @ParameterizedTest
    @CsvSource({
        "403, AccessDeniedException, kms:Decrypt",
        "400, AccessDeniedException, kms:Decrypt",
        "400, ExpiredTokenException, credentials",
        "400, DisabledException, enable it",
        "400, KMSInvalidStateException, enable it",
        "400, NotFoundException, open another"
    })
    void aRefusalOfKmsNamesTheCureAndIsNotTriedAgain(int status, String type, String cure) {
        kms.refuse(status, type);
        assertRefused(Problem.KEYS_REFUSED, cure, () -> slot.open("vault-a"));
        assertThat(kms.calls()).isEqualTo(1);
        kms.asUsual();
        assertThat(slot.open("vault-a")).isEqualTo(ROOT);
    }

    @Test
    void aWrongSignatureIsRefused() {
        KmsDouble.forgetCredentials();
        assertRefused(Problem.KEYS_REFUSED, "credentials must be valid", () -> slot.open("vault-a"));
        assertThat(kms.got()).isEmpty();
    }

    @Test
    void anErrorOfKmsIsTriedASecondTimeAndNoMore() {
        kms.answer(500, "");
        assertRefused(Problem.SLOT_UNAVAILABLE, "does not answer", () -> slot.open("vault-a"));
        assertThat(kms.calls()).isEqualTo(2);
    }

    @Test
    void aKmsThatDoesNotAnswerIsGivenUpInTime() {
        kms.hold();
        long before = System.nanoTime();
        assertRefused(
                Problem.SLOT_UNAVAILABLE,
                "does not answer",
                () -> new AwsKms(KmsDouble.ARN, Duration.ofMillis(300)).decrypt(slot.inKms(), new byte[0]));
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
        assertThat(AwsKms.PATIENCE).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void noSlotIsMadeWhereKmsRefuses() {
        kms.refuse(403, "AccessDeniedException");
        assertRefused(
                Problem.KEYS_REFUSED,
                "kms:Encrypt",
                () -> KmsSlot.create("vault-a", new Slot.Head(4, 1, 0), URI, ROOT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "aws-kms://",
                "aws-kms://alias/patron-vault",
                "aws-kms://arn:aws:kms:us-east-1:111122223333:alias/patron-vault",
                "aws-kms://arn:aws:kms:us-east-1:1111:key/1234abcd",
                "aws-kms://arn:aws:kms::111122223333:key/1234abcd",
                "aws-kms://arn:aws:kms:us-east-1.evil.example/x-1:111122223333:key/1234abcd",
                "aws-kms://arn:aws:s3:us-east-1:111122223333:key/1234abcd",
                "aws-kms://arn:aws:kms:us-east-1:111122223333:key/1234abcd\n",
                "aws-kms://arn:aws:kms:us-east-1:111122223333:key/../1234abcd",
                "AWS-KMS://arn:aws:kms:us-east-1:111122223333:key/1234abcd",
                "gcp-kms://projects/p/locations/l/keyRings/r/cryptoKeys/k"
            })
    void anythingButTheArnOfAKeyIsRefusedBeforeAnythingIsSent(String uri) {
        assertRefused(
                Problem.INVALID, "not by an alias", () -> KmsSlot.create("vault-a", new Slot.Head(3, 1, 0), uri, ROOT));
        assertThatThrownBy(() -> KmsSlot.ofJson(slot.toJson().put("uri", uri)))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.problem()).isEqualTo(Problem.KEYS_REFUSED));
        assertThat(kms.calls()).isZero();
    }

    @Test
    void withoutTheJarOfTheSdkTheSlotSaysWhichJarIsMissing() throws Exception {
        URL[] withoutSdk = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> !entry.contains("awssdk"))
                .map(KmsSlotTest::url)
                .toArray(URL[]::new);
        try (URLClassLoader loader = new URLClassLoader(withoutSdk, ClassLoader.getPlatformClassLoader())) {
            Class<?> there = loader.loadClass(KmsSlot.class.getName());
            Method create = Arrays.stream(there.getDeclaredMethods())
                    .filter(method -> method.getName().equals("create"))
                    .findFirst()
                    .orElseThrow();
            create.setAccessible(true);
            Constructor<?> head = loader.loadClass(Slot.Head.class.getName()).getDeclaredConstructors()[0];
            head.setAccessible(true);
            Object third = head.newInstance(3, 1, 0L);
            assertThatThrownBy(() -> create.invoke(null, "vault-a", third, URI, ROOT))
                    .isInstanceOf(InvocationTargetException.class)
                    .cause()
                    .hasMessage("AWS KMS needs patron-vault-aws.jar: put it beside patron-vault.jar, under that name.")
                    .satisfies(e -> assertThat(e.getClass().getName()).isEqualTo(Refused.class.getName()));
        }
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (java.net.MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }
}
