/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The proactive session. A command is open from FETCH until the card has taken its TERMINAL
 * RESPONSE; who answers is decided when it is fetched.
 */
#include "terminal.h"

#include "firmware.h"
#include "proactive.h"
#include "refresh.h"

#define INS_TERMINAL_PROFILE 0x8010
#define INS_FETCH 0x8012
#define INS_TERMINAL_RESPONSE 0x8014
#define SW_OK 0x9000
#define HOST_TIMEOUT_S 60
#define WAITER_TIMEOUT_S 30
#define LAST_SUCCESS 0x0F

#define EVENT_SEND_SMS (1U << 5)
#define EVENT_SETUP_EVENT_LIST (1U << 6 | 1U << 7 | 1U << 8 | 1U << 21 | 1U << 25)
#define EVENT_REFRESH (1U << 11)
#define EVENT_LOCAL_INFORMATION (1U << 19 | 1U << 22)
#define EVENT_BIP (1U << 20)
#define EVENT_ANY 0xFFFFFFFF
#define FULL_FUNCTION_SEND_SMS (1U << 0)

/* No command has this one; with --raw-all it carries those that have none of their own. */
#define TLV_OTHER 0x55

/* Where the Event Report has a command, and the registrations of which one lets a client have it. */
typedef struct
{
  guint8 type;
  guint8 tlv; /* 0: never reported but with --raw-all */
  guint32 events;
} ReportRule;

static const ReportRule rules[] = {
  { SIM_CAT_REFRESH, 0, EVENT_REFRESH },
  { SIM_CAT_SET_UP_EVENT_LIST, 0x4F, EVENT_SETUP_EVENT_LIST },
  { SIM_CAT_SET_UP_CALL, 0x48, 1U << 14 },
  { SIM_CAT_SEND_SS, 0x4C, 1U << 17 },
  { SIM_CAT_SEND_USSD, 0x4D, 1U << 18 },
  { SIM_CAT_SEND_SHORT_MESSAGE, 0x4B, EVENT_SEND_SMS },
  { SIM_CAT_SEND_DTMF, 0x49, 1U << 15 },
  { SIM_CAT_LAUNCH_BROWSER, 0x4A, 1U << 16 },
  { SIM_CAT_PLAY_TONE, 0x47, 1U << 13 },
  { SIM_CAT_DISPLAY_TEXT, 0x10, 1U << 0 },
  { SIM_CAT_GET_INKEY, 0x11, 1U << 1 },
  { SIM_CAT_GET_INPUT, 0x12, 1U << 2 },
  { SIM_CAT_SELECT_ITEM, 0x14, 1U << 4 },
  { SIM_CAT_SET_UP_MENU, 0x13, 1U << 3 },
  { SIM_CAT_PROVIDE_LOCAL_INFORMATION, 0x4E, EVENT_LOCAL_INFORMATION },
  { SIM_CAT_SET_UP_IDLE_MODE_TEXT, 0x17, 1U << 9 },
  { SIM_CAT_LANGUAGE_NOTIFICATION, 0x18, 1U << 10 },
  { SIM_CAT_OPEN_CHANNEL, 0x51, EVENT_BIP },
  { SIM_CAT_CLOSE_CHANNEL, 0x52, EVENT_BIP },
  { SIM_CAT_RECEIVE_DATA, 0x54, EVENT_BIP },
  { SIM_CAT_SEND_DATA, 0x53, EVENT_BIP },
  { SIM_CAT_GET_CHANNEL_STATUS, 0, EVENT_BIP },
  { SIM_CAT_ACTIVATE, 0x66, 1U << 24 },
};

/* TERMINAL PROFILE of a modem without screen and keypad: SMS-PP, REFRESH, timers, BIP with seven
 * channels over TCP and UDP, network events (TS 102 223 §5.2). */
static const guint8 default_profile[]
    = { 0x33, 0x01, 0xE8, 0x42, 0x11, 0x1C, 0x00, 0x07, 0x80, 0x00, 0x00, 0x1F, 0xE2,
        0x60, 0x00, 0x00, 0x43, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x50 };

/* The same without BIP and its events */
static const guint8 gobi_profile[] = { 0x33, 0x01, 0xE8, 0x42, 0x11, 0x00, 0x00, 0x07, 0x80 };

/* Somebody who waits for the response to a command that the card was given. */
typedef struct
{
  SimTerminal *terminal;
  GBytes *command;
  SimReply *reply;
  guint timeout;
} Waiter;

struct _SimTerminal
{
  SimModem *modem;
  SimFirmware *firmware;
  GQueue waiters;
  guint8 mode;
  GBytes *custom_profile;
  GBytes *profile;
  guint fetch_source;
  guint32 last_reference;

  /* the open command */
  GBytes *command;
  SimProactive details;
  const SimClient *owner; /* NULL: the firmware */
  Waiter *waiter;
  guint host_timeout;
};

static void
waiter_free (Waiter *waiter)
{
  if (waiter->terminal->waiter == waiter)
    waiter->terminal->waiter = NULL;
  g_queue_remove (&waiter->terminal->waiters, waiter);
  g_clear_handle_id (&waiter->timeout, g_source_remove);
  g_clear_pointer (&waiter->reply, sim_reply_free);
  g_bytes_unref (waiter->command);
  g_free (waiter);
}

static void
waiter_finish (Waiter *waiter, const char *text)
{
  sim_reply_finish (g_steal_pointer (&waiter->reply), text);
  waiter_free (waiter);
}

static gboolean
on_waiter_timeout (gpointer user_data)
{
  Waiter *waiter = user_data;

  waiter->timeout = 0;
  waiter_finish (waiter, "error timeout");
  return G_SOURCE_REMOVE;
}

static void
set_profile (SimTerminal *terminal)
{
  EaSpan profile = EA_SPAN_OF_ARRAY (default_profile);

  if (terminal->mode == SIM_CAT_MODE_GOBI)
    profile = EA_SPAN_OF_ARRAY (gobi_profile);
  if (terminal->mode == SIM_CAT_MODE_CUSTOM_RAW)
    profile = ea_span_from_bytes (terminal->custom_profile);
  if (terminal->mode == SIM_CAT_MODE_DISABLED)
    profile = EA_SPAN_EMPTY;
  g_clear_pointer (&terminal->profile, g_bytes_unref);
  terminal->profile = ea_span_to_bytes (profile);
}

SimTerminal *
sim_terminal_new (SimModem *modem)
{
  SimTerminal *terminal = g_new0 (SimTerminal, 1);

  terminal->modem = modem;
  terminal->firmware = sim_firmware_new (modem);
  terminal->mode = SIM_CAT_MODE_ANDROID;
  terminal->custom_profile = g_bytes_new (NULL, 0);
  g_queue_init (&terminal->waiters);
  set_profile (terminal);
  return terminal;
}

static void
close_command (SimTerminal *terminal)
{
  g_clear_handle_id (&terminal->host_timeout, g_source_remove);
  g_clear_pointer (&terminal->command, g_bytes_unref);
  terminal->owner = NULL;
  terminal->waiter = NULL;
}

void
sim_terminal_free (SimTerminal *terminal)
{
  if (terminal == NULL)
    return;
  g_clear_handle_id (&terminal->fetch_source, g_source_remove);
  close_command (terminal);
  while (!g_queue_is_empty (&terminal->waiters))
    waiter_free (g_queue_peek_head (&terminal->waiters));
  sim_firmware_free (terminal->firmware);
  g_bytes_unref (terminal->custom_profile);
  g_bytes_unref (terminal->profile);
  g_free (terminal);
}

static GBytes *
send_to_card (SimTerminal *terminal, guint16 class_and_ins, EaSpan data)
{
  g_auto (EaWriter) command = { NULL };

  ea_writer_init (&command);
  ea_writer_u16be (&command, class_and_ins);
  ea_writer_u16be (&command, 0);
  sim_write_lv8 (&command, data);
  return sim_slot_exchange (terminal->modem->slot, ea_writer_span (&command));
}

/* Brings the response to the card. FALSE: the card refused it and the command is still open. */
static gboolean
respond (SimTerminal *terminal, EaSpan terminal_response, GBytes **response)
{
  g_autoptr (GBytes) command = g_bytes_ref (terminal->command);
  g_autoptr (GBytes) taken = NULL;
  g_autofree char *hex = NULL;
  SimProactive details = terminal->details;
  const SimClient *owner = terminal->owner;
  Waiter *waiter;
  guint8 result = 0;

  *response = send_to_card (terminal, INS_TERMINAL_RESPONSE, terminal_response);
  if (!sim_apdu_is_success (sim_apdu_status_word (*response)) && owner != NULL)
    return FALSE;
  waiter = terminal->waiter;
  close_command (terminal);
  taken = sim_card_take_terminal_response (terminal->modem->slot->card);
  hex = ea_span_to_hex (taken == NULL ? terminal_response : ea_span_from_bytes (taken));
  if (waiter != NULL)
    {
      g_autofree char *text = g_strconcat (owner == NULL ? "ok firmware " : "ok ", hex, NULL);

      waiter_finish (waiter, text);
    }
  if (sim_card_get_pending_proactive (terminal->modem->slot->card) == 0)
    sim_cat_indicate_end_of_session (terminal->modem);
  if (details.type == SIM_CAT_REFRESH && sim_proactive_read_result (terminal_response, &result)
      && result <= LAST_SUCCESS)
    sim_refresh_execute (terminal->modem->refresh, ea_span_from_bytes (command));
  sim_terminal_poke (terminal);
  return TRUE;
}

static void
respond_by_firmware (SimTerminal *terminal)
{
  g_autoptr (GBytes) terminal_response = NULL;
  g_autoptr (GBytes) response = NULL;

  terminal->owner = NULL;
  terminal_response = sim_firmware_execute (terminal->firmware, &terminal->details);
  (void) respond (terminal, ea_span_from_bytes (terminal_response), &response); /* closed anyway */
}

static void
respond_unable (SimTerminal *terminal)
{
  g_auto (EaWriter) terminal_response = { NULL };
  g_autoptr (GBytes) response = NULL;

  ea_writer_init (&terminal_response);
  terminal->owner = NULL;
  sim_proactive_begin_response (&terminal_response, &terminal->details,
                                SIM_CAT_RESULT_TERMINAL_UNABLE, 0);
  (void) respond (terminal, ea_writer_span (&terminal_response), &response); /* closed anyway */
}

static gboolean
on_host_timeout (gpointer user_data)
{
  SimTerminal *terminal = user_data;

  terminal->host_timeout = 0;
  respond_unable (terminal);
  return G_SOURCE_REMOVE;
}

static ReportRule
find_rule (const SimProactive *details)
{
  const ReportRule unknown = { details->type, 0, EVENT_ANY };

  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    if (rules[i].type == details->type)
      return rules[i];
  return unknown;
}

static const SimClient *
find_owner (const SimTerminal *terminal, const ReportRule *rule)
{
  const GPtrArray *clients = terminal->modem->clients;

  for (guint i = 0; i < clients->len; i++)
    {
      const SimClient *client = g_ptr_array_index (clients, i);

      if (!(client->cat_events & rule->events))
        continue;
      /* Bit 5 alone asks for the alpha identifier only; the message is sent by the firmware. */
      if (rule->type == SIM_CAT_SEND_SHORT_MESSAGE
          && !(client->cat_full_function & FULL_FUNCTION_SEND_SMS))
        continue;
      return client;
    }
  return NULL;
}

static void
dispatch (SimTerminal *terminal, gboolean is_readable)
{
  ReportRule rule = find_rule (&terminal->details);
  guint8 tlv = rule.tlv == 0 && terminal->modem->options.reports_all ? TLV_OTHER : rule.tlv;

  terminal->owner = tlv == 0 || !is_readable ? NULL : find_owner (terminal, &rule);
  if (terminal->owner == NULL)
    {
      respond_by_firmware (terminal);
      return;
    }
  terminal->last_reference++;
  terminal->host_timeout
      = g_timeout_add_seconds (sim_hostility_shorten (&terminal->modem->hostility, HOST_TIMEOUT_S),
                               on_host_timeout, terminal);
  sim_cat_report_command (terminal->modem, terminal->owner, tlv, terminal->last_reference,
                          ea_span_from_bytes (terminal->command));
}

static Waiter *
find_waiter (SimTerminal *terminal)
{
  for (GList *item = terminal->waiters.head; item != NULL; item = item->next)
    {
      Waiter *waiter = item->data;

      if (g_bytes_equal (waiter->command, terminal->command))
        return waiter;
    }
  return NULL;
}

static gboolean
on_fetch (gpointer user_data)
{
  SimTerminal *terminal = user_data;
  SimSlot *slot = terminal->modem->slot;
  g_auto (EaWriter) fetch = { NULL };
  g_autoptr (GBytes) response = NULL;

  terminal->fetch_source = 0;
  if (terminal->command != NULL || slot->state != SIM_SLOT_READY)
    return G_SOURCE_REMOVE;
  ea_writer_init (&fetch);
  ea_writer_u16be (&fetch, INS_FETCH);
  ea_writer_u16be (&fetch, 0);
  ea_writer_u8 (&fetch, (guint8) sim_card_get_pending_proactive (slot->card)); /* 256 is 00 */
  terminal->command = g_bytes_new (NULL, 0); /* nothing else is fetched meanwhile */
  response = sim_slot_exchange (slot, ea_writer_span (&fetch));
  g_clear_pointer (&terminal->command, g_bytes_unref);
  if (!sim_apdu_is_success (sim_apdu_status_word (response)))
    return G_SOURCE_REMOVE;
  terminal->command = ea_span_to_bytes (sim_apdu_data (response));
  terminal->waiter = find_waiter (terminal);
  dispatch (terminal,
            sim_proactive_parse (&terminal->details, ea_span_from_bytes (terminal->command)));
  return G_SOURCE_REMOVE;
}

void
sim_terminal_poke (SimTerminal *terminal)
{
  if (terminal->command != NULL || terminal->fetch_source != 0
      || terminal->modem->slot->state != SIM_SLOT_READY
      || sim_card_get_pending_proactive (terminal->modem->slot->card) == 0)
    return;
  terminal->fetch_source = g_idle_add (on_fetch, terminal);
}

void
sim_terminal_download_profile (SimTerminal *terminal)
{
  g_autoptr (GBytes) response = NULL;

  set_profile (terminal);
  if (g_bytes_get_size (terminal->profile) > 0)
    response
        = send_to_card (terminal, INS_TERMINAL_PROFILE, ea_span_from_bytes (terminal->profile));
}

void
sim_terminal_end_session (SimTerminal *terminal)
{
  Waiter *waiter = terminal->waiter;

  sim_firmware_reset (terminal->firmware);
  close_command (terminal);
  if (waiter != NULL)
    waiter_finish (waiter, "error reset");
}

void
sim_terminal_queue (SimTerminal *terminal, GBytes *command, SimReply *reply)
{
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->terminal = terminal;
  waiter->command = g_bytes_ref (command);
  waiter->reply = reply;
  waiter->timeout = g_timeout_add_seconds (WAITER_TIMEOUT_S, on_waiter_timeout, waiter);
  g_queue_push_tail (&terminal->waiters, waiter);
  sim_card_queue_proactive (terminal->modem->slot->card, command);
  sim_terminal_poke (terminal);
}

SimQmiError
sim_terminal_answer (SimTerminal *terminal, const SimClient *client, guint32 reference,
                     EaSpan terminal_response, GBytes **response)
{
  *response = NULL;
  if (terminal->owner != client || terminal->last_reference != reference
      || terminal_response.size > G_MAXUINT8)
    return SIM_QMI_CAT_INVALID_TERMINAL_RESPONSE;
  return respond (terminal, terminal_response, response) ? SIM_QMI_OK
                                                         : SIM_QMI_CAT_INVALID_TERMINAL_RESPONSE;
}

void
sim_terminal_forget_client (SimTerminal *terminal, const SimClient *client)
{
  if (terminal->owner == client)
    respond_unable (terminal);
}

void
sim_terminal_configure (SimTerminal *terminal, guint8 mode, EaSpan profile)
{
  terminal->mode = mode;
  g_bytes_unref (terminal->custom_profile);
  terminal->custom_profile = ea_span_to_bytes (profile);
}

guint8
sim_terminal_get_mode (SimTerminal *terminal)
{
  return terminal->mode;
}

EaSpan
sim_terminal_get_custom_profile (SimTerminal *terminal)
{
  return ea_span_from_bytes (terminal->custom_profile);
}

EaSpan
sim_terminal_get_profile (SimTerminal *terminal)
{
  return ea_span_from_bytes (terminal->profile);
}

void
sim_terminal_take_network (SimTerminal *terminal)
{
  sim_firmware_take_network (terminal->firmware);
}
