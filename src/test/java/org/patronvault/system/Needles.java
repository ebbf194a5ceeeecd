package org.patronvault.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Byte search for texts in the encodings a careless program would leave them in. */
final class Needles {
    private static final int MIN_BYTES = 6;

    private final Map<String, byte[]> forms = new LinkedHashMap<>();

    Needles(List<String> texts) {
        texts.forEach(text -> {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            add(text + " as it is", utf8);
            add(text + " in lower case", text.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
            add(text + " in upper case", text.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
            add(text + " in UTF-16LE", text.getBytes(StandardCharsets.UTF_16LE));
            add(text + " in UTF-16BE", text.getBytes(StandardCharsets.UTF_16BE));
            // In Base64 the neighbours of a text decide its first and last characters; what is between is the same.
            for (int shift = 0; shift < 3; shift++) {
                add(text + " in Base64", base64(utf8, shift));
            }
            add(text + " in hex", HexFormat.of().formatHex(utf8).getBytes(StandardCharsets.US_ASCII));
            add(
                    text + " in upper hex",
                    HexFormat.of().withUpperCase().formatHex(utf8).getBytes(StandardCharsets.US_ASCII));
            add(
                    text + " backwards",
                    new StringBuilder(text).reverse().toString().getBytes(StandardCharsets.UTF_8));
        });
    }

    private static byte[] base64(byte[] bytes, int shift) {
        byte[] shifted = new byte[shift + bytes.length];
        System.arraycopy(bytes, 0, shifted, shift, bytes.length);
        String text = Base64.getEncoder().withoutPadding().encodeToString(shifted);
        int skip = shift == 0 ? 0 : shift + 1;
        return text.substring(skip, text.length() - 1).getBytes(StandardCharsets.US_ASCII);
    }

    private void add(String name, byte[] form) {
        if (form.length >= MIN_BYTES) {
            forms.put(name + " (" + forms.size() + ")", form);
        }
    }

    /** Which form is in which file below {@code root}; files named in {@code leftOut} are not looked at. */
    List<String> hitsBelow(Path root, Set<Path> leftOut) {
        try (Stream<Path> files = Files.walk(root)) {
            List<String> hits = new ArrayList<>();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!leftOut.contains(file)) {
                    hitsIn(read(file)).forEach(form -> hits.add(root.relativize(file) + ": " + form));
                }
            }
            return hits;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return new byte[0];
        }
    }

    /** Which forms are in these bytes. */
    List<String> hitsIn(byte[] bytes) {
        // ISO 8859-1 maps bytes to characters one to one, so the JDK's fast text search does for bytes.
        String haystack = new String(bytes, StandardCharsets.ISO_8859_1);
        return forms.entrySet().stream()
                .filter(form -> haystack.contains(new String(form.getValue(), StandardCharsets.ISO_8859_1)))
                .map(Map.Entry::getKey)
                .toList();
    }
}
