/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A queue of proactive commands, of which at most one is open. The card insists on its own
 * commands: a proof of receipt or a REFRESH that the terminal could not carry out is offered
 * again.
 */

#include "card-toolkit.h"

#include "sim-tlv.h"

#define TAG_PROACTIVE_COMMAND 0xD0
#define TAG_COMMAND_DETAILS 0x01
#define TAG_RESULT 0x03
#define TAG_ADDRESS 0x86
#define TAG_SMS_TPDU 0x8B
#define TYPE_REFRESH 0x01
#define TYPE_SEND_SHORT_MESSAGE 0x13
#define TYPE_TIMER_MANAGEMENT 0x27
#define TIMER_START 0
#define TIMER_DEACTIVATE 1
#define TAG_TIMER_IDENTIFIER 0xA4
#define TAG_TIMER_VALUE 0xA5
#define REFRESH_UICC_RESET 0x04
#define DEVICE_TERMINAL 0x82
#define DEVICE_NETWORK 0x83

/* General results of TS 102 223 §8.12 below this one say that the command was performed. */
#define RESULT_FIRST_FAILURE 0x10
#define TRIES 3

typedef struct
{
  GBytes *command;
  guint tries_left;
  SimProactiveOrigin origin;
} SimProactive;

static SimProactive *
proactive_new (GBytes *command, guint tries, SimProactiveOrigin origin)
{
  SimProactive *proactive = g_new0 (SimProactive, 1);

  proactive->command = g_bytes_ref (command);
  proactive->tries_left = tries;
  proactive->origin = origin;
  return proactive;
}

static void
proactive_free (gpointer data)
{
  SimProactive *proactive = data;

  g_bytes_unref (proactive->command);
  g_free (proactive);
}

void
sim_toolkit_init (SimToolkit *toolkit)
{
  *toolkit = (SimToolkit){ .waiting = G_QUEUE_INIT };
}

void
sim_toolkit_clear (SimToolkit *toolkit)
{
  g_queue_clear_full (&toolkit->waiting, proactive_free);
  g_clear_pointer (&toolkit->open, proactive_free);
  g_clear_pointer (&toolkit->answer, g_bytes_unref);
  g_clear_pointer (&toolkit->profile, g_bytes_unref);
}

/* Drops what waits and comes from @origin. */
static void
drop (SimToolkit *toolkit, SimProactiveOrigin origin)
{
  GQueue kept = G_QUEUE_INIT;
  SimProactive *proactive;

  while ((proactive = g_queue_pop_head (&toolkit->waiting)) != NULL)
    {
      if (proactive->origin == origin)
        proactive_free (proactive);
      else
        g_queue_push_tail (&kept, proactive);
    }
  toolkit->waiting = kept;
}

void
sim_toolkit_reset (SimToolkit *toolkit)
{
  drop (toolkit, SIM_PROACTIVE_CARD);
  drop (toolkit, SIM_PROACTIVE_CHANNEL);
  g_clear_pointer (&toolkit->open, proactive_free);
  g_clear_pointer (&toolkit->profile, g_bytes_unref);
}

gboolean
sim_toolkit_has_profile (const SimToolkit *toolkit, gsize number, guint8 mask)
{
  EaReader reader;

  if (toolkit->profile == NULL)
    return FALSE;
  ea_reader_init (&reader, ea_span_from_bytes (toolkit->profile));
  (void) ea_reader_bytes (&reader, number - 1);
  return (ea_reader_u8 (&reader) & mask) == mask;
}

void
sim_toolkit_queue (SimToolkit *toolkit, GBytes *command)
{
  g_queue_push_tail (&toolkit->waiting, proactive_new (command, 1, SIM_PROACTIVE_OUTSIDE));
}

/* Command details with number 1, device identities and what @rest has */
static void
queue_own (SimToolkit *toolkit, guint8 type, guint8 qualifier, guint8 destination, EaSpan rest)
{
  const guint8 head[] = { 0x81, 0x03, 0x01, type, qualifier, 0x82, 0x02, 0x81, destination };
  g_auto (EaWriter) body = { 0 };
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GBytes) command = NULL;

  ea_writer_init (&body);
  ea_writer_init (&writer);
  ea_writer_bytes (&body, EA_SPAN_OF_ARRAY (head));
  ea_writer_bytes (&body, rest);
  sim_tlv_write (&writer, TAG_PROACTIVE_COMMAND, ea_writer_span (&body));
  command = ea_writer_steal (&writer);
  g_queue_push_tail (&toolkit->waiting, proactive_new (command, TRIES, SIM_PROACTIVE_CARD));
}

void
sim_toolkit_queue_short_message (SimToolkit *toolkit, EaSpan service_centre, EaSpan tpdu)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  if (service_centre.size > 0)
    sim_tlv_write (&writer, TAG_ADDRESS, service_centre);
  sim_tlv_write (&writer, TAG_SMS_TPDU, tpdu);
  queue_own (toolkit, TYPE_SEND_SHORT_MESSAGE, 0, DEVICE_NETWORK, ea_writer_span (&writer));
}

void
sim_toolkit_queue_refresh (SimToolkit *toolkit)
{
  queue_own (toolkit, TYPE_REFRESH, REFRESH_UICC_RESET, DEVICE_TERMINAL, EA_SPAN_EMPTY);
}

/* Two decimal digits, the first one in the low nibble (TS 102 223 §8.38) */
static guint8
swap_digits (guint value)
{
  return (guint8) (value % 10 << 4 | value / 10 % 10);
}

void
sim_toolkit_queue_timer (SimToolkit *toolkit, guint8 identifier, guint seconds)
{
  const guint8 timer[] = { identifier };
  const guint8 value[] = { swap_digits (seconds / 3600), swap_digits (seconds / 60 % 60),
                           swap_digits (seconds % 60) };
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  sim_tlv_write (&writer, TAG_TIMER_IDENTIFIER, EA_SPAN_OF_ARRAY (timer));
  if (seconds > 0)
    sim_tlv_write (&writer, TAG_TIMER_VALUE, EA_SPAN_OF_ARRAY (value));
  queue_own (toolkit, TYPE_TIMER_MANAGEMENT, seconds > 0 ? TIMER_START : TIMER_DEACTIVATE,
             DEVICE_TERMINAL, ea_writer_span (&writer));
}

void
sim_toolkit_queue_channel (SimToolkit *toolkit, GBytes *command)
{
  g_queue_push_tail (&toolkit->waiting, proactive_new (command, 1, SIM_PROACTIVE_CHANNEL));
}

void
sim_toolkit_withdraw_channel (SimToolkit *toolkit)
{
  drop (toolkit, SIM_PROACTIVE_CHANNEL);
}

gsize
sim_toolkit_get_pending (const SimToolkit *toolkit)
{
  const SimProactive *next = toolkit->waiting.head == NULL ? NULL : toolkit->waiting.head->data;

  return next == NULL || toolkit->open != NULL ? 0 : g_bytes_get_size (next->command);
}

gboolean
sim_toolkit_is_busy (const SimToolkit *toolkit)
{
  return toolkit->open != NULL;
}

gboolean
sim_toolkit_is_channel_open (const SimToolkit *toolkit)
{
  const SimProactive *open = toolkit->open;

  return open != NULL && open->origin == SIM_PROACTIVE_CHANNEL;
}

GBytes *
sim_toolkit_fetch (SimToolkit *toolkit)
{
  SimProactive *proactive = g_queue_pop_head (&toolkit->waiting);

  toolkit->open = proactive;
  g_clear_pointer (&toolkit->answer, g_bytes_unref);
  return proactive->command;
}

/* What came from outside may be no proactive command at all: then any answer will do. */
static gboolean
get_details (GBytes *command, EaSpan *details)
{
  EaReader reader;
  SimTlv outer;

  ea_reader_init (&reader, ea_span_from_bytes (command));
  outer = sim_tlv_read (&reader);
  return ea_reader_is_ok (&reader)
         && sim_tlv_find_comprehension (outer.value, TAG_COMMAND_DETAILS, details);
}

gboolean
sim_toolkit_answer (SimToolkit *toolkit, EaSpan response)
{
  SimProactive *proactive = toolkit->open;
  EaSpan wanted = EA_SPAN_EMPTY;
  EaSpan given = EA_SPAN_EMPTY;
  EaSpan result = EA_SPAN_EMPTY;
  EaReader reader;

  if (proactive == NULL || !sim_tlv_find_comprehension (response, TAG_COMMAND_DETAILS, &given)
      || !sim_tlv_find_comprehension (response, TAG_RESULT, &result) || result.size == 0)
    return FALSE;
  if (get_details (proactive->command, &wanted) && !ea_span_equal (wanted, given))
    return FALSE;

  toolkit->open = NULL;
  g_clear_pointer (&toolkit->answer, g_bytes_unref);
  toolkit->answer = ea_span_to_bytes (response);
  ea_reader_init (&reader, result);
  proactive->tries_left--;
  if (ea_reader_u8 (&reader) >= RESULT_FIRST_FAILURE && proactive->tries_left > 0)
    g_queue_push_head (&toolkit->waiting, proactive);
  else
    proactive_free (proactive);
  return TRUE;
}
