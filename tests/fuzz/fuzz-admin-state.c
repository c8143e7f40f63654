/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An administration session that lay on a medium (agent/core/admin.h): any bytes give an error or a machine that works.
 * The input is the size of the head in two bytes, of the answers of the exchange before in two bytes, and both with the
 * answers behind them.
 */

#include "core/admin.h"
#include "core/error.h"

#include "fuzz.h"

#define STEPS_MAX 4096

static const guint8 aid[] = { 0xA0, 0x00, 0x00, 0x05, 0x59 };
static const char script[]
    = "HTTP/1.1 200 OK\r\nX-Admin-Next-URI: /next\r\nContent-Length: 14\r\n\r\n"
      "\xAA\x0C\x22\x04\x00\xA4\x00\x00\x22\x04\x00\xA4\x00\x01";
static const char end[] = "HTTP/1.1 204 No Content\r\n\r\n";

static const EaAdminOptions options = {
  .host = "192.0.2.1",
  .uri = "/first",
  .protocol = EA_HTTP_PROTOCOL_1_1_1,
  .framing = EA_HTTP_FRAMING_CHUNKED,
  .application = { aid, sizeof aid },
};

/* Returns: TRUE when the session is over, or its connection broken */
static gboolean
take_events (EaAdmin *admin)
{
  gboolean is_over = FALSE;
  EaAdminEvent event;

  while (ea_admin_pull_event (admin, &event))
    {
      is_over |= event.type == EA_ADMIN_EVENT_FINISHED || event.type == EA_ADMIN_EVENT_BROKEN;
      ea_admin_event_clear (&event);
    }
  return is_over;
}

static gboolean
send_all (EaAdmin *admin)
{
  gboolean has_sent = FALSE;
  GBytes *piece;

  for (; (piece = ea_admin_pull (admin)) != NULL; has_sent = TRUE)
    g_bytes_unref (piece);
  return has_sent;
}

/* A server with one script and nothing more, and a card that finds all good. */
static void
work (EaAdmin *admin)
{
  static const guint8 good[] = { 0x90, 0x00 };
  guint n_posts = 0;
  guint n_steps = 0;
  EaSpan apdu;

  ea_admin_begin (admin);
  while (!take_events (admin))
    {
      FUZZ_CLAIM (++n_steps < STEPS_MAX);
      if (send_all (admin))
        n_posts++;
      else if (ea_admin_peek_command (admin, &apdu))
        ea_admin_push_response (admin, EA_SPAN_OF_ARRAY (good));
      else if (!ea_admin_wants_bytes (admin))
        return;
      else if (n_posts == 1)
        ea_admin_receive (admin, ea_span_init (script, sizeof script - 1));
      else
        ea_admin_receive (admin, ea_span_init (end, sizeof end - 1));
    }
}

/* What was restored is stored and restored again. */
static void
check_again (const EaAdmin *admin)
{
  g_autoptr (GBytes) head = ea_admin_save (admin);
  g_autoptr (EaAdmin) again
      = ea_admin_restore (&options, ea_span_from_bytes (head), ea_admin_get_sent (admin),
                          ea_admin_get_answers (admin), NULL);
  g_autoptr (GBytes) head_again = NULL;

  FUZZ_CLAIM (again != NULL);
  head_again = ea_admin_save (again);
  FUZZ_CLAIM (g_bytes_equal (head, head_again));
  FUZZ_CLAIM (ea_span_equal (ea_admin_get_answers (admin), ea_admin_get_answers (again)));
  FUZZ_CLAIM (ea_span_equal (ea_admin_get_sent (admin), ea_admin_get_sent (again)));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (EaAdmin) admin = NULL;
  g_autoptr (GError) error = NULL;
  EaSpan head, sent;
  EaReader reader;
  gsize head_size, sent_size;
  gboolean has_sent;
  guint32 exchange;

  ea_reader_init (&reader, ea_span_init (data, size));
  head_size = ea_reader_u16be (&reader);
  sent_size = ea_reader_u16be (&reader);
  head = ea_reader_bytes (&reader, MIN (head_size, ea_reader_remaining (&reader)));
  sent = ea_reader_bytes (&reader, MIN (sent_size, ea_reader_remaining (&reader)));

  admin = ea_admin_restore (&options, head, sent, ea_reader_rest (&reader), &error);
  FUZZ_CLAIM ((admin == NULL) == (error != NULL && error->domain == EA_CORE_ERROR));
  if (admin == NULL)
    return 0;
  FUZZ_CLAIM (ea_admin_read_exchange (head, &exchange, &has_sent, NULL));
  FUZZ_CLAIM (exchange == ea_admin_get_exchange (admin));
  check_again (admin);
  work (admin);
  return 0;
}
