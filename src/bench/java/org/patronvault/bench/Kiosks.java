package org.patronvault.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Patron status over SIP2 with error detection, each connection signed in; every answer is compared with the one that
 * is right. Written from the protocol, with as little as reads an answer, as {@link HttpConnection} is.
 */
final class Kiosks implements Load.Connector {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final int PATIENCE_MILLIS = 60_000;
    private static final int LONGEST_ANSWER = 512;
    private static final int SEQUENCES = 10;
    private static final int CHECKSUM = 4;
    private static final String TIME = "20261124    083000";
    private static final String ALLOWED = "24" + " ".repeat(14) + "000";
    private static final String DENIED = "24YYYY" + " ".repeat(10) + "000";

    private final CheckedCards cards;
    private final Gateway gateway;

    Kiosks(CheckedCards cards, Gateway gateway) {
        this.cards = cards;
        this.gateway = gateway;
    }

    @Override
    public Client connect() throws IOException {
        Socket socket = gateway.connect();
        try {
            Client client = new Client(socket);
            client.signIn();
            return client;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** One connection. */
    final class Client implements Load.Client {
        private final Socket socket;
        private final InputStream in;
        private final byte[] answer = new byte[LONGEST_ANSWER];
        private byte[] question = {};
        private int filled;
        private int asked;
        private int sequence;

        private Client(Socket socket) throws IOException {
            this.socket = socket;
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MILLIS);
            in = socket.getInputStream();
        }

        private void signIn() throws IOException {
            prepare("9300CN" + Gateway.LOGIN + "|CO" + VaultSide.PASSWORD + "|CP|");
            exchange();
            require("941", "", "");
        }

        private void prepare(String message) {
            sequence = (sequence + 1) % SEQUENCES;
            byte[] summed = (message + "AY" + sequence + "AZ0000\r").getBytes(StandardCharsets.ISO_8859_1);
            byte[] sum = sum(summed, summed.length - CHECKSUM - 1).getBytes(StandardCharsets.ISO_8859_1);
            System.arraycopy(sum, 0, summed, summed.length - CHECKSUM - 1, CHECKSUM);
            question = summed;
        }

        @Override
        public void prepare(long stream, long n) {
            asked = cards.index(stream, n);
            prepare("23000" + TIME + "AONC|AA" + cards.card(asked) + "|AC|AD|");
        }

        @Override
        public void exchange() throws IOException {
            socket.getOutputStream().write(question);
            filled = 0;
            do {
                int more = in.read(answer, filled, answer.length - filled);
                if (more <= 0) {
                    throw new EOFException("the answer ended early, or is longer than any");
                }
                filled += more;
            } while (answer[filled - 1] != '\r');
        }

        @Override
        public void check() throws IOException {
            boolean entitled = cards.isEntitled(asked);
            require(
                    entitled ? ALLOWED : DENIED,
                    TIME,
                    "AONC|AA" + cards.card(asked) + "|AE|" + (entitled ? "BLY|" : "BLN|CQN|"));
        }

        /** Fails unless the answer begins and goes on like that, with anything as long as {@code any} in between. */
        private void require(String begin, String any, String rest) throws IOException {
            String text = new String(answer, 0, filled, StandardCharsets.ISO_8859_1);
            String end = rest + "AY" + sequence + "AZ";
            int sumAt = begin.length() + any.length() + end.length();
            if (!text.startsWith(begin)
                    || !text.startsWith(end, begin.length() + any.length())
                    || !text.substring(sumAt).equals(sum(answer, sumAt) + "\r")) {
                throw new IOException("a kiosk was answered " + text);
            }
        }

        /** Hangs up, and waits until the gateway has done so too. */
        void leave() throws IOException {
            socket.shutdownOutput();
            if (in.read() >= 0) {
                throw new IOException("a kiosk was told something that it had not asked for");
            }
            close();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** The checksum of what comes before it: the two's complement of the sum of its bytes. */
    private static String sum(byte[] message, int end) {
        int sum = 0;
        for (int i = 0; i < end; i++) {
            sum += message[i] & 0xff;
        }
        return HEX.toHexDigits((short) -sum);
    }
}
