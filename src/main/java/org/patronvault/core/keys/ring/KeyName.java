package org.patronvault.core.keys.ring;

import java.util.ArrayList;
import java.util.List;
import org.patronvault.core.model.PatronField;

/** The names of the keys in the ring. A field's KEK has the name of the field. */
public final class KeyName {
    /** KEK of texts in disclosure cases. */
    public static final String CASE = "case";

    /** Makes labels of the search index. */
    public static final String INDEX_LABEL = "index-label";

    /** Encrypts values of the search index (AES-SIV). */
    public static final String INDEX_VALUE = "index-value";

    /** Signs checkpoints (Ed25519 seed). */
    public static final String LOG_SIGNING = "log";

    /** Encrypts subjects of log entries; its version is the month as yyyymm. */
    public static final String LOG_CONTENT = "log-content";

    /** Out of use: a ring of 0.1.0 has it. Nothing that is stored needs it. */
    public static final String LOG_VIEW = "log-view";

    /** Makes MACs of rows that carry authority, of the ledger and of backups. */
    public static final String ROW = "row";

    /** Makes the pseudonymous subjects that vendors get. */
    public static final String PAIRWISE = "pairwise";

    /** Makes names of sessions and client keys, and unsubscribe tokens. */
    public static final String TOKEN = "token";

    /** The pepper that is mixed into passwords. */
    public static final String PEPPER = "pepper";

    /** Encrypts seeds of second factors. */
    public static final String TOTP = "totp";

    /** Makes MACs that stand for values, and keys of backups and sealed texts. */
    public static final String FINGERPRINT = "fingerprint";

    /** Signs erasure certificates and backups (Ed25519 seed). */
    public static final String STATEMENT = "statement";

    private KeyName() {}

    /** Returns the keys that are rotated together, since most rows need several of them. */
    public static List<String> rest() {
        return List.of(ROW, TOKEN, PEPPER, TOTP, FINGERPRINT, STATEMENT);
    }

    /** Returns the names of all KEKs: each patron field, and the texts of cases. */
    static List<String> keks() {
        List<String> names = new ArrayList<>();
        for (PatronField field : PatronField.values()) {
            names.add(field.wireName());
        }
        names.add(CASE);
        return names;
    }

    /** Returns the names of every key of a new ring, except the log's content keys. */
    static List<String> all() {
        List<String> names = keks();
        names.addAll(List.of(
                INDEX_LABEL, INDEX_VALUE, LOG_SIGNING, ROW, PAIRWISE, TOKEN, PEPPER, TOTP, FINGERPRINT, STATEMENT));
        return names;
    }

    static int sizeBytes(String name) {
        return name.equals(INDEX_VALUE) ? 64 : 32;
    }
}
