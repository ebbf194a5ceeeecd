package org.patronvault.core.crypto;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.CMSAuthEnvelopedDataStreamGenerator;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.RecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKeyAgreeRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientInfoGenerator;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OutputAEADEncryptor;
import org.bouncycastle.operator.jcajce.JcaAlgorithmParametersConverter;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;

/**
 * The recipient of an encrypted file, known by an X.509 certificate. The form is CMS AuthEnvelopedData (RFC 5083) with
 * AES-256-GCM (RFC 5084). The key is encrypted by RSA-OAEP with SHA-256 (RFC 4056's parameters, RFC 8017), or by ECDH
 * on a NIST curve (RFC 5753). {@code openssl cms -decrypt} decrypts it. No certificate chain is checked: the people who
 * name the certificate must know its owner. Immutable and thread-safe.
 */
public final class CmsRecipient {
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final int MAX_PEM_BYTES = 64 * 1024;
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 8192;
    private static final int KEY_ENCIPHERMENT = 2;
    private static final int KEY_AGREEMENT = 4;
    private static final Set<ASN1Encodable> CURVES =
            Set.of(SECObjectIdentifiers.secp256r1, SECObjectIdentifiers.secp384r1, SECObjectIdentifiers.secp521r1);
    private static final OAEPParameterSpec OAEP =
            new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);

    /** Used by name and not registered, so that nothing else in the process changes; made when first needed. */
    private static final class Bouncy {
        static final Provider PROVIDER = new BouncyCastleProvider();
    }

    private final X509Certificate certificate;

    private CmsRecipient(X509Certificate certificate) {
        this.certificate = certificate;
    }

    /**
     * Reads the recipient from the one certificate in {@code pem} (RFC 7468).
     *
     * @throws Refused with {@code invalid} if it is malformed, more than one, out of date, of a weak or unknown key, or
     *     not meant for encryption
     */
    public static CmsRecipient ofPem(byte[] pem, Clock clock) {
        X509Certificate certificate = parse(pem);
        Instant now = clock.instant();
        if (now.isBefore(certificate.getNotBefore().toInstant())) {
            throw refused("The recipient's certificate is not valid yet; check the clock, or ask for another.");
        }
        if (now.isAfter(certificate.getNotAfter().toInstant())) {
            throw refused("The recipient's certificate has expired; ask for a new one.");
        }
        int usage = requireGoodKey(certificate);
        boolean[] allowed = certificate.getKeyUsage();
        if (allowed != null && !allowed[usage]) {
            throw refused(
                    "The recipient's certificate is not for encryption, says its key usage; ask for one that is.");
        }
        return new CmsRecipient(certificate);
    }

    private static X509Certificate parse(byte[] pem) {
        List<byte[]> found = new ArrayList<>();
        try (PemReader reader = new PemReader(
                new StringReader(pem.length > MAX_PEM_BYTES ? "" : new String(pem, StandardCharsets.US_ASCII)))) {
            for (PemObject part = reader.readPemObject(); part != null; part = reader.readPemObject()) {
                if (!part.getType().equals(CERTIFICATE)) {
                    throw refused("The recipient's file holds more than a certificate; give the certificate alone, and"
                            + " never a private key.");
                }
                found.add(part.getContent());
            }
            if (found.size() > 1) {
                throw refused("The recipient's file holds several certificates; give one.");
            }
            if (found.isEmpty()) {
                throw refused("The recipient's file holds no certificate in PEM form.");
            }
            return (X509Certificate) CertificateFactory.getInstance("X.509", Bouncy.PROVIDER)
                    .generateCertificate(new ByteArrayInputStream(found.get(0)));
        } catch (IOException | GeneralSecurityException | IllegalStateException | IllegalArgumentException e) {
            throw refused("The recipient's certificate cannot be read; ask for it once more, in PEM form.");
        }
    }

    /** Refuses a key that is weak or unknown; otherwise returns the key usage it needs. */
    private static int requireGoodKey(X509Certificate certificate) {
        SubjectPublicKeyInfo info =
                SubjectPublicKeyInfo.getInstance(certificate.getPublicKey().getEncoded());
        if (info.getAlgorithm().getAlgorithm().equals(PKCSObjectIdentifiers.rsaEncryption)
                && certificate.getPublicKey() instanceof RSAPublicKey rsa) {
            BigInteger modulus = rsa.getModulus();
            if (modulus.bitLength() < MIN_RSA_BITS || modulus.bitLength() > MAX_RSA_BITS) {
                throw refused("The recipient's RSA key must have 2,048 to 8,192 bits; ask for another certificate.");
            }
            return KEY_ENCIPHERMENT;
        }
        if (certificate.getPublicKey() instanceof ECPublicKey
                && CURVES.contains(info.getAlgorithm().getParameters())) {
            return KEY_AGREEMENT;
        }
        throw refused("The recipient's key must be RSA, or EC on P-256, P-384 or P-521; ask for another certificate.");
    }

    private static Refused refused(String sentence) {
        return new Refused(Problem.INVALID, sentence);
    }

    /**
     * Returns the SHA-256 of the certificate in DER, 64 hexadecimal digits. People compare it, and the register keeps
     * it.
     */
    public String fingerprint() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the certificate in PEM, without any other text of the input. */
    public String pem() {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(CERTIFICATE, certificate.getEncoded()));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }

    /** Encrypts {@code content} for this recipient alone, in the form of {@link #sealing}. */
    public byte[] seal(byte[] content) {
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        try (OutputStream out = sealing(sealed)) {
            out.write(content);
        } catch (IOException e) {
            throw new IllegalStateException("sealing failed", e);
        }
        return sealed.toByteArray();
    }

    /**
     * Returns a stream that encrypts for this recipient alone, in BER, since the length is not known before. Only
     * closing completes it; an unclosed result is refused at decryption.
     *
     * @param to receives the encrypted bytes; closed with the returned stream
     */
    public OutputStream sealing(OutputStream to) throws IOException {
        try {
            CMSAuthEnvelopedDataStreamGenerator generator = new CMSAuthEnvelopedDataStreamGenerator();
            generator.addRecipientInfoGenerator(keyFor());
            generator.setBufferSize(BUFFER_BYTES);
            OutputAEADEncryptor encryptor =
                    (OutputAEADEncryptor) new JceCMSContentEncryptorBuilder(CMSAlgorithm.AES256_GCM)
                            .setProvider(Bouncy.PROVIDER)
                            .build();
            OutputStream sealing = generator.open(to, encryptor);
            return new FilterOutputStream(sealing) {
                @Override
                public void write(byte[] bytes, int from, int count) throws IOException {
                    out.write(bytes, from, count);
                }

                @Override
                public void close() throws IOException {
                    try (to) {
                        super.close();
                    }
                }
            };
        } catch (CMSException | GeneralSecurityException e) {
            throw new IllegalStateException("sealing failed", e);
        }
    }

    private RecipientInfoGenerator keyFor() throws GeneralSecurityException, CMSException {
        if (certificate.getPublicKey() instanceof ECPublicKey ec) {
            KeyPairGenerator ephemeral = KeyPairGenerator.getInstance("EC", Bouncy.PROVIDER);
            ephemeral.initialize(ec.getParams());
            KeyPair pair = ephemeral.generateKeyPair();
            return new JceKeyAgreeRecipientInfoGenerator(
                            CMSAlgorithm.ECDH_SHA256KDF, pair.getPrivate(), pair.getPublic(), CMSAlgorithm.AES256_WRAP)
                    .setProvider(Bouncy.PROVIDER)
                    .addRecipient(certificate);
        }
        return new JceKeyTransRecipientInfoGenerator(
                        certificate,
                        new JcaAlgorithmParametersConverter()
                                .getAlgorithmIdentifier(PKCSObjectIdentifiers.id_RSAES_OAEP, OAEP))
                .setProvider(Bouncy.PROVIDER);
    }
}
