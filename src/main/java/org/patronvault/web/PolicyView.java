package org.patronvault.web;

import java.util.List;
import java.util.Optional;

/**
 * The page of the posted policy.
 *
 * @param shown the version whose text is shown; empty where two are compared, or none is posted
 * @param inForce the version that the policy in force names
 * @param words what the policy in force allows, where its version is not posted
 * @param proven whether what is shown was checked against the keys
 */
public record PolicyView(
        DeskView.Notice notice,
        Optional<Text> shown,
        Optional<Comparison> compared,
        String inForce,
        String words,
        boolean proven,
        List<Version> versions) {

    /** One version in the list. */
    public record Version(String name, String approved, String nextReview, boolean current) {}

    /** A text as HTML that can be trusted. */
    public record Text(Version version, String html) {}

    /** Two versions, and how much differs, in words. */
    public record Comparison(Version from, Version to, PolicyDifference difference, String summary) {}
}
