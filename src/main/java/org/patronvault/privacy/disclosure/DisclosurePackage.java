package org.patronvault.privacy.disclosure;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.patronvault.core.crypto.SigningKey;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.policy.Jurisdiction;
import org.patronvault.patron.record.PersonalDataJson;
import org.patronvault.patron.transfer.CaseDisclosure;

/**
 * The content of a disclosure before encryption: a zip of the records as JSON and as a page to print, the digests of
 * both, and the vault's signature over these. The tools {@code sha256sum -c} and {@code openssl pkeyutl -verify} check
 * it. It contains only the decided patrons and fields. Prints {@code [REDACTED]}.
 *
 * @param law the law under which it is disclosed
 * @param recipient SHA-256 of the certificate it is encrypted to
 */
record DisclosurePackage(
        DisclosureCase one,
        Jurisdiction law,
        List<CaseDisclosure.ReleasedPatron> opened,
        Set<PatronField> fields,
        String recipient,
        Instant made) {
    private static final String SUMS = "SHA256SUMS";
    /** RFC 8410: the bytes before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo. */
    private static final byte[] ED25519 = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final String HOW = """
            To check that nothing was changed since the library made this:

              sha256sum -c SHA256SUMS
              openssl pkeyutl -verify -pubin -inkey signer.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig

            The library tells by telephone whether signer.pem is its key. What is in here is confidential by law, and is
            for the purpose of the case alone.
            """;

    /** The digest as 64 hexadecimal digits. */
    static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The whole package, signed. */
    byte[] zip(SigningKey signer, String vaultId) {
        ObjectNode json = json(vaultId);
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("disclosure.json", json.toPrettyString().getBytes(StandardCharsets.UTF_8));
        files.put("disclosure.pdf", DisclosurePdf.of(this));
        StringBuilder sums = new StringBuilder();
        files.forEach((name, content) ->
                sums.append(sha256(content)).append("  ").append(name).append('\n'));
        byte[] signed = sums.toString().getBytes(StandardCharsets.UTF_8);
        files.put(SUMS, signed);
        files.put(SUMS + ".sig", signer.sign(signed));
        files.put("signer.pem", pem(signer.publicKey()));
        files.put("README.txt", HOW.getBytes(StandardCharsets.UTF_8));
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(zipped, StandardCharsets.UTF_8)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return zipped.toByteArray();
    }

    private static byte[] pem(byte[] publicKey) {
        ByteArrayOutputStream der = new ByteArrayOutputStream();
        der.writeBytes(ED25519);
        der.writeBytes(publicKey);
        return ("-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getEncoder().encodeToString(der.toByteArray())
                        + "\n-----END PUBLIC KEY-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private ObjectNode json(String vaultId) {
        StepRecord decision = one.decision();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("case", one.id().toString());
        json.put("vault", vaultId);
        json.put("made", made.toString());
        json.put("agency", one.known(DisclosureCase.AGENCY).orElse(""));
        json.put("instrument", decision.said().get(DisclosureCase.INSTRUMENT));
        json.put("law", law.law());
        json.put("decided", decision.when().toString());
        one.last(CaseStep.APPROVAL)
                .ifPresent(step -> json.put("approved", step.when().toString()));
        json.put("recipient", recipient);
        ArrayNode names = json.putArray("fields");
        fields.stream().sorted().map(PatronField::wireName).forEach(names::add);
        ArrayNode records = json.putArray("records");
        opened.forEach(patron -> {
            ObjectNode record = records.addObject();
            PersonalDataJson.put(record, patron.data(), fields);
            record.put("entry", patron.entry());
        });
        return json;
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
