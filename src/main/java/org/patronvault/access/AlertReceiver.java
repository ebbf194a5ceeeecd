package org.patronvault.access;

/** Somebody who is told of alerts, outside the vault. */
interface AlertReceiver {

    /** That it was not told, and why, in words that hold nothing of what was sent, of the address or the token. */
    final class Undelivered extends Exception {
        private static final long serialVersionUID = 1L;

        Undelivered(String why) {
            super(why, null, false, false);
        }
    }

    /** What sort of receiver it is, for counts and messages. */
    String name();

    /** Hands over one alert as JSON; ends within seconds, told or not. */
    void deliver(byte[] json) throws Undelivered, InterruptedException;
}
