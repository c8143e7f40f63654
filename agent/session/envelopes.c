/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One envelope after the other, when the card has time. */

#include "session/envelopes.h"

#include "core/apdu.h"

#define NO_SOURCE G_MAXUINT

struct _EaEnvelopes
{
  GObject parent_instance;

  EaCard *card;
  EaActivity *activity;
  const EaLogContext *context;

  GArray *sources; /* of EaEnvelopeSource */
  guint next;      /* source to be asked first */
  guint pulled;    /* source of what is on its way; NO_SOURCE: nothing is, or it does not count */
  GCancellable *cancellable; /* of the offer; NULL: the card has none */
  guint n_failures;          /* in a row */
  guint retry_id;
  gboolean is_command_open;
  gint64 command_due_us; /* a command is expected until then */
  guint command_id;      /* somebody waits for that */
};

static guint idle_signal;

G_DEFINE_FINAL_TYPE (EaEnvelopes, ea_envelopes, G_TYPE_OBJECT)

/* Sources */

static const EaEnvelopeSource *
get_source (EaEnvelopes *self, guint i)
{
  return &g_array_index (self->sources, EaEnvelopeSource, i);
}

static gboolean
has_news (EaEnvelopes *self)
{
  for (guint i = 0; i < self->sources->len; i++)
    if (get_source (self, i)->has_news (get_source (self, i)->user_data))
      return TRUE;
  return FALSE;
}

void
ea_envelopes_add_source (EaEnvelopes *self, const EaEnvelopeSource *source)
{
  g_array_append_vals (self->sources, source, 1);
}

/* The command that was announced */

static void
forget_announcement (EaEnvelopes *self)
{
  self->command_due_us = 0;
  g_clear_handle_id (&self->command_id, g_source_remove);
}

static gboolean
on_no_command (gpointer user_data)
{
  EaEnvelopes *self = user_data;

  self->command_id = 0;
  ea_envelopes_poke (self);
  return G_SOURCE_REMOVE;
}

/* Then somebody pokes when it has come, or at last the timer. */
static gboolean
is_command_expected (EaEnvelopes *self)
{
  gint64 left_us = self->command_due_us - g_get_monotonic_time ();

  if (left_us <= 0)
    return FALSE;
  if (self->command_id == 0)
    self->command_id
        = g_timeout_add ((guint) (left_us / G_TIME_SPAN_MILLISECOND) + 1, on_no_command, self);
  return TRUE;
}

/* The command may be faster than the answer that announces it; then the next answer puts that right. */
static void
on_announced (EaCard *card, gboolean is_announced, gpointer user_data)
{
  EaEnvelopes *self = EA_ENVELOPES (user_data);

  forget_announcement (self);
  if (is_announced)
    self->command_due_us = g_get_monotonic_time ()
                           + (gint64) EA_ENVELOPES_COMMAND_LIMIT_MS * G_TIME_SPAN_MILLISECOND;
}

void
ea_envelopes_expect_no_command (EaEnvelopes *self)
{
  forget_announcement (self);
  ea_envelopes_poke (self);
}

/* Telling */

/* The card's turn has come; nothing is offered when that is too late. */
static GBytes *
on_turn (gpointer user_data)
{
  EaEnvelopes *self = user_data;

  if (self->is_command_open || is_command_expected (self))
    return NULL;
  for (guint i = 0; i < self->sources->len; i++)
    {
      guint candidate = (self->next + i) % self->sources->len;
      const EaEnvelopeSource *source = get_source (self, candidate);
      GBytes *envelope = source->pull (source->user_data);

      if (envelope == NULL)
        continue;
      self->pulled = candidate;
      self->next = candidate + 1;
      return envelope;
    }
  return NULL;
}

static gboolean
on_retry (gpointer user_data)
{
  EaEnvelopes *self = user_data;

  self->retry_id = 0;
  ea_envelopes_poke (self);
  return G_SOURCE_REMOVE;
}

static void
note_failure (EaEnvelopes *self, const GError *error)
{
  self->n_failures++;
  if (self->n_failures == EA_ENVELOPES_FAILURES_MAX)
    {
      ea_activity_fail_on_card (self->activity, error);
      ea_log_warning (self->context, EA_MESSAGE_EVENTS_REFUSED, "The card does not take events: %s",
                      error->message);
    }
  self->retry_id
      = g_timeout_add (self->n_failures < EA_ENVELOPES_FAILURES_MAX ? EA_ENVELOPES_RETRY_MS
                                                                    : EA_ENVELOPES_SLOW_RETRY_MS,
                       on_retry, self);
}

/* @response: (nullable): %NULL with @error. Returns: FALSE with @error when the card has not taken it */
static gboolean
is_taken (GBytes *response, GError **error)
{
  EaApduResponse parsed = { 0 };

  if (response == NULL || !ea_apdu_parse_response (&parsed, ea_span_from_bytes (response), error))
    return FALSE;
  if (parsed.sw == EA_APDU_SW_OK || ea_apdu_is_proactive (parsed.sw))
    return TRUE;
  g_set_error (error, EA_MODEM_ERROR, EA_MODEM_ERROR_FAILED, "it answered %04X", parsed.sw);
  return FALSE;
}

static void
finish (EaEnvelopes *self, GBytes *response, GError *failure)
{
  const EaEnvelopeSource *source = get_source (self, self->pulled);
  g_autoptr (GError) error = failure;
  gboolean has_gone = is_taken (response, error == NULL ? &error : NULL);

  self->pulled = NO_SOURCE;
  source->done (has_gone, source->user_data);
  if (!has_gone)
    {
      note_failure (self, error);
      return;
    }
  self->n_failures = 0;
  ea_activity_count (self->activity, EA_COUNTER_ENVELOPES);
}

static void
on_offered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EaEnvelopes) self = user_data;
  GError *error = NULL;
  g_autoptr (GBytes) response = ea_card_offer_envelope_finish (EA_CARD (source), result, &error);

  if (g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    {
      g_clear_error (&error); /* the card was reset meanwhile */
      return;
    }
  g_clear_object (&self->cancellable);
  if (self->pulled != NO_SOURCE)
    finish (self, response, error);
  else
    g_clear_error (&error);
  ea_envelopes_poke (self);
}

void
ea_envelopes_poke (EaEnvelopes *self)
{
  if (self->cancellable != NULL || self->retry_id != 0 || self->is_command_open)
    return;
  if (is_command_expected (self))
    return;
  if (!has_news (self))
    {
      g_signal_emit (self, idle_signal, 0);
      return;
    }
  self->cancellable = g_cancellable_new ();
  ea_card_offer_envelope_async (self->card, on_turn, self, self->cancellable, on_offered,
                                g_object_ref (self));
}

void
ea_envelopes_set_command_open (EaEnvelopes *self, gboolean is_open)
{
  self->is_command_open = is_open;
  if (is_open)
    forget_announcement (self);
  else
    ea_envelopes_poke (self);
}

void
ea_envelopes_reset (EaEnvelopes *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  forget_announcement (self);
  self->pulled = NO_SOURCE;
  self->n_failures = 0;
  self->is_command_open = FALSE;
}

void
ea_envelopes_end (EaEnvelopes *self)
{
  ea_envelopes_reset (self);
  g_array_set_size (self->sources, 0);
}

gboolean
ea_envelopes_is_idle (EaEnvelopes *self)
{
  return self->cancellable == NULL && self->retry_id == 0 && !is_command_expected (self)
         && !has_news (self);
}

static void
ea_envelopes_dispose (GObject *object)
{
  EaEnvelopes *self = EA_ENVELOPES (object);

  ea_envelopes_end (self);
  g_clear_object (&self->card);
  g_clear_object (&self->activity);
  G_OBJECT_CLASS (ea_envelopes_parent_class)->dispose (object);
}

static void
ea_envelopes_finalize (GObject *object)
{
  g_array_unref (EA_ENVELOPES (object)->sources);
  G_OBJECT_CLASS (ea_envelopes_parent_class)->finalize (object);
}

static void
ea_envelopes_class_init (EaEnvelopesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_envelopes_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_envelopes_finalize;
  idle_signal = g_signal_new ("idle", EA_TYPE_ENVELOPES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 0);
}

static void
ea_envelopes_init (EaEnvelopes *self)
{
  self->sources = g_array_new (FALSE, FALSE, sizeof (EaEnvelopeSource));
  self->pulled = NO_SOURCE;
}

EaEnvelopes *
ea_envelopes_new (EaCard *card, EaActivity *activity, const EaLogContext *context)
{
  EaEnvelopes *self = g_object_new (EA_TYPE_ENVELOPES, NULL);

  self->card = g_object_ref (card);
  self->activity = g_object_ref (activity);
  self->context = context;
  g_signal_connect_object (card, "announced", G_CALLBACK (on_announced), self, 0);
  return self;
}
