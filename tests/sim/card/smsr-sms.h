/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "sim-sms.h"

/* Short messages of one SM-SR: a command packet out in SMS-DELIVER, a response packet in. */

typedef struct
{
  SimSmsAssembly *assembly;
  guint8 reference;
  GQueue tpdus; /* of GBytes, not yet pulled */
  guint n_messages;
  guint n_delivered;
} SimSmsrSms;

void sim_smsr_sms_init (SimSmsrSms *sms);
void sim_smsr_sms_clear (SimSmsrSms *sms);

void sim_smsr_sms_send (SimSmsrSms *sms, EaSpan packet);

/* (transfer full) (nullable): the next SMS-DELIVER TPDU */
GBytes *sim_smsr_sms_pull (SimSmsrSms *sms);

/* Neither messages nor parts of a response wait any more. */
void sim_smsr_sms_reset (SimSmsrSms *sms);

/* (transfer full) (nullable): the packet that this SMS-SUBMIT completes */
GBytes *sim_smsr_sms_receive (SimSmsrSms *sms, EaSpan submit_tpdu);
