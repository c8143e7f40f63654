/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "sim-sms.h"
#include "smsr-options.h"

/* Short messages of one SM-SR: a command packet out in SMS-DELIVER, a response packet in. */

typedef struct
{
  SimSmsAssembly *assembly;
  guint8 reference;
  GPtrArray *sent; /* (nullable) of GBytes: all of the packet sent last */
  GQueue tpdus;    /* of GBytes, not yet pulled */
  guint n_messages;
  guint n_delivered;
} SimSmsrSms;

void sim_smsr_sms_init (SimSmsrSms *sms);
void sim_smsr_sms_clear (SimSmsrSms *sms);

/* @options: in which order the messages go */
void sim_smsr_sms_send (SimSmsrSms *sms, EaSpan packet, const SimSmsrOptions *options);

/* The messages of the packet sent last go once more, in the same order. */
void sim_smsr_sms_repeat (SimSmsrSms *sms);

/* (transfer full) (nullable): the next SMS-DELIVER TPDU */
GBytes *sim_smsr_sms_pull (SimSmsrSms *sms);

/* Neither messages nor parts of a response wait any more. */
void sim_smsr_sms_reset (SimSmsrSms *sms);

/* (transfer full) (nullable): the packet that this SMS-SUBMIT completes */
GBytes *sim_smsr_sms_receive (SimSmsrSms *sms, EaSpan submit_tpdu);
