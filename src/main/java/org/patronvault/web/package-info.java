/**
 * The HTTP edge: REST under {@code /v1} as {@code openapi.yaml} says, and the pages.
 *
 * <p>A request passes {@link org.patronvault.web.WebServer}'s guards (sealed, headers, budgets), becomes a caller and
 * plain values in {@code RequestReader}, and makes one call into a use case. What comes back is written by {@code JsonResponses};
 * what is thrown becomes one problem document in {@code Problems}, the only place where a refusal meets a status code.
 * Nothing here decides, and nothing sent is ever repeated.
 */
package org.patronvault.web;
