/**
 * The HTTP edge: REST under {@code /v1} as in {@code openapi.yaml}, and the pages.
 *
 * <p>A request passes {@link org.patronvault.web.WebServer}'s guards (sealed, headers, limits). {@code RequestReader}
 * turns it into a caller and plain values, and the handler makes one use-case call. {@code JsonResponses} writes the
 * result. {@code Problems} turns an exception into one problem document, and is the only place that maps refusals to
 * status codes. This package decides nothing and never repeats sent data.
 */
package org.patronvault.web;
