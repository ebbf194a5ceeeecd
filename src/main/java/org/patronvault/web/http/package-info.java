/**
 * The parts of the HTTP server that know no route: limits, requests, problems, TLS and metrics.
 *
 * <p>A connection passes {@code ConnectionLimits} and {@code SlowClientGuard}. {@code RequestTracing} gives the
 * request an ID, and {@code RequestReader} turns it into plain values. {@code HotCallHandler} answers the calls made
 * most often, and Javalin answers all others. {@code Problems} is the only class that turns a refusal into a status
 * code. {@code Metrics} counts requests, and {@code WebUseCases} names the use cases that routes
 * call.
 */
package org.patronvault.web.http;
