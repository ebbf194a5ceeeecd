package org.patronvault.bench;

import java.util.Optional;

/**
 * One line of the report.
 *
 * @param id stays the same from run to run
 * @param unit of the values, such as {@code patrons/s}
 * @param twin the same of the plaintext twin, where it has such a thing
 * @param note how it was measured, if that is not plain
 */
record Reading(
        String id,
        String title,
        String unit,
        Series vault,
        Optional<Series> twin,
        Optional<Target> target,
        String note) {

    /** What is aimed at: a bound for the median. */
    record Target(double bound, boolean atLeast, boolean ofRatio) {
        String words() {
            return (atLeast ? "≥ " : "≤ ") + Report.number(bound) + (ofRatio ? " of the twin" : "");
        }
    }

    static Reading of(String id, String title, String unit, Series vault, String note) {
        return new Reading(id, title, unit, vault, Optional.empty(), Optional.empty(), note);
    }

    /** The same measured elsewhere, where it has another id and title, and no target as yet. */
    Reading elsewhere(String otherId, String otherTitle) {
        return new Reading(otherId, otherTitle, unit, vault, twin, Optional.empty(), note);
    }

    /** The same with more to know of it. */
    Reading noting(String more) {
        return new Reading(id, title, unit, vault, twin, target, note.isEmpty() ? more : note + "; " + more);
    }

    Reading beside(Series other) {
        return new Reading(id, title, unit, vault, Optional.of(other), target, note);
    }

    Reading atLeast(double bound) {
        return aimingAt(new Target(bound, true, false));
    }

    Reading atMost(double bound) {
        return aimingAt(new Target(bound, false, false));
    }

    Reading atLeastOfTwin(double bound) {
        return aimingAt(new Target(bound, true, true));
    }

    private Reading aimingAt(Target aim) {
        return new Reading(id, title, unit, vault, twin, Optional.of(aim), note);
    }

    /** The vault over the twin, round by round. */
    Optional<Series> ratio() {
        return twin.map(vault::over);
    }

    /** Whether the median keeps the target; empty without one. */
    Optional<Boolean> met() {
        return target.map(aim -> {
            double seen = aim.ofRatio() ? ratio().orElseThrow().median() : vault.median();
            return aim.atLeast() ? seen >= aim.bound() : seen <= aim.bound();
        });
    }
}
