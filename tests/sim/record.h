/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * What was seen since somebody asked last: lines for the control commands "envelopes", "apdus",
 * "sent-sms" and "qmi". The newest 10000 lines are kept.
 */

typedef struct
{
  GQueue lines;
} SimRecord;

void sim_record_init (SimRecord *record);
void sim_record_clear (SimRecord *record);

/* @line: (transfer full) */
void sim_record_add (SimRecord *record, char *line);

/* "HEX HEX" */
void sim_record_add_pair (SimRecord *record, EaSpan command, EaSpan response);

/* (transfer full): all lines and the closing "."; the record is empty afterwards. */
char *sim_record_take (SimRecord *record);
