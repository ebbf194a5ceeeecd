package org.patronvault.custody;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.patronvault.access.Caller;
import org.patronvault.access.Replay;
import org.patronvault.audit.AuditLog;
import org.patronvault.custody.Operations.Asked;
import org.patronvault.keys.KeyCustody;
import org.patronvault.keys.KeyName;
import org.patronvault.model.PatronField;
import org.patronvault.patron.Patrons;
import org.patronvault.store.Store;

/** What can be rotated, by the name that {@code keys rotate} and {@code POST /v1/keys/{field}/rotate} take. */
public final class Rotations {
    /** Stands for every patron field at once. */
    public static final String ALL = "all";

    private final Operations operations;
    private final Map<String, Asked> byName = new TreeMap<>();

    /** Rotations of the KEKs of patron fields, of the keys of the search index, and of the one that signs the log. */
    public Rotations(Operations operations, Store store, KeyCustody custody, AuditLog log, Patrons patrons) {
        this.operations = operations;
        Work rewrap = new Rewrap(store, custody, patrons.vault());
        operations.register(rewrap);
        List<String> fields =
                Arrays.stream(PatronField.values()).map(PatronField::wireName).toList();
        fields.forEach(field -> byName.put(field, new Asked(rewrap, List.of(field))));
        byName.put(ALL, new Asked(rewrap, fields));
        register("search", new Rebuild(store, custody, log, patrons));
        register(KeyName.LOG_SIGNING, new HandOver(custody, log));
    }

    /** Has another key rotated by that work when it is asked for by that name. */
    public final void register(String name, Work work) {
        operations.register(work);
        byName.put(name, new Asked(work, List.of(name)));
    }

    /** Begins it; arguments and refusals as {@link Operations#begin}. */
    public List<Operation> begin(
            Caller caller, String name, int rate, Supplier<Optional<Replay.Key>> key, byte[] request) {
        return operations.begin(caller, Optional.ofNullable(byName.get(name)), rate, key, request);
    }

    /** Every name there is. */
    public Set<String> names() {
        return byName.keySet();
    }

    /** How far they are. */
    public Operations operations() {
        return operations;
    }
}
