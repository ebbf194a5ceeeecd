package org.patronvault.core.store.table;

import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.patronvault.core.model.PatronId;

/** The current versions and generations of many patrons, without values. */
public final class CurrentRows {
    private static final int AT_ONCE = 500;

    /**
     * The current state of one patron.
     *
     * @param library empty once erased
     * @param metaGeneration the generation of meta, which every write of the patron raises; empty once erased
     */
    public record CurrentPatron(long version, String library, OptionalLong metaGeneration) {

        /** Whether the patron was erased. */
        public boolean isErased() {
            return metaGeneration.isEmpty();
        }
    }

    private final Handle handle;

    CurrentRows(Handle handle) {
        this.handle = handle;
    }

    /** Returns the state of the given patrons that exist or were erased. */
    public Map<PatronId, CurrentPatron> of(Collection<PatronId> patrons) {
        List<Long> ids = patrons.stream().map(PatronId::number).distinct().toList();
        Map<PatronId, CurrentPatron> current = new HashMap<>();
        for (int from = 0; from < ids.size(); from += AT_ONCE) {
            List<Long> some = ids.subList(from, Math.min(from + AT_ONCE, ids.size()));
            handle.createQuery("SELECT id, version, '' AS library, NULL AS generation FROM patron_tombstone"
                            + " WHERE id IN (<ids>) UNION ALL SELECT id, version, library, substr(meta, 1, 8)"
                            + " FROM patron WHERE id IN (<ids>)")
                    .bindList("ids", some)
                    .map((row, ctx) -> Map.entry(new PatronId(row.getLong("id")), current(row)))
                    .forEach(one -> current.put(one.getKey(), one.getValue()));
        }
        return current;
    }

    private static CurrentPatron current(ResultSet row) throws SQLException {
        byte[] generation = row.getBytes("generation");
        OptionalLong meta = generation == null
                ? OptionalLong.empty()
                : OptionalLong.of(
                        generation.length < Long.BYTES
                                ? 0
                                : ByteBuffer.wrap(generation).getLong());
        return new CurrentPatron(row.getLong("version"), row.getString("library"), meta);
    }
}
