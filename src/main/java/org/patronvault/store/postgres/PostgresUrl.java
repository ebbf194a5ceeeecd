package org.patronvault.store.postgres;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.patronvault.core.model.Problem;
import org.patronvault.core.model.Refused;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A checked {@code jdbc:postgresql:} URL with safe defaults. A connection leads to the primary, is encrypted and
 * authenticated if it leaves the machine, and is given up soon if no server answers. Settings that could reveal a
 * password or a value are refused. Messages show no more of the URL than the name of a setting.
 */
public final class PostgresUrl {
    /** The driver's own log repeats parts of URLs, and at its finest level every value. */
    private static final Logger DRIVER_LOG = Logger.getLogger("org.postgresql");

    private static final String LIBRARY = "postgresql.md says more.";
    /** The seconds of silence after which a server counts as gone, unless it was asked for a whole table. */
    private static final String SILENCE = "socketTimeout";

    private static final String SIGN_IN = "loginTimeout";
    private static final int PATIENT_SECONDS = 60;

    private static final String KIND = "targetServerType";
    private static final Set<String> PRIMARY = Set.of("primary", "master");
    private static final String TLS = "sslmode";
    private static final String VERIFIED = "verify-full";
    private static final Set<String> SECRETS = Set.of("password", "pgpassword", "sslpassword");

    private static final Map<String, String> DEFAULTS = Map.of(
            KIND,
            "primary",
            "hostRecheckSeconds",
            "1",
            "connectTimeout",
            "2",
            SIGN_IN,
            "5",
            SILENCE,
            "10",
            "tcpKeepAlive",
            "true",
            "socketFactory",
            KeptAliveSockets.class.getName(),
            // Rows of a batch go in by one statement for many. Nothing relies on the count of a batch after that.
            "reWriteBatchedInserts",
            "true",
            "ApplicationName",
            "patron-vault");

    static {
        DRIVER_LOG.setLevel(Level.OFF);
    }

    private final PGSimpleDataSource written = new PGSimpleDataSource();
    private final String jdbcUrl;
    private final Map<String, String> added = new TreeMap<>(DEFAULTS);

    private PostgresUrl(String jdbcUrl) {
        this.jdbcUrl = jdbcUrl;
        Set<String> names = names();
        if (place().contains("@")) {
            throw refused("may not hold a user or password before its host: give the user as ?user=, and name the"
                    + " password's file in databasePasswordFile.");
        }
        if (names.stream().map(name -> name.toLowerCase(Locale.ROOT)).anyMatch(SECRETS::contains)) {
            throw refused("may not hold a password, since it is no place for a secret: name the password's file in"
                    + " databasePasswordFile (init --db-password-file), and use a client key without a password.");
        }
        try {
            written.setUrl(jdbcUrl);
        } catch (IllegalArgumentException e) {
            throw refused("is not of the form jdbc:postgresql://HOST[:PORT][,HOST[:PORT]…]/DATABASE?user=ROLE.");
        }
        added.keySet().removeAll(names);
        refuseTalkative();
        refuseStandbys();
        if (!hosts().allMatch(PostgresUrl::isLoopback)) {
            refuseUnproved();
            if (!names.contains(TLS)) {
                added.put(TLS, VERIFIED);
            }
        }
    }

    /**
     * Parses a URL.
     *
     * @throws Refused with the cure if it is none, or has a forbidden setting
     */
    public static PostgresUrl of(String jdbcUrl) {
        return new PostgresUrl(jdbcUrl);
    }

    private String place() {
        return jdbcUrl.split("\\?", 2)[0];
    }

    private Set<String> names() {
        String[] parts = jdbcUrl.split("\\?", 2);
        return Arrays.stream(parts.length < 2 ? new String[0] : parts[1].split("&", -1))
                .map(setting -> setting.split("=", 2)[0])
                .collect(Collectors.toSet());
    }

    private void refuseTalkative() {
        if (!"extended".equals(String.valueOf(written.getPreferQueryMode().value()))) {
            throw refused("may not set preferQueryMode, by which values stand in the text of statements, where the"
                    + " server's log and views show them: leave it out.");
        }
    }

    /** Refuses standbys, since a decision by a standby's data is a decision by outdated data. */
    private void refuseStandbys() {
        if (names().contains(KIND) && !PRIMARY.contains(written.getTargetServerType())) {
            throw refused("may not let targetServerType be anything but primary, since a standby may be behind: leave"
                    + " it out.");
        }
    }

    private void refuseUnproved() {
        String mode = written.getSslMode();
        boolean off = names().contains("ssl") && !written.getSsl();
        if (off || (names().contains(TLS) && !VERIFIED.equalsIgnoreCase(mode))) {
            throw refused("may not weaken sslmode where a host is not this machine: leave sslmode and ssl out, which"
                    + " means verify-full, and name the authority that signed the server's certificate with"
                    + " sslrootcert=/PATH/ca.crt.");
        }
        String factory = String.valueOf(written.getSslfactory());
        if (written.getSslHostnameVerifier() != null || factory.contains("NonValidating")) {
            throw refused("may not set sslhostnameverifier, nor an sslfactory that takes any certificate: leave them"
                    + " out, and name the authority that signed the server's certificate with"
                    + " sslrootcert=/PATH/ca.crt.");
        }
    }

    private static Refused refused(String what) {
        return new Refused(Problem.INVALID, "The database's URL " + what + " " + LIBRARY);
    }

    /** Whether a host is this machine. Names are not resolved, since their address may change tomorrow. */
    private static boolean isLoopback(String host) {
        return host.equalsIgnoreCase("localhost")
                || host.matches("127(\\.[0-9]{1,3}){3}")
                || List.of("::1", "[::1]").contains(host);
    }

    private Stream<String> hosts() {
        return Arrays.stream(written.getServerNames());
    }

    /** Whether it names more than one server, so that there is to be a standby. */
    boolean hasStandbys() {
        return hosts().count() > 1;
    }

    /** Returns the source of connections. {@code password} supplies the password, and throws Refused if it cannot. */
    PostgresSource source(PostgresSource.Password password) {
        String joint = jdbcUrl.contains("?") ? "&" : "?";
        String more = added.entrySet().stream()
                .map(setting -> setting.getKey() + "=" + setting.getValue())
                .collect(Collectors.joining("&"));
        return new PostgresSource(added.isEmpty() ? jdbcUrl : jdbcUrl + joint + more, password);
    }

    /**
     * Returns the source for work on the schema. It limits no statement's time, and gives a busy server longer to
     * accept.
     */
    PostgresSource patientSource(PostgresSource.Password password) {
        PostgresSource source = source(password);
        source.setSocketTimeout(0);
        if (added.containsKey(SIGN_IN)) {
            source.signInWithin(PATIENT_SECONDS);
        }
        return source;
    }
}
