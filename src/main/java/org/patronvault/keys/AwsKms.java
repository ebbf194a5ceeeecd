package org.patronvault.keys;

import com.google.crypto.tink.Aead;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Function;
import org.patronvault.model.Problem;
import org.patronvault.model.Refused;
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
 * A key in AWS KMS. The associated data goes along as its SHA-256, in the encryption context, which KMS authenticates
 * and writes into the account's own log. Credentials and endpoint are found as the SDK finds them (environment,
 * profile, role of the machine; {@code AWS_ENDPOINT_URL_KMS}), the region is that of the key.
 *
 * <p>The only class that uses the SDK, which is optional: whoever loads it must expect a NoClassDefFoundError. Safe for
 * use by many threads.
 *
 * <p>Both methods throw {@link Refused}: {@code slot-unavailable} if KMS does not answer in time (two tries at most), and
 * {@code keys-refused} if it does not allow it. No message of the SDK goes into one, since they hold names of keys and
 * accounts.
 */
final class AwsKms implements Aead {
    /** How long a call may take, with its second try. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final String CONTEXT = "patron-vault";
    private static final int REGION = 3;
    private static final int RETRY_SECONDS = 30;

    private final String arn;
    private final Duration patience;

    /** The key of that ARN, checked before. */
    AwsKms(String arn, Duration patience) {
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

    /** Throws a GeneralSecurityException if key or associated data is another, or a bit was changed. */
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
