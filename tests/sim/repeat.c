/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two commands are queued at a time: while one is open, the card has another. */
#include "repeat.h"

#include <string.h>

#include "card/sim-tlv.h"
#include "proactive.h"

#define N_QUEUED 2
#define TAG_CHANNEL_DATA 0x36
#define N_RESULTS 256

typedef struct
{
  SimTerminal *terminal;
  GPtrArray *commands;
  guint64 n_left; /* not yet queued */
  guint next;     /* in @commands */
  guint n_queued;
  guint n_results[N_RESULTS];
  gsize n_bytes;
  char *error;
  SimReply *reply;
} Repeat;

static void queue_next (Repeat *repeat);

static void
finish (Repeat *repeat)
{
  GString *text = g_string_new ("ok");

  for (guint i = 0; i < N_RESULTS; i++)
    if (repeat->n_results[i] > 0)
      g_string_append_printf (text, " %02X=%u", i, repeat->n_results[i]);
  g_string_append_printf (text, " bytes=%" G_GSIZE_FORMAT, repeat->n_bytes);
  sim_reply_finish (repeat->reply, repeat->error != NULL ? repeat->error : text->str);
  g_string_free (text, TRUE);
  g_ptr_array_unref (repeat->commands);
  g_free (repeat->error);
  g_free (repeat);
}

static void
count (Repeat *repeat, const char *hex)
{
  g_autoptr (GBytes) response = ea_bytes_from_hex (hex, NULL);
  EaSpan objects = response != NULL ? ea_span_from_bytes (response) : EA_SPAN_EMPTY;
  EaSpan data = EA_SPAN_EMPTY;
  guint8 result;

  if (sim_proactive_read_result (objects, &result))
    repeat->n_results[result]++;
  (void) sim_tlv_find_comprehension (objects, TAG_CHANNEL_DATA, &data); /* most have none */
  repeat->n_bytes += data.size;
}

static void
on_answered (const char *text, gpointer user_data)
{
  Repeat *repeat = user_data;

  repeat->n_queued--;
  if (g_str_has_prefix (text, "ok "))
    count (repeat, strrchr (text, ' ') + 1);
  else
    {
      g_free (repeat->error);
      repeat->error = g_strdup (text);
      repeat->n_left = 0;
    }
  if (repeat->n_left > 0)
    queue_next (repeat);
  else if (repeat->n_queued == 0)
    finish (repeat);
}

static void
queue_next (Repeat *repeat)
{
  GBytes *command = g_ptr_array_index (repeat->commands, repeat->next);

  repeat->next = (repeat->next + 1) % repeat->commands->len;
  repeat->n_left--;
  repeat->n_queued++;
  sim_terminal_queue (repeat->terminal, command, sim_reply_new (on_answered, repeat));
}

void
sim_repeat_start (SimTerminal *terminal, GPtrArray *commands, guint count, SimReply *reply)
{
  Repeat *repeat = g_new0 (Repeat, 1);

  repeat->terminal = terminal;
  repeat->commands = g_ptr_array_ref (commands);
  repeat->n_left = (guint64) count * commands->len;
  repeat->reply = reply;
  for (guint i = 0; i < N_QUEUED && repeat->n_left > 0; i++)
    queue_next (repeat);
}
