package org.patronvault.bench;

import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Four fields of one patron after the other, sealed and opened by one {@link FieldCipher}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class FourFields {
    /** So few that nobody's caches are too small for them. */
    private static final int PATRONS = 100;

    /** Whose cipher. */
    @Param("vault")
    public String cipher;

    /** Of the patrons. */
    @Param("2018")
    public long seed;

    private FieldCipher fields;
    private byte[][][] sealed;
    private int last;

    /** Seals everybody once, and opens it. */
    @Setup
    public void prepare() throws GeneralSecurityException {
        List<FourValues> patrons = FourValues.of(seed, PATRONS);
        fields = FieldCipher.of(cipher, patrons);
        sealed = new byte[PATRONS][][];
        for (int patron = 0; patron < PATRONS; patron++) {
            sealed[patron] = fields.seal(patron);
            patrons.get(patron).requireSame(fields.open(patron, sealed[patron]));
        }
    }

    private int next() {
        last = (last + 1) % PATRONS;
        return last;
    }

    @Benchmark
    public byte[][] seal() throws GeneralSecurityException {
        return fields.seal(next());
    }

    @Benchmark
    public byte[][] open() throws GeneralSecurityException {
        int patron = next();
        return fields.open(patron, sealed[patron]);
    }
}
