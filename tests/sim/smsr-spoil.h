/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card/sim-http-answer.h"
#include "smsr-fault.h"

/* What a fault makes of the response to a request. */

/**
 * SimSmsrSpoilt:
 * @bytes: (nullable): what is sent; %NULL: nothing
 * @endless: (nullable): what is sent then, again and again
 * @must_close: the connection is to be closed then…
 * @is_torn: …and that without close_notify
 * @is_lost: the other side can't know what it was answered, and has to ask again
 */
typedef struct
{
  GBytes *bytes;
  GBytes *endless;
  gboolean must_close;
  gboolean is_torn;
  gboolean is_lost;
} SimSmsrSpoilt;

void sim_smsr_spoilt_clear (SimSmsrSpoilt *spoilt);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SimSmsrSpoilt, sim_smsr_spoilt_clear)

/* Whether there is something at @answer that @kind can spoil */
gboolean sim_smsr_can_spoil (SimSmsrFaultKind kind, const SimHttpAnswer *answer);

/* @out: filled; @fault: one that can spoil @answer */
void sim_smsr_spoil (SimSmsrSpoilt *out, const SimSmsrFault *fault, const SimHttpAnswer *answer,
                     const SimHttpStyle *style);

/* (transfer full): the response that comes before there is a request: 204, with which a session would end */
GBytes *sim_smsr_build_early_answer (const SimHttpStyle *style);
