/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/cat.h"
#include "host/journal.h"
#include "session/activity.h"
#include "session/card.h"

G_BEGIN_DECLS

/*
 * EaToolkit: the terminal of TS 102 223 for one card. Every proactive command gets exactly one TERMINAL
 * RESPONSE. SEND SHORT MESSAGE is carried out, and its result says what the network said; everything else
 * is beyond this terminal's capabilities.
 *
 * Signal "idle" (): the last command that was open has been answered.
 */

#define EA_TYPE_TOOLKIT (ea_toolkit_get_type ())
G_DECLARE_FINAL_TYPE (EaToolkit, ea_toolkit, EA, TOOLKIT, GObject)

/* @context: borrowed; what log messages are about */
EaToolkit *ea_toolkit_new (EaModem *modem, EaCard *card, EaActivity *activity,
                           const EaLogContext *context);

/* FALSE while a command waits for its TERMINAL RESPONSE. */
gboolean ea_toolkit_is_idle (EaToolkit *self);

/**
 * ea_toolkit_get_send_result:
 * @error: why a short message was not sent
 * @rp_cause: the network's, or 0
 * @additional: (out): additional information to the result
 *
 * Returns: the general result, TS 102 223 §8.12; @additional always belongs to it
 */
EaCatResult ea_toolkit_get_send_result (const GError *error, guint8 rp_cause, guint8 *additional);

G_END_DECLS
