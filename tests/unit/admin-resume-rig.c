/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "admin-resume-rig.h"
#include "helpers.h"

#define STEPS_MAX 100000

#define OK_TO(uri)                                                                                 \
  "HTTP/1.1 200 OK\r\n"                                                                            \
  "Content-Type: application/vnd.globalplatform.card-content-mgt;version=1.0\r\n"                  \
  "X-Admin-Next-URI: " uri "\r\n"
#define NOTHING_TO(uri) "HTTP/1.1 204 No Content\r\nX-Admin-Next-URI: " uri "\r\n"
#define END "HTTP/1.1 204 No Content\r\n"

/* GET DATA of three objects, which leave nothing behind; SELECT and READ BINARY, which do */
#define GET_1 "80CA008501"
#define GET_2 "80CA00E002"
#define GET_3 "80CA00CF03"
#define SELECT "00A40004023F00"
#define READ "00B0000004"

static const AdminServerAnswer indefinite_answers[] = {
  { OK_TO ("/1"),
    "AE80"
    "2205" GET_1 "2205" GET_2 "2205" GET_3 "0000",
    5 },
  { OK_TO ("/2"),
    "AE80"
    "2205" GET_2 "2205" GET_3 "2205" GET_1 "0000",
    0 },
  { NOTHING_TO ("/3"), "", 0 },
  { END, "", 0 },
  { NULL, NULL, 0 },
};
static const char *const three_commands[] = { GET_1, GET_2, GET_3, NULL };
static const char *const three_responses[] = { "AA9000", "9000", "BBCCDD9000", NULL };
static const char *const failing_commands[] = { GET_2, GET_3, NULL };
static const char *const failing_responses[] = { "9000", "6A88", NULL };

static const AdminServerAnswer definite_answers[] = {
  { OK_TO ("/1"),
    "AA15"
    "2205" GET_1 "2205" GET_2 "2205" GET_3,
    100 },
  { OK_TO ("/2"),
    "AA15"
    "2205" GET_2 "2205" GET_3 "2205" GET_1,
    3 },
  { NOTHING_TO ("/3"), "", 0 },
  { END, "", 0 },
  { NULL, NULL, 0 },
};

/* in a compact script only the last command may have Le: SELECT with P3 and data */
#define SELECT_2 "00A40004022FE2"
#define SELECT_3 "00A40004024F30"
static const AdminServerAnswer compact_answers[] = {
  { OK_TO ("/1"), SELECT SELECT_2 GET_3, 4 },
  { OK_TO ("/2"), SELECT_2 SELECT_3 GET_1, 0 },
  { NOTHING_TO ("/3"), "", 0 },
  { END, "", 0 },
  { NULL, NULL, 0 },
};
static const char *const compact_commands[] = { SELECT, SELECT_2, GET_3, NULL };
static const char *const compact_failing[] = { SELECT_2, SELECT_3, NULL };

/* an SCP03t object of one block, and one of 258 bytes in two */
#define ZEROS_16 "00000000000000000000000000000000"
#define ZEROS_64 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16
#define ZEROS_252 ZEROS_64 ZEROS_64 ZEROS_64 ZEROS_16 ZEROS_16 ZEROS_16 "000000000000000000000000"
static const AdminServerAnswer sealed_answers[] = {
  { OK_TO ("/1"),
    "AE80"
    "840401020304"
    "8681FF" ZEROS_252 "0A0B0C"
    "2205" GET_1 "0000",
    90 },
  { OK_TO ("/2"),
    "AE80"
    "860111"
    "860122"
    "860133"
    "0000",
    0 },
  { NOTHING_TO ("/3"), "", 0 },
  { END, "", 0 },
  { NULL, NULL, 0 },
};
static const char *const sealed_commands[] = { "80E2910006"
                                               "840401020304"
                                               "00",
                                               "80E21100FF"
                                               "8681FF" ZEROS_252 "00",
                                               "80E2910103"
                                               "0A0B0C"
                                               "00",
                                               GET_1, NULL };
static const char *const sealed_responses[]
    = { "8403AABBCC9000", "9000", "860211229000", "AA9000", NULL };
static const char *const sealed_failing[] = { "80E2910003"
                                              "860111"
                                              "00",
                                              "80E2910003"
                                              "860122"
                                              "00",
                                              NULL };
static const char *const sealed_failing_responses[] = { "8600"
                                                        "9000",
                                                        "9F86016A"
                                                        "9000",
                                                        NULL };

static const AdminServerAnswer stateful_answers[] = {
  { OK_TO ("/1"),
    "AE80"
    "2205" GET_1 "2207" SELECT "2205" READ "0000",
    7 },
  { OK_TO ("/2"),
    "AA10"
    "2207" SELECT "2205" READ,
    2 },
  { NOTHING_TO ("/3"), "", 0 },
  { END, "", 0 },
  { NULL, NULL, 0 },
};
static const char *const stateful_commands[] = { GET_1, SELECT, READ, NULL };
static const char *const stateful_second[] = { SELECT, READ, NULL };

static const Object three_objects[]
    = { { 1, "2303AA9000" }, { 1, "23029000" }, { 1, "2305BBCCDD9000" }, { 0, NULL } };
static const Object failing_objects[] = { { 1, "23029000" }, { 1, "23026A88" }, { 0, NULL } };
static const Object sealed_objects[]
    = { { 1, "8403AABBCC" }, { 2, "86021122" }, { 1, "2303AA9000" }, { 0, NULL } };
static const Object sealed_failing_objects[] = { { 1, "8600" }, { 1, "9F86016A" }, { 0, NULL } };

const Session sessions[] = {
  { "indefinite",
    indefinite_answers,
    { { FORMAT_INDEFINITE, three_commands, three_responses, three_objects, 3 },
      { FORMAT_INDEFINITE, failing_commands, failing_responses, failing_objects, 2 } },
    { "/start - ", "/1 ok AF802303AA9000230290002305BBCCDD90000000",
      "/2 ok AF802302900023026A880000", "/3 - " },
    TRUE },
  { "definite",
    definite_answers,
    { { FORMAT_DEFINITE, three_commands, three_responses, three_objects, 3 },
      { FORMAT_DEFINITE, failing_commands, failing_responses, failing_objects, 2 } },
    { "/start - ", "/1 ok AB138001032303AA9000230290002305BBCCDD9000",
      "/2 ok AB0B8001022302900023026A88", "/3 - " },
    TRUE },
  { "compact",
    compact_answers,
    { { FORMAT_COMPACT, compact_commands, three_responses, three_objects, 0 },
      { FORMAT_COMPACT, compact_failing, failing_responses, failing_objects, 0 } },
    { "/start - ", "/1 ok 039000BBCCDD", "/2 ok 026A88", "/3 - " },
    FALSE },
  { "sealed",
    sealed_answers,
    { { FORMAT_INDEFINITE, sealed_commands, sealed_responses, sealed_objects, 0 },
      { FORMAT_INDEFINITE, sealed_failing, sealed_failing_responses, sealed_failing_objects, 0 } },
    { "/start - ", "/1 ok AF808403AABBCC860211222303AA90000000", "/2 ok AF8086009F86016A0000",
      "/3 - " },
    FALSE },
  { "stateful",
    stateful_answers,
    { { FORMAT_INDEFINITE, stateful_commands, three_responses, three_objects, 1 },
      { FORMAT_DEFINITE, stateful_second, failing_responses, failing_objects, 0 } },
    { "/start - ", "/1 ok AF802303AA9000230290002305BBCCDD90000000",
      "/2 ok AB0B8001022302900023026A88", "/3 - " },
    FALSE },
};
const gsize n_sessions = G_N_ELEMENTS (sessions);

static const guint8 isd_r[] = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
                                0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x01, 0x00 };

static EaAdminOptions
get_options (const Rig *rig)
{
  return (EaAdminOptions){
    .host = "sm-sr.example",
    .uri = "/start",
    .protocol = "globalplatform-remote-admin/1.0",
    .framing = rig->manner.framing,
    .application = EA_SPAN_OF_ARRAY (isd_r),
  };
}

void
rig_init (Rig *rig, const Session *session, const Manner *manner)
{
  EaAdminOptions options;

  *rig = (Rig){ .session = session, .manner = *manner };
  options = get_options (rig);
  rig->admin = ea_admin_new (&options);
  admin_server_init (&rig->server, session->answers);
  for (guint i = 0; i < G_N_ELEMENTS (rig->given); i++)
    rig->given[i] = g_ptr_array_new_with_free_func (g_free);
}

static void
forget_stored (Stored *stored)
{
  g_clear_pointer (&stored->head, g_bytes_unref);
  g_clear_pointer (&stored->sent, g_bytes_unref);
  g_clear_pointer (&stored->answers, g_bytes_unref);
}

void
rig_clear (Rig *rig)
{
  ea_admin_free (rig->admin);
  admin_server_clear (&rig->server);
  forget_stored (&rig->stored);
  for (guint i = 0; i < G_N_ELEMENTS (rig->given); i++)
    g_ptr_array_unref (rig->given[i]);
}

/* What the machine wants stored before it goes on. */
static void
store (Rig *rig)
{
  guint32 revision = ea_admin_get_revision (rig->admin);

  if (revision == rig->stored.revision)
    return;
  forget_stored (&rig->stored);
  rig->stored = (Stored){
    .head = ea_admin_save (rig->admin),
    .sent = ea_span_to_bytes (ea_admin_get_sent (rig->admin)),
    .answers = ea_span_to_bytes (ea_admin_get_answers (rig->admin)),
    .revision = revision,
  };
  rig->is_in_flight = ea_admin_is_in_flight (rig->admin);
}

static void
store_answers (Rig *rig)
{
  g_bytes_unref (rig->stored.answers);
  rig->stored.answers = ea_span_to_bytes (ea_admin_get_answers (rig->admin));
  rig->is_in_flight = FALSE;
}

static void
cut_connection (Rig *rig)
{
  rig->is_connected = FALSE;
  admin_server_break (&rig->server);
  ea_admin_break (rig->admin);
}

static void
cut_agent (Rig *rig)
{
  EaAdminOptions options = get_options (rig);
  g_autoptr (GError) error = NULL;

  rig->is_connected = FALSE;
  rig->is_given = FALSE;
  rig->was_in_flight |= rig->is_in_flight;
  for (guint i = 0; i < G_N_ELEMENTS (rig->given); i++)
    rig->has_lost_state[i] |= rig->given[i]->len > rig->session->scripts[i].n_stateless;
  admin_server_break (&rig->server);
  ea_admin_free (rig->admin);
  rig->admin = rig->stored.head == NULL
                   ? ea_admin_new (&options)
                   : ea_admin_restore (&options, ea_span_from_bytes (rig->stored.head),
                                       ea_span_from_bytes (rig->stored.sent),
                                       ea_span_from_bytes (rig->stored.answers), &error);
  assert_null (error);
  assert_non_null (rig->admin);
  rig->stored.revision = 0;
}

/* xorshift */
static guint32
next (guint32 *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

static Cut
choose_cut (Rig *rig)
{
  if (rig->random == 0)
    return rig->n_steps == rig->cut_at ? rig->cut : CUT_NONE;
  if (rig->n_cuts == 0 || next (&rig->random) % rig->mean > 0)
    return CUT_NONE;
  rig->n_cuts--;
  return next (&rig->random) % 2 == 0 ? CUT_CONNECTION : CUT_AGENT;
}

/* Returns: TRUE when something was cut here */
static gboolean
step (Rig *rig)
{
  rig->n_steps++;
  assert_true (rig->n_steps < STEPS_MAX);
  switch (choose_cut (rig))
    {
    case CUT_NONE:
      return FALSE;
    case CUT_CONNECTION:
      cut_connection (rig);
      break;
    case CUT_AGENT:
      cut_agent (rig);
      break;
    }
  return TRUE;
}

static void
take_events (Rig *rig)
{
  g_auto (EaAdminEvent) event = { 0 };

  while (ea_admin_pull_event (rig->admin, &event))
    {
      assert_int_not_equal (event.type, EA_ADMIN_EVENT_BROKEN);
      assert_int_not_equal (event.type, EA_ADMIN_EVENT_RECONNECT);
      rig->is_finished |= event.type == EA_ADMIN_EVENT_FINISHED;
    }
}

static gboolean
send_piece (Rig *rig)
{
  g_autoptr (GBytes) piece = ea_admin_pull (rig->admin);
  const guint8 *bytes;
  gsize size;

  if (piece == NULL)
    return FALSE;
  store (rig);
  bytes = g_bytes_get_data (piece, &size);
  for (gsize i = 0; i < size; i++)
    {
      admin_server_receive (&rig->server, bytes[i]);
      if (step (rig))
        break;
    }
  return TRUE;
}

static gboolean
receive_piece (Rig *rig)
{
  g_autoptr (GBytes) piece = NULL;

  if (!ea_admin_wants_bytes (rig->admin))
    return FALSE;
  piece = admin_server_take (&rig->server, rig->manner.piece);
  if (piece == NULL)
    return FALSE;
  ea_admin_receive (rig->admin, ea_span_from_bytes (piece));
  (void) step (rig);
  return TRUE;
}

/* The commands come in their order, and none of them again. */
static void
give (Rig *rig, EaSpan apdu)
{
  guint32 exchange = ea_admin_get_exchange (rig->admin);
  GPtrArray *given;
  const char *expected;

  assert_in_range (exchange, 1, 2);
  assert_false (rig->has_lost_state[exchange - 1]);
  given = rig->given[exchange - 1];
  expected = rig->session->scripts[exchange - 1].commands[given->len];
  assert_non_null (expected);
  assert_span_is (apdu, expected);
  g_ptr_array_add (given, g_strdup (expected));
  rig->is_given = TRUE;
}

static gboolean
start (Rig *rig)
{
  EaSpan apdu;

  if (!ea_admin_peek_command (rig->admin, &apdu) || step (rig))
    return FALSE;
  assert_true (ea_admin_peek_command (rig->admin, &apdu));
  ea_admin_start_command (rig->admin);
  store (rig);
  if (step (rig))
    return TRUE;
  give (rig, apdu);
  (void) step (rig);
  return TRUE;
}

static void
answer (Rig *rig)
{
  guint script = ea_admin_get_exchange (rig->admin) - 1;
  const char *hex = rig->session->scripts[script].responses[rig->given[script]->len - 1];
  g_autoptr (GBytes) response = bytes_of (hex);

  rig->is_given = FALSE;
  ea_admin_push_response (rig->admin, ea_span_from_bytes (response));
  if (rig->manner.stores_answers)
    store_answers (rig);
  (void) step (rig);
}

static void
turn (Rig *rig)
{
  if (!rig->is_connected && (!rig->is_given || rig->manner.is_late))
    {
      ea_admin_begin (rig->admin);
      rig->is_connected = TRUE;
    }
  take_events (rig);
  if (rig->is_finished)
    return;
  if (rig->is_given)
    answer (rig);
  else if (!send_piece (rig) && !start (rig) && !receive_piece (rig))
    assert_false (rig->is_connected); /* or nothing will ever happen */
}

static void
run (Rig *rig)
{
  while (!rig->is_finished)
    turn (rig);
}

gboolean
rig_run (Rig *rig, Cut cut, guint cut_at)
{
  rig->cut = cut;
  rig->cut_at = cut_at;
  run (rig);
  return rig->n_steps >= cut_at;
}

void
rig_run_at_random (Rig *rig, guint32 seed, guint mean, guint n_cuts)
{
  rig->random = seed;
  rig->n_cuts = n_cuts;
  rig->mean = mean;
  run (rig);
}

void
rig_assert_unbroken (Rig *rig)
{
  assert_int_equal (rig->server.posts->len, G_N_ELEMENTS (rig->session->posts));
  for (guint i = 0; i < G_N_ELEMENTS (rig->session->posts); i++)
    assert_string_equal (g_ptr_array_index (rig->server.posts, i), rig->session->posts[i]);
  for (guint i = 0; i < G_N_ELEMENTS (rig->given); i++)
    assert_null (rig->session->scripts[i].commands[rig->given[i]->len]);
}

/* (transfer full): the answer to @script with its first @n_objects answers, and that of one interrupted behind them */
static char *
frame (const Script *script, guint n_objects, gboolean is_interrupted)
{
  g_autoptr (GString) objects = g_string_new (NULL);
  guint n_all = n_objects + (is_interrupted ? 1 : 0);
  const char *last = "";

  for (guint i = 0; i < n_objects; i++)
    g_string_append (objects, last = script->objects[i].answer);
  if (is_interrupted)
    g_string_append (objects, last = "23026FF1");
  switch (script->format)
    {
    case FORMAT_INDEFINITE:
      return g_strdup_printf ("AF80%s0000", objects->str);
    case FORMAT_DEFINITE:
      return g_strdup_printf ("AB%02zX8001%02X%s", 3 + objects->len / 2, n_all, objects->str);
    case FORMAT_COMPACT:
      return g_strdup_printf ("%02X%s%.*s", n_all, last + strlen (last) - 4,
                              (int) strlen (last) - 8, last + 4);
    }
  return NULL;
}

/* How many objects of @script have all their commands among the @n_given first ones. */
static guint
count_objects (const Script *script, guint n_given)
{
  guint n_objects = 0;

  for (guint n = 0; script->objects[n_objects].n_commands > 0; n_objects++)
    {
      n += script->objects[n_objects].n_commands;
      if (n > n_given)
        break;
    }
  return n_objects;
}

static void
assert_script_answered_once (Rig *rig, guint i)
{
  const Script *script = &rig->session->scripts[i];
  guint n_objects = count_objects (script, rig->given[i]->len);
  gboolean is_all = script->commands[rig->given[i]->len] == NULL;
  g_autofree char *whole = frame (script, n_objects, FALSE);
  g_autofree char *next_interrupted = frame (script, n_objects, TRUE);
  g_autofree char *last_interrupted = n_objects > 0 ? frame (script, n_objects - 1, TRUE) : NULL;
  const char *body = strrchr (g_ptr_array_index (rig->server.posts, i + 1), ' ') + 1;

  if (is_all ? strcmp (body, whole) == 0 : strcmp (body, next_interrupted) == 0)
    return;
  assert_non_null (last_interrupted);
  assert_string_equal (body, last_interrupted);
}

void
rig_assert_answered_once (Rig *rig)
{
  assert_int_equal (rig->server.posts->len, G_N_ELEMENTS (rig->session->posts));
  assert_string_equal (g_ptr_array_index (rig->server.posts, 0), rig->session->posts[0]);
  assert_string_equal (g_ptr_array_index (rig->server.posts, 3), rig->session->posts[3]);
  for (guint i = 0; i < G_N_ELEMENTS (rig->given); i++)
    assert_script_answered_once (rig, i);
}
