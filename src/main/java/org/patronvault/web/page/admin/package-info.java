/**
 * Pages for administrators: staff, clients, approvals, the policy and vendors.
 *
 * <p>{@code AdminPageFlow} checks that the person may enter, runs the posted act, and shows the page again with its
 * result. {@code AdminView} holds what the templates show.
 */
package org.patronvault.web.page.admin;
