/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hostility.h"

/* What a hostile network side makes of datagrams: PDUs of CAT_TP and answers of the name server. */

/* (transfer full) (nullable): what is sent instead of @pdu; %NULL: nothing. @is_twice: (out): and again */
GBytes *sim_hostile_pdu_spoil (SimHostility *self, EaSpan pdu, gboolean *is_twice);

/* (transfer full): an answer whose identifier is right nearly always: others are not looked at */
GBytes *sim_hostile_dns_spoil (SimHostility *self, EaSpan message);
