package org.patronvault.upkeep.leakage;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.patronvault.app.VaultInstance;
import org.patronvault.app.madeup.MadeUpPatrons;
import org.patronvault.core.log.AuditLog;
import org.patronvault.core.log.entry.AccessEvent;
import org.patronvault.core.log.entry.ActKind;
import org.patronvault.core.log.entry.Outcome;
import org.patronvault.core.model.Actor;
import org.patronvault.core.model.Purpose;
import org.patronvault.core.store.table.Tx;
import org.patronvault.upkeep.backup.Progress;

/** A thief who plays all games on the database of a vault. The surnames of a sample score what the thief guesses. */
public final class ThiefGames {
    /** The number of surnames that score most tests. */
    public static final int SAMPLE = 2_000;

    private static final List<String> SURNAMES = MadeUpPatrons.frequentSurnames();

    private final VaultInstance vault;

    public ThiefGames(VaultInstance vault) {
        this.vault = vault;
    }

    /** Plays the games, scored by the surnames of at most that many patrons. */
    public Report play(int sample) {
        return play(sample, Optional.empty());
    }

    /** Plays the games, and compares the database with an older copy. */
    Report play(int size, Optional<Tx> before) {
        return vault.store().read(now -> {
            // Read early, because it holds the names of the index's tables.
            OptionalLong entries = OptionalLong.of(
                    vault.patrons().inspection().index().size(now).entries());
            Sample sample = draw(now, size);
            Games games = new Games(now, sample, SURNAMES.size()).play(Progress.UNSEEN);
            List<Report.Game> outcomes = new ArrayList<>(games.outcomes(entries));
            outcomes.add(before.map(then -> TwoSnapshots.compare(then, now, Progress.UNSEEN))
                    .orElseGet(TwoSnapshots::notPlayed));
            return new Report(sample.size(), outcomes);
        });
    }

    private Sample draw(Tx now, int size) {
        AccessEvent opening = vault.log()
                .event(Actor.VAULT, ActKind.LEAKAGE, Outcome.DISCLOSED, AuditLog.newRequest())
                .forPurpose(Purpose.CHECK);
        SurnameSample.Drawn drawn =
                new SurnameSample(vault.patrons().parts()).draw(now, size, SURNAMES, opening, n -> {});
        return new Sample(drawn.patrons(), drawn.surnames(), drawn.unreadable());
    }
}
