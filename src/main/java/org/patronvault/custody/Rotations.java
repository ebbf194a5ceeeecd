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
import org.patronvault.custody.Operations.Asked;
import org.patronvault.keys.KeyCustody;
import org.patronvault.model.PatronField;
import org.patronvault.patron.PatronVault;
import org.patronvault.store.Store;

/** What can be rotated, by the name that {@code keys rotate} and {@code POST /v1/keys/{field}/rotate} take. */
public final class Rotations {
    /** Stands for every patron field at once. */
    public static final String ALL = "all";

    private final Operations operations;
    private final Map<String, Asked> byName = new TreeMap<>();

    /** Rotations of the KEKs of patron fields. */
    public Rotations(Operations operations, Store store, KeyCustody custody, PatronVault vault) {
        this.operations = operations;
        Work rewrap = new Rewrap(store, custody, vault);
        operations.register(rewrap);
        List<String> fields =
                Arrays.stream(PatronField.values()).map(PatronField::wireName).toList();
        fields.forEach(field -> byName.put(field, new Asked(rewrap, List.of(field))));
        byName.put(ALL, new Asked(rewrap, fields));
    }

    /** Has another key rotated by that work when it is asked for by that name. */
    public void register(String name, Work work) {
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
