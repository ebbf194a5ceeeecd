package org.patronvault.core.keys.hsm;

import com.google.crypto.tink.Aead;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Function;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DisabledException;
import software.amazon.awssdk.services.kms.model.IncorrectKeyException;
import software.amazon.awssdk.services.kms.model.InvalidCiphertextException;
import software.amazon.awssdk.services.kms.model.KmsException;
import software.amazon.awssdk.services.kms.model.KmsInvalidStateException;
import software.amazon.awssdk.services.kms.model.NotFoundException;

/**
 * A key in AWS KMS. The AAD is sent as its SHA-256 in the encryption context. KMS authenticates the context and writes
 * it to the account's log. The SDK finds credentials and endpoint as usual (environment, profile, role of the machine;
 * {@code AWS_ENDPOINT_URL_KMS}). The region is that of the key.
 *
 * <p>Only this class uses the SDK, which is optional: code that loads the class must expect a NoClassDefFoundError.
 * Thread-safe.
 *
 * <p>Both methods throw {@link Refused}: {@code slot-unavailable} if KMS does not answer in time (two tries at most),
 * and {@code keys-refused} if it denies access. The exception has no message of the SDK, since these name keys and
 * accounts.
 */
public final class AwsKms implements Aead {
    /** The longest time of a call, with its second try. */
    public static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final String CONTEXT = "patron-vault";
    private static final int REGION = 3;
    private static final int RETRY_SECONDS = 30;

    private final String arn;
    private final Duration patience;

    /** Makes the key of that ARN, which the caller has checked. */
    public AwsKms(String arn, Duration patience) {
        this.arn = arn;
        this.patience = patience;
    }

    @Override
    public byte[] encrypt(byte[] plaintext, byte[] associatedData) throws GeneralSecurityException {
        Map<String, String> context = context(associatedData);
        return ask(kms -> kms.encrypt(call -> call.keyId(arn)
                        .plaintext(SdkBytes.fromByteArray(plaintext))
                        .encryptionContext(context))
                .ciphertextBlob());
    }

    /** Decrypts; throws a GeneralSecurityException if the key or AAD is wrong, or a bit was changed. */
    @Override
    public byte[] decrypt(byte[] ciphertext, byte[] associatedData) throws GeneralSecurityException {
        Map<String, String> context = context(associatedData);
        return ask(kms -> kms.decrypt(call -> call.keyId(arn)
                        .ciphertextBlob(SdkBytes.fromByteArray(ciphertext))
                        .encryptionContext(context))
                .plaintext());
    }

    private static Map<String, String> context(byte[] associatedData) throws GeneralSecurityException {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(associatedData);
        return Map.of(CONTEXT, HexFormat.of().formatHex(digest));
    }

    private byte[] ask(Function<KmsClient, SdkBytes> call) throws GeneralSecurityException {
        try (KmsClient kms = client()) {
            SdkBytes answer = call.apply(kms);
            if (answer == null) {
                throw unavailable();
            }
            return answer.asByteArray();
        } catch (InvalidCiphertextException | IncorrectKeyException e) {
            throw new GeneralSecurityException("KMS: not encrypted by this key under this context");
        } catch (NotFoundException | DisabledException | KmsInvalidStateException e) {
            throw new Refused(
                    Problem.KEYS_REFUSED,
                    "The slot's key in AWS KMS is disabled, to be deleted or gone: enable it there, or open another"
                            + " slot.");
        } catch (KmsException e) {
            if (e.statusCode() / 100 == 4 && !e.isThrottlingException()) {
                throw new Refused(
                        Problem.KEYS_REFUSED,
                        "AWS KMS does not allow it: the vault's credentials must be valid, with kms:Encrypt and"
                                + " kms:Decrypt on the slot's key.");
            }
            throw unavailable();
        } catch (SdkException e) {
            throw unavailable();
        }
    }

    private KmsClient client() {
        return KmsClient.builder()
                .region(Region.of(arn.split(":", -1)[REGION]))
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(Duration.ofSeconds(2))
                        .socketTimeout(patience))
                .overrideConfiguration(settings -> settings.apiCallTimeout(patience)
                        .apiCallAttemptTimeout(patience.dividedBy(2))
                        .retryStrategy(retries -> retries.maxAttempts(2)))
                .build();
    }

    private static Refused unavailable() {
        return new Refused(
                Problem.SLOT_UNAVAILABLE,
                "AWS KMS does not answer, or no credentials for it were found; see whether this machine reaches it.",
                RETRY_SECONDS);
    }
}
