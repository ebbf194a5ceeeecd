package org.patronvault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patronvault.core.crypto.CanonicalBytes;
import org.patronvault.core.crypto.Envelope;
import org.patronvault.core.crypto.Padding;
import org.patronvault.core.crypto.Prf;
import org.patronvault.core.crypto.RowMac;
import org.patronvault.core.crypto.SealedBox;
import org.patronvault.core.crypto.SigningKey;
import org.patronvault.core.crypto.SivBox;
import org.patronvault.core.index.EncryptedIndex;
import org.patronvault.core.index.IndexTerm;
import org.patronvault.core.index.IndexTerm.TermClass;
import org.patronvault.core.index.IndexedTerm;
import org.patronvault.core.index.NameHint;
import org.patronvault.core.keys.ring.KeyState;
import org.patronvault.core.keys.share.Share;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Alert;
import org.patronvault.core.model.Name;
import org.patronvault.core.model.PatronField;
import org.patronvault.core.tlog.NoteSignature;
import org.patronvault.core.tlog.SignatureType;
import org.patronvault.core.tlog.SignedNote;
import org.patronvault.core.tlog.VerifierKey;
import org.patronvault.search.NameTerms;

/** The numbers in format.md are those of the code, and its examples follow from its own formulas. */
final class FormatDocumentTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final long PATRON = 0x0123456789abcdefL;

    private static List<String> lines;

    @BeforeAll
    static void read() throws IOException {
        lines = Files.readAllLines(Path.of("src/site/markdown/format.md"));
    }

    /** First column → second column of the table whose header has exactly these cells. */
    private static Map<String, List<String>> table(String... header) {
        int at = -1;
        for (int i = 0; i < lines.size() && at < 0; i++) {
            at = cells(lines.get(i)).equals(List.of(header)) ? i : -1;
        }
        assertThat(at).as("table %s", Arrays.toString(header)).isNotNegative();
        Map<String, List<String>> rows = new LinkedHashMap<>();
        for (int i = at + 2; i < lines.size() && lines.get(i).startsWith("|"); i++) {
            List<String> cells = cells(lines.get(i));
            rows.put(cells.get(0), cells.subList(1, cells.size()));
        }
        return rows;
    }

    private static List<String> cells(String line) {
        if (!line.startsWith("| ")) {
            return List.of();
        }
        return Arrays.stream(line.substring(1, line.length() - 1).split("\\|", -1))
                .map(cell -> cell.strip().replace("`", ""))
                .toList();
    }

    /** What stands behind {@code label} in a block of examples, continued lines included, as bytes. */
    private static byte[] example(String label) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).matches(Pattern.quote(label) + " +[0-9a-f ]+")) {
                StringBuilder hex = new StringBuilder(lines.get(i).substring(label.length()));
                while (lines.get(i + 1).matches(" {12,}[0-9a-f ]+")) {
                    hex.append(lines.get(++i));
                }
                return HEX.parseHex(hex.toString().replace(" ", ""));
            }
        }
        throw new AssertionError("no example of " + label);
    }

    /** The hexadecimal of the block that begins with {@code first}, without what is said about it. */
    private static byte[] annotated(String first) {
        int at = lines.indexOf(first);
        assertThat(at).as("block that begins with %s", first).isNotNegative();
        StringBuilder hex = new StringBuilder();
        for (int i = at; !lines.get(i).equals("```"); i++) {
            hex.append(lines.get(i), 0, Math.min(60, lines.get(i).length()));
        }
        return HEX.parseHex(hex.toString().replace(" ", ""));
    }

    @Test
    void unsubscribeTokenIsSealedAsSaid() {
        Prf key = Prf.of(HEX.parseHex("234cd9f1055b275b1d9635874c047ba9e177f28aaa54678d64e18f7cb81b054a"));
        byte[] siv = CanonicalBytes.plain()
                .raw(key.full(CanonicalBytes.begin("unsubscribe.1").bytes()))
                .raw(key.full(CanonicalBytes.begin("unsubscribe.2").bytes()))
                .bytes();
        byte[] plain = example("says");
        assertThat(plain)
                .isEqualTo(CanonicalBytes.plain()
                        .u8(1)
                        .u64(PATRON)
                        .u16(1)
                        .u64(0x5b1d0c7e93f2a846L)
                        .bytes());
        byte[] aad = CanonicalBytes.begin("pv1.unsubscribe").lp("vault-nc-01").bytes();
        byte[] token = CanonicalBytes.plain()
                .u8(1)
                .raw(SivBox.of(siv).seal(plain, aad))
                .bytes();
        assertThat(lines)
                .contains("token   " + Base64.getUrlEncoder().withoutPadding().encodeToString(token));
    }

    @Test
    void pairwiseSubjectsAreMadeAsSaid() {
        Prf key = Prf.of(example("pairwise"));
        byte[] never = example("subject of");
        byte[] once = example("forgotten once");
        byte[] tag = example("tag of");
        assertThat(never)
                .isEqualTo(CanonicalBytes.begin("subject")
                        .lp("films-vendor")
                        .u64(PATRON)
                        .bytes());
        assertThat(once).isEqualTo(CanonicalBytes.plain().raw(never).u16(1).bytes());
        assertThat(tag)
                .isEqualTo(CanonicalBytes.begin("forgotten").lp("films-vendor").bytes());
        assertThat(example("tag")).isEqualTo(key.truncated(tag, 8));
        for (byte[] input : List.of(never, once)) {
            String subject = Base64.getUrlEncoder().withoutPadding().encodeToString(key.truncated(input, 18));
            assertThat(lines).contains("subject        " + subject);
        }
    }

    private static <E extends Enum<E>> Map<String, Integer> codes(E[] constants, Function<E, String> name)
            throws ReflectiveOperationException {
        Map<String, Integer> codes = new LinkedHashMap<>();
        for (E constant : constants) {
            Method code = constant.getDeclaringClass().getDeclaredMethod("code");
            code.setAccessible(true);
            codes.put(name.apply(constant), (Integer) code.invoke(constant));
        }
        return codes;
    }

    private static Map<String, Integer> firstNumbers(Map<String, List<String>> table) {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        table.forEach((name, cells) -> numbers.put(name, Integer.valueOf(cells.get(0))));
        return numbers;
    }

    private static Object hidden(String className, String name) throws ReflectiveOperationException {
        Field field = Class.forName("org.patronvault." + className).getDeclaredField(name);
        field.setAccessible(true);
        return field.get(null);
    }

    @Test
    void codesOfActorsActsAndOutcomesAreThoseOfTheLog() throws ReflectiveOperationException {
        assertThat(firstNumbers(table("actor kind", "code")))
                .isEqualTo(codes(Actor.Kind.values(), kind -> kind.name().toLowerCase(Locale.ROOT)));
        assertThat(firstNumbers(table("act", "code"))).isEqualTo(codes(ActKind.values(), ActKind::wireName));
        assertThat(firstNumbers(table("outcome", "code"))).isEqualTo(codes(Outcome.values(), Outcome::wireName));
    }

    @Test
    void statesOfKeysHaveTheCodesOfTheRing() throws ReflectiveOperationException {
        assertThat(firstNumbers(table("state", "code", "meaning")))
                .isEqualTo(codes(KeyState.values(), KeyState::wireName));
    }

    @Test
    void fieldsHaveTheirCodesSizeClassesAndEnvelopes() throws ReflectiveOperationException {
        Map<String, List<String>> table = table("field", "code", "size classes", "envelope");
        assertThat(firstNumbers(table)).isEqualTo(codes(PatronField.values(), PatronField::wireName));
        Map<?, ?> classes = (Map<?, ?>) hidden("core.keys.ring.FieldKeys", "PADDING");
        table.forEach((name, cells) -> {
            Padding padding = (Padding) classes.get(PatronField.ofWireName(name).orElseThrow());
            List<Integer> sizes = numbers(cells.get(1));
            List<Integer> taken = new ArrayList<>();
            for (int size = 1; size <= 65_536; size++) {
                if (padding.hasClass(size)) {
                    taken.add(size);
                }
            }
            assertThat(sizes).as(name).isEqualTo(taken);
            assertThat(numbers(cells.get(2)))
                    .as(name)
                    .isEqualTo(sizes.stream()
                            .map(size -> size + Envelope.OVERHEAD_BYTES)
                            .toList());
        });
    }

    private static List<Integer> numbers(String cell) {
        return Arrays.stream(cell.split(", ", -1)).map(Integer::valueOf).toList();
    }

    @Test
    void tagsOfALeafAreThoseOfTheCode() throws ReflectiveOperationException {
        Map<String, List<String>> table = table("tag", "member", "value", "present");
        for (Map.Entry<String, List<String>> row : table.entrySet()) {
            String member = row.getValue().get(0);
            String constant = member.replace(' ', '_').toUpperCase(Locale.ROOT);
            assertThat(hidden("core.log.entry.Leaf", constant)).as(member).isEqualTo(Integer.valueOf(row.getKey()));
        }
        assertThat(table).hasSize((Integer) hidden("core.log.entry.Leaf", "LAST_TAG"));
    }

    @Test
    void roomForSubjectsFollowsFromTheRecord() throws ReflectiveOperationException {
        Map<String, List<String>> forms = table("form", "code", "record", "room for 1", "box", "room for 20", "box");
        assertThat(forms.keySet()).containsExactly("look", "write", "look in a case");
        forms.forEach((form, cells) -> {
            int record = Integer.parseInt(cells.get(1));
            int head = form.endsWith("in a case") ? 10 : 2;
            assertThat(cells.subList(2, 6))
                    .as(form)
                    .containsExactly(
                            Integer.toString(head + record),
                            Integer.toString(head + record + SealedBox.OVERHEAD_BYTES),
                            Integer.toString(head + 20 * record),
                            Integer.toString(head + 20 * record + SealedBox.OVERHEAD_BYTES));
        });
        assertThat(forms.get("look").subList(0, 2)).containsExactly("1", "10");
        assertThat(forms.get("look in a case").subList(0, 2)).containsExactly("3", "10");
        assertThat(hidden("core.log.entry.SubjectRecords", "CASE")).isEqualTo(3);
        assertThat(hidden("core.log.entry.SubjectRecords", "LOOK")).isEqualTo(1);
        assertThat(hidden("core.log.entry.SubjectRecords", "LOOK_RECORD_BYTES")).isEqualTo(10);
        assertThat(hidden("core.log.entry.SubjectRecords", "WRITE")).isEqualTo(2);
        assertThat(hidden("core.log.entry.SubjectRecords", "WRITE_RECORD_BYTES"))
                .isEqualTo(Integer.valueOf(forms.get("write").get(1)));
    }

    @Test
    void ringHoldsTheKeysOfTheTable() throws ReflectiveOperationException {
        Class<?> names = Class.forName("org.patronvault.core.keys.ring.KeyName");
        Method all = names.getDeclaredMethod("all");
        all.setAccessible(true);
        Method size = names.getDeclaredMethod("sizeBytes", String.class);
        size.setAccessible(true);
        Map<String, Integer> expected = new LinkedHashMap<>();
        for (Object name : (List<?>) all.invoke(null)) {
            expected.put((String) name, (Integer) size.invoke(null, name));
        }
        assertThat(firstNumbers(table("key", "bytes", "duty"))).isEqualTo(expected);
    }

    @Test
    void indexHasTheKindsAndClassesOfTheTables() throws ReflectiveOperationException {
        Map<String, Integer> kinds = firstNumbers(table("kind", "code", "meaning"));
        assertThat(kinds.keySet()).containsExactly("dummy", "current", "former");
        for (Map.Entry<String, Integer> kind : kinds.entrySet()) {
            assertThat(hidden("core.index.IndexCipher", kind.getKey().toUpperCase(Locale.ROOT)))
                    .isEqualTo(kind.getValue());
        }
        List<String> classes = new ArrayList<>(table("class", "term").keySet());
        classes.addAll(table("class of names", "term", "hint").keySet());
        assertThat(classes)
                .containsExactlyElementsOf(Arrays.stream(TermClass.values())
                        .map(type -> type.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                        .toList());
    }

    @Test
    void hintExampleFollowsFromItsFormula() {
        CRC32C check = new CRC32C();
        check.update("katherine".getBytes(StandardCharsets.US_ASCII));
        // a, t, h, e
        int letters = ((1 * 27 + 20) * 27 + 8) * 27 + 5;
        int hint = letters * 31 + (int) (check.getValue() % 31);
        assertThat(new BigInteger(1, example("hint")).intValueExact()).isEqualTo(hint);
        Name name = new Name("O'Sullivan-Ng", "Katherine", "", "", "");
        assertThat(NameTerms.of(name, List.of(), List.of(), EncryptedIndex.ENTRIES))
                .contains(new IndexedTerm(
                        new IndexTerm(TermClass.FAMILY_INITIAL, "osullivan k"), false, new NameHint(hint)));
    }

    @Test
    void indexExampleFollowsFromItsFormula() {
        byte[] input = CanonicalBytes.plain().lp("card").lp("21234000000018").bytes();
        assertThat(example("class, term")).isEqualTo(input);
        byte[] k = Prf.of(example("label key")).full(input);
        assertThat(example("k")).isEqualTo(k);
        byte[] label = Prf.of(k).truncated(new byte[8], EncryptedIndex.LABEL_BYTES);
        assertThat(example("label")).isEqualTo(label);
        byte[] aad = CanonicalBytes.plain().u32(1).raw(label).bytes();
        byte[] posting = SivBox.of(example("value key")).open(example("value"), aad);
        assertThat(example("posting")).isEqualTo(posting);
    }

    @Test
    void leafExampleParsesAndItsSubjectsOpen() throws ReflectiveOperationException {
        byte[] leaf = annotated("01                                                          version");
        Method parse = Class.forName("org.patronvault.core.log.entry.Leaf").getDeclaredMethod("parse", byte[].class);
        parse.setAccessible(true);
        assertThat(parse.invoke(null, (Object) leaf)).isNotNull();
        byte[] content = example("content key");
        byte[] box = Arrays.copyOfRange(leaf, leaf.length - 85, leaf.length);
        byte[] request = HEX.parseHex("40e45b50135360405247ccdd055a4f8c");
        byte[] aad = CanonicalBytes.begin("pv1.subjects")
                .lp("vault-nc-01")
                .u32(202_611)
                .raw(request)
                .bytes();
        byte[] expected = CanonicalBytes.plain()
                .u8(1)
                .u8(1)
                .u64(PATRON)
                .u16(PatronField.mask(Set.of(PatronField.PHONE)))
                .bytes();
        assertThat(SealedBox.open(content, aad, box)).isEqualTo(expected);
    }

    @Test
    void authorityExampleVerifies() {
        byte[] key = example("key \"row\"");
        byte[] name = text("name        ").getBytes(StandardCharsets.UTF_8);
        byte[] body = text("body        ").getBytes(StandardCharsets.UTF_8);
        assertThat(RowMac.of(key).verify("client-key", name, 1, body, example("mac")))
                .isTrue();
        byte[] clientKey = text("client key  ").getBytes(StandardCharsets.UTF_8);
        assertThat(HEX.formatHex(Prf.of(example("key \"token\"")).full(clientKey)))
                .isEqualTo(text("name        "));
    }

    @Test
    void runningDigestExampleFollowsFromItsFormula() {
        RowMac row = RowMac.of(example("key \"row\""));
        byte[] name = text("name        ").getBytes(StandardCharsets.UTF_8);
        byte[] place = CanonicalBytes.plain().lp("client-key").lp(name).bytes();
        byte[] element = row.mac("authority-element", place, 1, example("mac"));
        assertThat(element).isEqualTo(example("element")).isEqualTo(example("digest"));
        assertThat(row.mac("authority-digest", new byte[0], 1, element)).isEqualTo(example("mac of it"));
    }

    @Test
    void whatASecondPersonAgreesToIsTheDigestOfTheExample() throws Exception {
        Class<?> type = Class.forName("org.patronvault.core.dual.ApprovalTerms");
        java.lang.reflect.Constructor<?> constructor =
                type.getDeclaredConstructor(String.class, String.class, Map.class);
        constructor.setAccessible(true);
        Object ask = constructor.newInstance("staff.grant", "anna", Map.of("roles", List.of("director", "page")));
        Method digest = type.getDeclaredMethod("digest");
        digest.setAccessible(true);
        assertThat(HEX.parseHex((String) digest.invoke(ask)))
                .isEqualTo(example("its digest"))
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(example("ask")));
    }

    @Test
    void alertsAreThoseOfTheLog() {
        assertThat(table("alert", "what happened").keySet())
                .containsExactlyElementsOf(
                        Arrays.stream(Alert.values()).map(Alert::slug).toList());
    }

    private static String text(String label) {
        return lines.stream()
                .filter(line -> line.startsWith(label))
                .findFirst()
                .orElseThrow()
                .substring(label.length());
    }

    @Test
    void tokenExampleFollowsFromItsFormula() {
        byte[] input = CanonicalBytes.begin("limit-seen")
                .lp("STAFF:clerk")
                .u64(20_781)
                .u64(PATRON)
                .bytes();
        byte[] key = HEX.parseHex(text("key         ").strip());
        assertThat(example("limit-seen")).isEqualTo(Prf.of(key).truncated(input, 16));
    }

    /** The base64 of that member, once in the document. */
    private static byte[] member(String line) {
        String begun = line.substring(line.indexOf(" : ") + 3);
        return Base64.getDecoder().decode((begun + text(line)).replaceAll("[\",]", ""));
    }

    @Test
    void slotsOfMachinesOpenByTheirFormulas() throws Exception {
        byte[] inToken = member("  \"inToken\" : ");
        Cipher token = Cipher.getInstance("AES/GCM/NoPadding");
        token.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(example("token key"), "AES"),
                new GCMParameterSpec(128, inToken, 0, 12));
        token.updateAAD(
                CanonicalBytes.begin("pv1.hsm").lp("vault-nc-01").u32(2).u32(1).bytes());
        assertThat(token.doFinal(inToken, 12, inToken.length - 12)).isEqualTo(example("in token"));
        byte[] hsm = CanonicalBytes.begin("pv1.slot")
                .lp("vault-nc-01")
                .lp("hsm")
                .u32(2)
                .u32(1)
                .lp("Library HSM")
                .lp("patron vault")
                .bytes();
        assertThat(SealedBox.open(example("in token"), hsm, member("  \"wrap\" : \"AXDc")))
                .isEqualTo(example("root key"));

        byte[] context =
                CanonicalBytes.begin("pv1.kms").lp("vault-nc-01").u32(3).u32(1).bytes();
        assertThat(String.join("\n", lines))
                .contains(
                        "`" + HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(context)) + "`");
        byte[] kms = CanonicalBytes.begin("pv1.slot")
                .lp("vault-nc-01")
                .lp("kms")
                .u32(3)
                .u32(1)
                .lp(text("  \"uri\" : ").replaceAll("[\",]", ""))
                .bytes();
        assertThat(SealedBox.open(example("in KMS"), kms, member("  \"wrap\" : \"ATBM")))
                .isEqualTo(example("root key"));
    }

    @Test
    void shareExampleFollowsFromItsFormula() throws Exception {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        byte[] value = example("share value");
        byte[] hashed = CanonicalBytes.begin("pv1.share-hash")
                .raw(new byte[1])
                .raw(example("set, 24 bits"))
                .u8(3)
                .u8(2)
                .raw(value)
                .bytes();
        assertThat(example("share hash input")).isEqualTo(hashed);
        assertThat(example("share hash")).isEqualTo(sha256.digest(hashed));
        byte[] checked =
                CanonicalBytes.begin("pv1.share").lp(example("290 bits")).bytes();
        assertThat(example("check input")).isEqualTo(checked);
        assertThat(example("its SHA-256")).isEqualTo(sha256.digest(checked));

        int at = lines.indexOf(lines.stream()
                .filter(line -> line.startsWith("the words"))
                .findFirst()
                .orElseThrow());
        String words = lines.get(at).substring("the words".length()).strip() + " "
                + lines.get(at + 1).strip();
        Share share = Share.parse(words);
        assertThat(share.words()).isEqualTo(words);
        assertThat(share.value()).isEqualTo(value);
        assertThat(share.hash()).isEqualTo(example("share hash"));
    }

    @Test
    void exampleKeysAreThoseInTheRepository() throws IOException {
        String document = String.join("\n", lines);
        assertThat(document)
                .contains(Files.readString(Path.of("keys-example/slots.json")).strip());
        String shown = text("  \"sealed\" : \"");
        String sealedBegin = shown.substring(0, shown.indexOf('…'));
        assertThat(Files.readString(Path.of("keys-example/ring.json"))).contains('"' + sealedBegin);
    }

    @Test
    void handOverOfTheSigningKeyIsSignedByBoth() throws Exception {
        SigningKey old = SigningKey.ofSeed(example("old seed"));
        SigningKey next = SigningKey.ofSeed(example("new seed"));
        String origin = "patron-vault/vault-nc-01";
        VerifierKey oldKey = VerifierKey.of(origin, SignatureType.ED25519, old.publicKey());
        VerifierKey nextKey = VerifierKey.of(origin, SignatureType.ED25519, next.publicKey());
        int at = lines.indexOf("1500") - 1;
        String text = String.join("\n", lines.subList(at, at + 4)) + "\n";
        assertThat(text).startsWith(origin + "\n").endsWith("\nhand-over " + nextKey + "\n");
        SignedNote note = SignedNote.sign(text, oldKey, old::sign).with(NoteSignature.sign(text, nextKey, next::sign));
        assertThat(String.join("\n", lines.subList(at, at + 7)) + "\n").isEqualTo(note.toText());
    }
}
