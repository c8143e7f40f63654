/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* The proactive session of the simulated card: ETSI TS 102 221 §7.4.2 and TS 102 223 §6. */

/**
 * SimProactiveOrigin:
 * @SIM_PROACTIVE_OUTSIDE: whoever called sim_card_queue_proactive(); outlives a reset
 * @SIM_PROACTIVE_CARD: the card, which repeats it when the terminal does not succeed
 * @SIM_PROACTIVE_CHANNEL: the card's user of channels, who sees each answer
 */
typedef enum
{
  SIM_PROACTIVE_OUTSIDE,
  SIM_PROACTIVE_CARD,
  SIM_PROACTIVE_CHANNEL,
} SimProactiveOrigin;

typedef struct
{
  GQueue waiting;  /* SimProactive */
  gpointer open;   /* SimProactive that was fetched and not answered, or NULL */
  GBytes *answer;  /* for sim_card_take_terminal_response(), or NULL */
  GBytes *profile; /* of TERMINAL PROFILE, or NULL */
} SimToolkit;

void sim_toolkit_init (SimToolkit *toolkit);
void sim_toolkit_clear (SimToolkit *toolkit);

/* Ends the session. The card's own commands are dropped, for the reset has cut off what they were
 * for. */
void sim_toolkit_reset (SimToolkit *toolkit);

/* Whether TERMINAL PROFILE came and has all bits of @mask in its octet @number, from 1 (TS 102 223 §5.2) */
gboolean sim_toolkit_has_profile (const SimToolkit *toolkit, gsize number, guint8 mask);

/* A command from outside the card; it is not repeated. */
void sim_toolkit_queue (SimToolkit *toolkit, GBytes *command);

/* SEND SHORT MESSAGE with @tpdu, repeated when the terminal does not succeed; @service_centre is an
 * Address TLV's value, empty for none. */
void sim_toolkit_queue_short_message (SimToolkit *toolkit, EaSpan service_centre, EaSpan tpdu);

/* REFRESH with UICC reset, repeated when the terminal is busy */
void sim_toolkit_queue_refresh (SimToolkit *toolkit);

/* Identifiers of the card's timers (TS 102 223 §8.37) */
#define SIM_TIMER_SERVICE 1
#define SIM_TIMER_CONFIRMATION 2

/* TIMER MANAGEMENT that starts a timer, or with 0 seconds deactivates it */
void sim_toolkit_queue_timer (SimToolkit *toolkit, guint8 identifier, guint seconds);

/* A command of the bearer independent protocol; it is not repeated. */
void sim_toolkit_queue_channel (SimToolkit *toolkit, GBytes *command);

/* Forgets such commands that were not fetched. */
void sim_toolkit_withdraw_channel (SimToolkit *toolkit);

/* Octets of the next command; 0 when none waits or one is open */
gsize sim_toolkit_get_pending (const SimToolkit *toolkit);
gboolean sim_toolkit_is_busy (const SimToolkit *toolkit);

/* Whether the open command is one of sim_toolkit_queue_channel() */
gboolean sim_toolkit_is_channel_open (const SimToolkit *toolkit);

/* FETCH: (transfer none): the next command, which is open from now on; call only if one is
 * pending. */
GBytes *sim_toolkit_fetch (SimToolkit *toolkit);

/* TERMINAL RESPONSE: FALSE when @response does not answer the open command, which then stays
 * open. */
gboolean sim_toolkit_answer (SimToolkit *toolkit, EaSpan response);
