package org.patronvault.access.alert;

/** A receiver of alerts outside the vault. */
interface AlertReceiver {

    /** Thrown if an alert was not delivered. The reason holds nothing of the message, the address or the token. */
    final class Undelivered extends Exception {
        private static final long serialVersionUID = 1L;

        Undelivered(String why) {
            super(why, null, false, false);
        }
    }

    /** Returns the kind of receiver, for counts and messages. */
    String name();

    /** Delivers one alert as JSON; returns or throws within seconds. */
    void deliver(byte[] json) throws Undelivered, InterruptedException;
}
