/**
 * The REST interface under {@code /v1}.
 *
 * <p>Each class serves one group of routes. It reads the request with {@code RequestReader}, calls one use case, and
 * writes the answer with {@code JsonResponses}. A thrown refusal becomes a problem document. {@code ApprovableActs}
 * answers for acts that may wait for a second person. This folder has thirty classes because each group of routes in
 * {@code openapi.yaml} has one.
 */
package org.patronvault.web.api;
