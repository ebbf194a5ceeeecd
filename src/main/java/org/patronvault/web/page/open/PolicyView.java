package org.patronvault.web.page.open;

import java.util.List;
import java.util.Optional;
import org.patronvault.web.page.DeskView;

/**
 * The model of the posted policy's page.
 *
 * @param shown the version whose text is shown, or empty if two are compared or none is posted
 * @param inForce the version that the policy in force names
 * @param words what the policy in force allows, if its version is not posted
 * @param proven whether the shown text was verified with the keys
 */
public record PolicyView(
        DeskView.Notice notice,
        Optional<Text> shown,
        Optional<Comparison> compared,
        String inForce,
        String words,
        boolean proven,
        List<Version> versions) {

    /** A version in the list. */
    public record Version(String name, String approved, String nextReview, boolean current) {}

    /** A text as safe HTML. */
    public record Text(Version version, String html) {}

    /** Two versions, and how much they differ, in words. */
    public record Comparison(Version from, Version to, PolicyDifference difference, String summary) {}
}
