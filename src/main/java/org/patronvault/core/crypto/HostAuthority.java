package org.patronvault.core.crypto;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * An issuing CA for the names of one host, and the host certificates that it signs (RFC 5280; {@code tls.md}). It is
 * under a root whose private key no longer exists. ECDSA on P-256. Immutable and thread-safe.
 *
 * <p>The name constraints are in the issuing CA's certificate, since many clients ignore a root's. A trust anchor is no
 * part of the path that RFC 5280, 6.1, checks.
 */
public final class HostAuthority {
    private static final Duration SLOW_CLOCKS = Duration.ofHours(1);
    private static final Duration LIFE = Duration.ofDays(3_653);
    private static final Duration HOST_LIFE = Duration.ofDays(397);
    private static final int SERIAL_BITS = 159;
    private static final int LONGEST_COMMON_NAME = 64;
    private static final int FINGERPRINT_BYTES = 4;
    private static final String NOBODY = "nobody.invalid";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final X509Certificate certificate;
    private final PrivateKey key;

    /** Makes the CA from the parts that {@link #create} made before. */
    public HostAuthority(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /** A root, and the issuing CA that is the only one it ever signs. */
    public record NewAuthority(X509Certificate root, HostAuthority issuer) {}

    /** The subject, key and times of a certificate. */
    private record Content(X500Name subject, PublicKey key, Instant now, Instant end) {}

    /** The name and keys of a CA. */
    private record Authority(X500Name name, KeyPair pair) {
        private static Authority named(String name, String host, String digits) throws IOException {
            X500Name full = new X500NameBuilder(BCStyle.INSTANCE)
                    .addRDN(BCStyle.CN, commonName(name + " for " + host, name))
                    .addRDN(BCStyle.SERIALNUMBER, digits)
                    .build();
            return new Authority(full, newKey());
        }
    }

    /** Makes both with keys of their own; the root's private key is forgotten when this returns. */
    public static NewAuthority create(HostNames names, Instant now) {
        try {
            String digits = HexFormat.of().formatHex(RANDOM.generateSeed(FINGERPRINT_BYTES));
            Authority root = Authority.named("Patron Vault CA", names.first(), digits);
            Authority issuer = Authority.named("Patron Vault issuing CA", names.first(), digits);
            X509Certificate rootCertificate =
                    signed(authority(root, root, 1, now), root.pair().getPrivate());
            X509v3CertificateBuilder issuing =
                    authority(issuer, root, 0, now).addExtension(Extension.nameConstraints, true, constraints(names));
            X509Certificate issuerCertificate = signed(issuing, root.pair().getPrivate());
            return new NewAuthority(
                    rootCertificate,
                    new HostAuthority(issuerCertificate, issuer.pair().getPrivate()));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("a certificate cannot be made", e);
        }
    }

    private static X509v3CertificateBuilder authority(Authority of, Authority by, int below, Instant now)
            throws GeneralSecurityException, IOException {
        Content content = new Content(of.name(), of.pair().getPublic(), now, now.plus(LIFE));
        return certificate(content, by.name(), by.pair().getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(below))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    }

    /** Makes a new key for a host. */
    public static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no key can be made", e);
        }
    }

    /** Certifies a host's key for those names. */
    public X509Certificate certify(HostNames names, PublicKey host, Instant now) {
        X500Name name = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, commonName(names.first(), "Patron Vault"))
                .build();
        return certify(new Content(name, host, now, end(now)), new GeneralNames(all(names)));
    }

    /** Returns a certificate with the subject, names and key of {@code old}, valid from now on. */
    public X509Certificate renew(X509Certificate old, Instant now) {
        try {
            JcaX509CertificateHolder before = new JcaX509CertificateHolder(old);
            return certify(
                    new Content(before.getSubject(), old.getPublicKey(), now, end(now)),
                    GeneralNames.fromExtensions(before.getExtensions(), Extension.subjectAlternativeName));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate cannot be read", e);
        }
    }

    private Instant end(Instant now) {
        Instant end = now.plus(HOST_LIFE);
        Instant last = certificate.getNotAfter().toInstant();
        return end.isBefore(last) ? end : last;
    }

    private X509Certificate certify(Content content, GeneralNames names) {
        try {
            X500Name issuer =
                    X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
            return signed(
                    certificate(content, issuer, certificate.getPublicKey())
                            .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                            .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                            .addExtension(Extension.subjectAlternativeName, false, names),
                    key);
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("a certificate cannot be made", e);
        }
    }

    private static String commonName(String name, String ifTooLong) {
        return name.length() > LONGEST_COMMON_NAME ? ifTooLong : name;
    }

    private static X509v3CertificateBuilder certificate(Content content, X500Name issuer, PublicKey issuerKey)
            throws GeneralSecurityException, IOException {
        JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
        return new JcaX509v3CertificateBuilder(
                        issuer,
                        new BigInteger(SERIAL_BITS, RANDOM).add(BigInteger.ONE),
                        Date.from(content.now().minus(SLOW_CLOCKS)),
                        Date.from(content.end()),
                        content.subject(),
                        content.key())
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                .addExtension(
                        Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(content.key()))
                .addExtension(
                        Extension.authorityKeyIdentifier, false, identifiers.createAuthorityKeyIdentifier(issuerKey));
    }

    private static X509Certificate signed(X509v3CertificateBuilder made, PrivateKey by)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(made.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by)));
    }

    private static GeneralName[] all(HostNames names) {
        List<GeneralName> all = new ArrayList<>();
        names.dns().forEach(name -> all.add(new GeneralName(GeneralName.dNSName, name)));
        names.addresses().forEach(address -> all.add(address(address)));
        return all.toArray(GeneralName[]::new);
    }

    private static GeneralName address(byte[] bytes) {
        return new GeneralName(GeneralName.iPAddress, new DEROctetString(bytes));
    }

    /**
     * A CA without a constraint on a kind of name could certify any name of that kind. So each kind that servers may
     * have gets one.
     */
    private static NameConstraints constraints(HostNames names) {
        List<GeneralSubtree> permitted = new ArrayList<>();
        names.dns().forEach(name -> permitted.add(new GeneralSubtree(new GeneralName(GeneralName.dNSName, name))));
        names.addresses().forEach(address -> permitted.add(new GeneralSubtree(address(withMask(address)))));
        // No host has a name below this one, so no name of these kinds is permitted.
        permitted.add(new GeneralSubtree(new GeneralName(GeneralName.rfc822Name, NOBODY)));
        permitted.add(new GeneralSubtree(new GeneralName(GeneralName.uniformResourceIdentifier, NOBODY)));
        return new NameConstraints(permitted.toArray(GeneralSubtree[]::new), new GeneralSubtree[0]);
    }

    /** Returns the constraint to that address alone (RFC 5280, 4.2.1.10: an address and a mask). */
    private static byte[] withMask(byte[] address) {
        byte[] both = Arrays.copyOf(address, 2 * address.length);
        Arrays.fill(both, address.length, both.length, (byte) 0xff);
        return both;
    }

    /** Returns the issuing CA's own certificate. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** Returns the issuing CA's private key. */
    public PrivateKey key() {
        return key;
    }

    /** Returns the digits that tell a root from others of its name in a list. */
    public static String digits(X509Certificate root) {
        return X500Name.getInstance(root.getSubjectX500Principal().getEncoded())
                .getRDNs(BCStyle.SERIALNUMBER)[0]
                .getFirst()
                .getValue()
                .toString();
    }

    /** Returns the certificates, one after the other, as PEM (RFC 7468). */
    public static byte[] pem(Certificate... certificates) {
        List<PemObject> objects = new ArrayList<>();
        try {
            for (Certificate one : certificates) {
                objects.add(new PemObject("CERTIFICATE", one.getEncoded()));
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate cannot be written", e);
        }
        return pem(objects);
    }

    /** Returns a private key as PEM, PKCS #8. */
    public static byte[] pem(PrivateKey key) {
        return pem(List.of(new PemObject("PRIVATE KEY", key.getEncoded())));
    }

    private static byte[] pem(List<PemObject> objects) {
        StringWriter text = new StringWriter();
        try (PemWriter pem = new PemWriter(text)) {
            for (PemObject one : objects) {
                pem.writeObject(one);
            }
        } catch (IOException e) {
            throw new IllegalStateException("a certificate cannot be written", e);
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
