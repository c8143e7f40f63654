/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A refresh is a list of steps, one each 60 ms, so that clients see the sequence that firmware gives
 * them: start, card absent, card present, application ready, end.
 */
#include "refresh.h"

#include "card/sim-tlv.h"
#include "network.h"
#include "proactive.h"
#include "registration.h"
#include "terminal.h"

#define STEP_MS 60
#define WAIT_TIMEOUT_S 30
#define TAG_FILE_LIST 0x12
#define FILE_ID_MF 0x3F00

#define STAGE_WAIT_FOR_OK 0
#define STAGE_START 1
#define STAGE_END_OK 2

#define MODE_RESET 0
/* A qualifier that changes nothing clients could see */
#define MODE_NONE (-1)

typedef void (*Step) (SimRefresh *refresh);

struct _SimRefresh
{
  SimModem *modem;
  int mode;
  GBytes *files; /* as in the refresh indication */
  const Step *steps;
  guint n_steps;
  guint source;
  SimReply *reply;
  guint reply_timeout;
  guint n_endless;          /* refreshes the end of which is not to be told */
  gboolean is_vote_wanted;  /* for the next one */
  gboolean is_vote_awaited; /* for the one that the card has asked for */
};

/* Files of an indication that names none */
static const guint8 no_files[] = { 0x00, 0x00 };

static void
begin (SimRefresh *refresh)
{
  sim_uim_indicate_refresh (refresh->modem, STAGE_START, (guint8) refresh->mode,
                            ea_span_from_bytes (refresh->files));
  sim_cat_indicate_refresh (refresh->modem, STAGE_START, (guint8) refresh->mode);
}

static void
ask_for_vote (SimRefresh *refresh)
{
  refresh->is_vote_wanted = FALSE;
  refresh->is_vote_awaited = TRUE;
  sim_uim_indicate_refresh (refresh->modem, STAGE_WAIT_FOR_OK, (guint8) refresh->mode,
                            ea_span_from_bytes (refresh->files));
}

static void
remove_card (SimRefresh *refresh)
{
  refresh->modem->slot->state = SIM_SLOT_ABSENT;
  sim_terminal_end_session (refresh->modem->terminal);
  sim_uim_indicate_card_status (refresh->modem);
  sim_registration_begin (refresh->modem->registration);
}

static void
insert_card (SimRefresh *refresh)
{
  sim_card_reset (refresh->modem->slot->card);
  refresh->modem->slot->state = SIM_SLOT_STARTING;
  sim_terminal_download_profile (refresh->modem->terminal);
  sim_uim_indicate_card_status (refresh->modem);
}

static void
make_ready (SimRefresh *refresh)
{
  refresh->modem->slot->state = SIM_SLOT_READY;
  sim_uim_indicate_card_status (refresh->modem);
  sim_registration_begin (refresh->modem->registration);
  sim_terminal_poke (refresh->modem->terminal);
}

static void
answer (SimRefresh *refresh, const char *text)
{
  g_clear_handle_id (&refresh->reply_timeout, g_source_remove);
  sim_reply_finish (g_steal_pointer (&refresh->reply), text);
}

static void
tell_end (SimRefresh *refresh)
{
  if (refresh->n_endless > 0)
    {
      refresh->n_endless--;
      return;
    }
  sim_uim_indicate_refresh (refresh->modem, STAGE_END_OK, (guint8) refresh->mode,
                            ea_span_from_bytes (refresh->files));
  sim_cat_indicate_refresh (refresh->modem, STAGE_END_OK, (guint8) refresh->mode);
}

static void
end (SimRefresh *refresh)
{
  tell_end (refresh);
  answer (refresh, "ok");
  sim_network_pump (refresh->modem->network);
}

static const Step reset_steps[] = { begin, remove_card, insert_card, make_ready, end };
static const Step file_steps[] = { begin, end };
static const Step power_steps[] = { insert_card, make_ready };
static const Step restart_steps[] = { remove_card, insert_card, make_ready };

static gboolean
on_step (gpointer user_data)
{
  SimRefresh *refresh = user_data;
  Step step = *refresh->steps;

  refresh->steps++;
  refresh->n_steps--;
  refresh->source = refresh->n_steps > 0 ? g_timeout_add (STEP_MS, on_step, refresh) : 0;
  step (refresh);
  return G_SOURCE_REMOVE;
}

gboolean
sim_refresh_has_card (const SimRefresh *refresh)
{
  return !refresh->modem->slot->is_empty && sim_port_is_plugged (refresh->modem->port);
}

static void
run (SimRefresh *refresh, const Step *steps, guint n_steps)
{
  g_clear_handle_id (&refresh->source, g_source_remove);
  if (!sim_refresh_has_card (refresh))
    {
      answer (refresh, "error no card");
      return;
    }
  refresh->steps = steps;
  refresh->n_steps = n_steps;
  refresh->source = g_timeout_add (STEP_MS, on_step, refresh);
}

SimRefresh *
sim_refresh_new (SimModem *modem)
{
  SimRefresh *refresh = g_new0 (SimRefresh, 1);

  refresh->modem = modem;
  refresh->files = g_bytes_new_static (no_files, sizeof no_files);
  return refresh;
}

void
sim_refresh_free (SimRefresh *refresh)
{
  if (refresh == NULL)
    return;
  sim_refresh_cancel (refresh);
  g_bytes_unref (refresh->files);
  g_free (refresh);
}

gboolean
sim_refresh_is_running (const SimRefresh *refresh)
{
  return refresh->source != 0;
}

void
sim_refresh_cancel (SimRefresh *refresh)
{
  g_clear_handle_id (&refresh->source, g_source_remove);
  refresh->is_vote_awaited = FALSE;
  answer (refresh, "error cancelled");
}

static gboolean
on_wait_timeout (gpointer user_data)
{
  SimRefresh *refresh = user_data;

  refresh->reply_timeout = 0;
  answer (refresh, "error timeout");
  return G_SOURCE_REMOVE;
}

void
sim_refresh_wait (SimRefresh *refresh, SimReply *reply)
{
  if (refresh->reply != NULL)
    {
      sim_reply_finish (reply, "error busy");
      return;
    }
  refresh->reply = reply;
  refresh->reply_timeout = g_timeout_add_seconds (WAIT_TIMEOUT_S, on_wait_timeout, refresh);
}

static void
set_files (SimRefresh *refresh, EaWriter *list, guint16 n_files)
{
  g_auto (EaWriter) files = { NULL };

  ea_writer_init (&files);
  ea_writer_u16le (&files, n_files);
  ea_writer_bytes (&files, ea_writer_span (list));
  g_bytes_unref (refresh->files);
  refresh->files = ea_writer_steal (&files);
}

/* One path of a file list, from its MF up to the next MF or the end. */
static void
write_file (EaWriter *list, EaReader *reader)
{
  g_auto (EaWriter) path = { NULL };
  guint16 file_id = ea_reader_u16be (reader);

  ea_writer_init (&path);
  while (ea_reader_remaining (reader) > 1)
    {
      EaReader next = *reader;

      if (ea_reader_u16be (&next) == FILE_ID_MF)
        break;
      ea_writer_u16le (&path, file_id);
      file_id = ea_reader_u16be (reader);
    }
  ea_writer_u16le (list, file_id);
  sim_write_lv8 (list, ea_writer_span (&path));
}

static void
read_files (SimRefresh *refresh, EaSpan objects)
{
  g_auto (EaWriter) list = { NULL };
  EaSpan value = EA_SPAN_EMPTY;
  guint16 n_files = 0;
  EaReader reader;

  ea_writer_init (&list);
  (void) sim_tlv_find_comprehension (objects, TAG_FILE_LIST, &value); /* empty: no files */
  ea_reader_init (&reader, value);
  (void) ea_reader_u8 (&reader); /* the number of files shows from the paths */
  while (ea_reader_remaining (&reader) > 1)
    {
      write_file (&list, &reader);
      n_files++;
    }
  set_files (refresh, &list, n_files);
}

/* QMI's mode for a command qualifier of TS 102 223 §8.6 */
static int
map_qualifier (guint8 qualifier)
{
  static const int modes[] = { 4, 3, 2, 1, 0, 5, 6 };

  return qualifier < G_N_ELEMENTS (modes) ? modes[qualifier] : MODE_NONE;
}

static void
run_mode (SimRefresh *refresh)
{
  if (refresh->mode == MODE_RESET)
    run (refresh, reset_steps, G_N_ELEMENTS (reset_steps));
  else
    run (refresh, file_steps, G_N_ELEMENTS (file_steps));
}

void
sim_refresh_execute (SimRefresh *refresh, EaSpan command)
{
  SimProactive details;

  if (!sim_proactive_parse (&details, command))
    return;
  refresh->mode = map_qualifier (details.qualifier);
  if (refresh->mode == MODE_NONE)
    {
      answer (refresh, "ok");
      return;
    }
  read_files (refresh, details.objects);
  if (refresh->is_vote_wanted)
    ask_for_vote (refresh);
  else
    run_mode (refresh);
}

void
sim_refresh_want_vote (SimRefresh *refresh)
{
  refresh->is_vote_wanted = TRUE;
}

gboolean
sim_refresh_vote (SimRefresh *refresh, gboolean is_agreed)
{
  if (!refresh->is_vote_awaited)
    return FALSE;
  refresh->is_vote_awaited = FALSE;
  if (is_agreed)
    run_mode (refresh);
  else
    answer (refresh, "error not agreed");
  return TRUE;
}

void
sim_refresh_reset (SimRefresh *refresh, SimReply *reply)
{
  sim_refresh_wait (refresh, reply);
  refresh->mode = MODE_RESET;
  g_bytes_unref (refresh->files);
  refresh->files = g_bytes_new_static (no_files, sizeof no_files);
  run (refresh, reset_steps, G_N_ELEMENTS (reset_steps));
}

void
sim_refresh_start_card (SimRefresh *refresh)
{
  run (refresh, power_steps, G_N_ELEMENTS (power_steps));
}

void
sim_refresh_restart_card (SimRefresh *refresh)
{
  run (refresh, restart_steps, G_N_ELEMENTS (restart_steps));
}

void
sim_refresh_fail_end (SimRefresh *refresh, guint count)
{
  refresh->n_endless = count;
}

void
sim_refresh_take_card (SimRefresh *refresh)
{
  sim_refresh_cancel (refresh);
  refresh->modem->slot->is_empty = TRUE;
  remove_card (refresh);
}

void
sim_refresh_insert_card (SimRefresh *refresh)
{
  refresh->modem->slot->is_empty = FALSE;
  sim_refresh_start_card (refresh);
}

void
sim_refresh_tell (SimRefresh *refresh, gboolean is_start)
{
  refresh->mode = MODE_RESET;
  if (is_start)
    begin (refresh);
  else
    tell_end (refresh);
}
