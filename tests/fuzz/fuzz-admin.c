/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An administration session (agent/core/admin.h) with a server that says anything. The first byte of the input seeds the
 * card's answers and the cuts, the others are what the server answers to one POST after the other, with a line of "%%"
 * between. Whatever the server says and whenever the connection breaks or the agent starts anew, the card gets no command
 * twice; with breaks alone, all is as if there had been none.
 */

#include "core/admin.h"

#include <string.h>

#include "fuzz.h"

#define SEPARATOR "\n%%\n"
#define ANSWERS_MAX 16
#define FAILURES_MAX 3     /* in a row, before the session is given up */
#define CONNECTIONS_MAX 64 /* a server can go on for ever with a command for each */
#define CUTS_MAX 8
#define CUT_ONE_IN 32 /* steps */
#define PIECE_MAX 64
#define ERROR_ONE_IN 8 /* commands that fail */

static const char last_answer[] = "HTTP/1.1 204 No Content\r\n\r\n";
static const char resume_field[] = "X-Admin-Resume: true\r\n";
static const guint8 aid[] = { 0xA0, 0x00, 0x00, 0x05, 0x59 };

/* What became of a session. */
typedef struct
{
  GPtrArray *posts; /* of GBytes: each that was not sent again, without X-Admin-Resume */
  GByteArray *given[ANSWERS_MAX]; /* C-APDUs that came of each answer, with their length in front */
  guint n_given[ANSWERS_MAX];
  gboolean is_finished;
} Outcome;

typedef struct
{
  EaAdmin *admin;
  EaSpan answers[ANSWERS_MAX];
  guint n_answers;
  Outcome *outcome;
  EaSpan output; /* what the server is about to say */
  guint32 seed;
  guint32 cuts; /* 0: none are made */
  guint n_cuts;
  gboolean may_restart;
  gboolean is_connected;
  guint n_failures;
  guint n_connections;
  GBytes *head;
  GBytes *sent;
  GBytes *stored;
  guint32 revision;
} Session;

static const EaAdminOptions options = {
  .host = "192.0.2.1",
  .uri = "/first",
  .protocol = EA_HTTP_PROTOCOL_1_0,
  .framing = EA_HTTP_FRAMING_LENGTH,
  .application = { aid, sizeof aid },
};

/* xorshift */
static guint32
next (guint32 *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

static void
outcome_init (Outcome *outcome)
{
  *outcome = (Outcome){ .posts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref) };
  for (guint i = 0; i < ANSWERS_MAX; i++)
    outcome->given[i] = g_byte_array_new ();
}

static void
outcome_clear (Outcome *outcome)
{
  g_ptr_array_unref (outcome->posts);
  for (guint i = 0; i < ANSWERS_MAX; i++)
    g_byte_array_unref (outcome->given[i]);
}

static void
forget_stored (Session *session)
{
  g_clear_pointer (&session->head, g_bytes_unref);
  g_clear_pointer (&session->sent, g_bytes_unref);
  g_clear_pointer (&session->stored, g_bytes_unref);
}

static void
store (Session *session)
{
  guint32 revision = ea_admin_get_revision (session->admin);

  if (revision == session->revision)
    return;
  forget_stored (session);
  session->revision = revision;
  session->head = ea_admin_save (session->admin);
  session->sent = ea_span_to_bytes (ea_admin_get_sent (session->admin));
  session->stored = ea_span_to_bytes (ea_admin_get_answers (session->admin));
  FUZZ_CLAIM (g_bytes_get_size (session->head) <= EA_ADMIN_HEAD_MAX);
}

static void
restart (Session *session)
{
  ea_admin_free (session->admin);
  session->admin = session->head == NULL
                       ? ea_admin_new (&options)
                       : ea_admin_restore (&options, ea_span_from_bytes (session->head),
                                           ea_span_from_bytes (session->sent),
                                           ea_span_from_bytes (session->stored), NULL);
  FUZZ_CLAIM (session->admin != NULL);
  session->revision = 0;
}

/* Returns: TRUE when something was cut here */
static gboolean
step (Session *session)
{
  if (session->cuts == 0 || session->n_cuts == CUTS_MAX || next (&session->cuts) % CUT_ONE_IN > 0)
    return FALSE;
  session->n_cuts++;
  session->is_connected = FALSE;
  session->output = EA_SPAN_EMPTY;
  if (session->may_restart && next (&session->cuts) % 2 == 0)
    restart (session);
  else
    ea_admin_break (session->admin);
  return TRUE;
}

static void
take_events (Session *session)
{
  EaAdminEvent event;

  while (ea_admin_pull_event (session->admin, &event))
    {
      session->outcome->is_finished |= event.type == EA_ADMIN_EVENT_FINISHED;
      if (event.type == EA_ADMIN_EVENT_BROKEN || event.type == EA_ADMIN_EVENT_RECONNECT)
        session->is_connected = FALSE;
      if (event.type == EA_ADMIN_EVENT_BROKEN)
        {
          FUZZ_CLAIM (event.error != NULL);
          session->n_failures
              = ea_admin_has_progressed (session->admin) ? 1 : session->n_failures + 1;
        }
      ea_admin_event_clear (&event);
    }
}

/* (transfer full): the POST without X-Admin-Resume. */
static GBytes *
strip (GByteArray *post, gboolean *is_resumed)
{
  const char *found = g_strstr_len ((const char *) post->data, (gssize) post->len, resume_field);

  *is_resumed = found != NULL;
  if (found != NULL)
    g_byte_array_remove_range (post, (guint) ((const guint8 *) found - post->data),
                               sizeof resume_field - 1);
  return g_bytes_new (post->data, post->len);
}

static void
answer_post (Session *session, GByteArray *post)
{
  GPtrArray *posts = session->outcome->posts;
  gboolean is_resumed;
  g_autoptr (GBytes) stripped = strip (post, &is_resumed);
  gboolean is_again = is_resumed && posts->len > 0
                      && g_bytes_equal (g_ptr_array_index (posts, posts->len - 1), stripped);

  if (!is_again)
    g_ptr_array_add (posts, g_steal_pointer (&stripped));
  session->output = posts->len <= session->n_answers
                        ? session->answers[posts->len - 1]
                        : ea_span_init (last_answer, sizeof last_answer - 1);
}

/* Sends a POST. Returns: FALSE when there is none */
static gboolean
send_post (Session *session)
{
  g_autoptr (GByteArray) post = g_byte_array_new ();
  gboolean has_sent = FALSE;

  for (;;)
    {
      g_autoptr (GBytes) piece = ea_admin_pull (session->admin);

      if (piece == NULL)
        break;
      has_sent = TRUE;
      store (session);
      g_byte_array_append (post, g_bytes_get_data (piece, NULL), (guint) g_bytes_get_size (piece));
      if (step (session))
        return TRUE;
    }
  if (has_sent)
    answer_post (session, post);
  return has_sent;
}

/* The same command of the same script always has the same response. */
static void
respond (Session *session, guint script, guint command)
{
  static const guint8 good[] = { 0xAA, 0x90, 0x00 };
  static const guint8 sealed[] = { 0x86, 0x01, 0xBB, 0x90, 0x00 };
  static const guint8 bad[] = { 0x6A, 0x82 };
  guint32 state = session->seed + script * 31 + command * 7 + 1;

  (void) next (&state);
  if (next (&state) % ERROR_ONE_IN == 0)
    ea_admin_push_response (session->admin, EA_SPAN_OF_ARRAY (bad));
  else if (next (&state) % 2 == 0)
    ea_admin_push_response (session->admin, EA_SPAN_OF_ARRAY (good));
  else
    ea_admin_push_response (session->admin, EA_SPAN_OF_ARRAY (sealed));
}

static gboolean
carry_out (Session *session)
{
  guint script = session->outcome->posts->len - 1;
  guint8 size[2];
  EaSpan apdu;

  if (!ea_admin_peek_command (session->admin, &apdu))
    return FALSE;
  FUZZ_CLAIM (apdu.size >= EA_APDU_HEADER_SIZE && apdu.size <= EA_APDU_SIZE_MAX);
  FUZZ_CLAIM (script < session->n_answers);
  FUZZ_CLAIM (!ea_admin_wants_bytes (session->admin));
  ea_admin_start_command (session->admin);
  store (session);
  if (step (session))
    return TRUE;
  FUZZ_CLAIM (ea_admin_peek_command (session->admin, &apdu));
  size[0] = (guint8) (apdu.size >> 8);
  size[1] = (guint8) apdu.size;
  g_byte_array_append (session->outcome->given[script], size, sizeof size);
  g_byte_array_append (session->outcome->given[script], apdu.data, (guint) apdu.size);
  if (step (session) && !ea_admin_is_in_flight (session->admin))
    return TRUE;
  respond (session, script, session->outcome->n_given[script]++);
  (void) step (session);
  return TRUE;
}

static gboolean
receive (Session *session)
{
  gsize size
      = 1 + session->seed % PIECE_MAX; /* so that an answer is always cut at the same places */
  EaSpan piece = ea_span_head (session->output, size);

  if (!ea_admin_wants_bytes (session->admin))
    return FALSE;
  session->output = ea_span_tail (session->output, size);
  if (piece.size > 0)
    ea_admin_receive (session->admin, piece);
  else
    ea_admin_receive_end (session->admin);
  (void) step (session);
  return TRUE;
}

static void
hold (Session *session)
{
  session->admin = ea_admin_new (&options);
  while (!session->outcome->is_finished && session->n_failures < FAILURES_MAX
         && session->n_connections < (session->cuts == 0 ? 1 : 2) * CONNECTIONS_MAX
         && session->outcome->posts->len <= ANSWERS_MAX)
    {
      if (!session->is_connected)
        {
          session->n_connections++;
          ea_admin_begin (session->admin);
          session->output = EA_SPAN_EMPTY;
          session->is_connected = TRUE;
        }
      if (!send_post (session) && !carry_out (session))
        (void) receive (session);
      take_events (session);
    }
  ea_admin_free (session->admin);
  forget_stored (session);
}

static void
split (Session *session, EaSpan input)
{
  while (session->n_answers < ANSWERS_MAX && input.size > 0)
    {
      const char *end = g_strstr_len ((const char *) input.data, (gssize) input.size, SEPARATOR);
      gsize size = end != NULL ? (gsize) (end - (const char *) input.data) : input.size;

      session->answers[session->n_answers++] = ea_span_head (input, size);
      input = ea_span_tail (input, size + sizeof SEPARATOR - 1);
    }
}

static void
run (EaSpan input, guint32 seed, guint32 cuts, gboolean may_restart, Outcome *outcome)
{
  Session session = { .outcome = outcome, .seed = seed, .cuts = cuts, .may_restart = may_restart };

  outcome_init (outcome);
  split (&session, input);
  hold (&session);
}

/* A POST that is the same as the one before can't be told from it when it is sent again. */
static gboolean
is_ambiguous (const Outcome *outcome)
{
  for (guint i = 1; i < outcome->posts->len; i++)
    if (g_bytes_equal (g_ptr_array_index (outcome->posts, i - 1),
                       g_ptr_array_index (outcome->posts, i)))
      return TRUE;
  return FALSE;
}

static void
check_given (const Outcome *whole, const Outcome *cut)
{
  for (guint i = 0; i < MIN (whole->posts->len, ANSWERS_MAX); i++)
    FUZZ_CLAIM (ea_span_has_prefix (ea_span_from_array (whole->given[i]),
                                    ea_span_from_array (cut->given[i])));
}

static void
check_same (const Outcome *whole, const Outcome *cut)
{
  FUZZ_CLAIM (cut->is_finished && whole->posts->len == cut->posts->len);
  for (guint i = 0; i < whole->posts->len; i++)
    FUZZ_CLAIM (
        g_bytes_equal (g_ptr_array_index (whole->posts, i), g_ptr_array_index (cut->posts, i)));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaSpan input = ea_span_tail (ea_span_init (data, size), 1);
  guint32 seed = size > 0 ? *data + 1u : 1u;
  Outcome whole, broken, restarted;

  run (input, seed, 0, FALSE, &whole);
  if (!is_ambiguous (&whole))
    {
      run (input, seed, seed * 2654435761u, FALSE, &broken);
      run (input, seed, seed * 2246822519u, TRUE, &restarted);
      check_given (&whole, &broken);
      check_given (&whole, &restarted);
      if (whole.is_finished)
        check_same (&whole, &broken);
      outcome_clear (&broken);
      outcome_clear (&restarted);
    }
  outcome_clear (&whole);
  return 0;
}
