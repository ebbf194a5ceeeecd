package org.patronvault.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.DecodeHintType;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.ReaderException;
import com.google.zxing.common.GlobalHistogramBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

public final class QrCodeTest {
    private static final String URI = "otpauth://totp/Patron%20Vault:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
            + "&issuer=Patron%20Vault&algorithm=SHA1&digits=6&period=30";
    private static final int SCALE = 4;

    private static String read(boolean[][] dark) throws ReaderException {
        int size = dark.length * SCALE;
        int[] pixels = new int[size * size];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = dark[i / size / SCALE][i % size / SCALE] ? 0 : 0xFFFFFF;
        }
        // A drawing is read module by module. A photo reader mistakes the three corners in one of fifty straight codes
        // of this size. It reads those codes when they are slightly turned.
        return new QRCodeReader()
                .decode(
                        new BinaryBitmap(new GlobalHistogramBinarizer(new RGBLuminanceSource(size, size, pixels))),
                        Map.of(DecodeHintType.PURE_BARCODE, true))
                .getText();
    }

    /** Returns the text that a reader decodes from the drawing. */
    public static String read(String svg) throws ReaderException {
        Matcher view = Pattern.compile("viewBox=\"0 0 ([0-9]+) \\1\"").matcher(svg);
        assertThat(view.find()).isTrue();
        int size = Integer.parseInt(view.group(1));
        boolean[][] dark = new boolean[size][size];
        Matcher module = Pattern.compile("M([0-9]+) ([0-9]+)h1v1h-1z").matcher(svg);
        while (module.find()) {
            dark[Integer.parseInt(module.group(2))][Integer.parseInt(module.group(1))] = true;
        }
        return read(dark);
    }

    @Test
    void drawingIsReadAsTheText() throws ReaderException {
        String svg = QrCode.of(URI).svg();
        assertThat(read(svg)).isEqualTo(URI);
        assertThat(svg).startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\"").doesNotContain("secret", "script");
    }

    @Test
    void textIsReadAsTheText() throws ReaderException {
        List<String> lines = QrCode.of(URI).text().lines().toList();
        int size = lines.get(0).length();
        boolean[][] dark = new boolean[size][size];
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                char half = lines.get(y / 2).charAt(x);
                boolean light = half == '\u2588' || half == (y % 2 == 0 ? '\u2580' : '\u2584');
                dark[y][x] = !light;
            }
        }
        assertThat(read(dark)).isEqualTo(URI);
    }
}
