/**
 * Health checks that name a fault and its cure.
 *
 * <p>{@code Doctor} runs each check in turn. A check reads settings, files or rows, without any key, and adds its
 * findings. The command and the page show the findings. This folder has one class for each subject.
 */
package org.patronvault.upkeep.doctor;
