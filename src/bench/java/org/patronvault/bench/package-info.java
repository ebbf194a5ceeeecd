/**
 * The benchmark. {@link org.patronvault.bench.Bench} makes a {@link org.patronvault.bench.Rig} (made-up patrons as a
 * file, a vault and its {@linkplain org.patronvault.bench.Twin plaintext twin}, each a process of its own with the same
 * heap) and asks one {@link org.patronvault.bench.Figure} after the other for its {@link
 * org.patronvault.bench.Reading}s, which {@link org.patronvault.bench.BenchReport} writes as Markdown and JSON.
 *
 * <p>What makes the figures worth something: vault and twin take turns in one run, so that what the machine does
 * besides meets both; a round's two results make one ratio, and of the rounds median and range are told; latency counts
 * from the moment a request was due, not from the moment a stalled client got round to sending it; a wrong answer ends
 * the run. A new figure is a class here and a line in {@link org.patronvault.bench.Bench}; one that needs
 * a library of the profile {@code bench} is a class of this package in {@code src/compare}.
 */
package org.patronvault.bench;
