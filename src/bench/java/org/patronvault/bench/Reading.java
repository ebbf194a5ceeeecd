package org.patronvault.bench;

import java.util.Optional;

/**
 * One line of the report.
 *
 * @param id stays the same from run to run
 * @param unit of the values, such as {@code patrons/s}
 * @param other the same of the plaintext twin, or of what else does such a thing, where there is one
 * @param note how it was measured, if that is not plain
 */
record Reading(
        String id,
        String title,
        String unit,
        Series vault,
        Optional<Other> other,
        Optional<Target> target,
        String note) {

    private static final String TWIN = "the twin";

    /** What the vault is held against. */
    record Other(String name, Series series) {
        /** Whether it is the plaintext twin, as it mostly is. */
        boolean isTwin() {
            return name.equals(TWIN);
        }
    }

    /** What is aimed at: a bound for the median. */
    record Target(double bound, boolean atLeast, boolean ofRatio) {}

    static Reading of(String id, String title, String unit, Series vault, String note) {
        return new Reading(id, title, unit, vault, Optional.empty(), Optional.empty(), note);
    }

    /** The same measured elsewhere, where it has another id and title, and no target as yet. */
    Reading elsewhere(String otherId, String otherTitle) {
        return new Reading(otherId, otherTitle, unit, vault, other, Optional.empty(), note);
    }

    /** The same with more to know of it. */
    Reading noting(String more) {
        return new Reading(id, title, unit, vault, other, target, note.isEmpty() ? more : note + "; " + more);
    }

    Reading beside(Series twin) {
        return beside(TWIN, twin);
    }

    /** The same beside what has that name, and is not the twin. */
    Reading beside(String name, Series series) {
        return new Reading(id, title, unit, vault, Optional.of(new Other(name, series)), target, note);
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

    Reading atMostOfOther(double bound) {
        return aimingAt(new Target(bound, false, true));
    }

    private Reading aimingAt(Target aim) {
        return new Reading(id, title, unit, vault, other, Optional.of(aim), note);
    }

    /** The vault over the other, round by round. */
    Optional<Series> ratio() {
        return other.map(Other::series).map(vault::over);
    }

    /** The target as it is read. */
    Optional<String> aim() {
        return target.map(aim -> (aim.atLeast() ? "≥ " : "≤ ")
                + BenchReport.number(aim.bound())
                + (aim.ofRatio() ? " of " + other.orElseThrow().name() : ""));
    }

    /** Whether the median keeps the target; empty without one. */
    Optional<Boolean> met() {
        return target.map(aim -> {
            double seen = aim.ofRatio() ? ratio().orElseThrow().median() : vault.median();
            return aim.atLeast() ? seen >= aim.bound() : seen <= aim.bound();
        });
    }
}
