/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a session shows of itself. */

#include "session/session.h"

#include "session/error-name.h"
#include "session/pacer.h"

struct _EaSession
{
  GObject parent_instance;

  EaSessionTransport transport;
  EaSessionOrigin origin;
  char *name; /* NULL: it has no number yet */
  EaLogContext log;
  char *peer;
  char *address;
  char *interface;
  EaSessionState state;
  EaSessionProgress progress;
  EaPacer pacer; /* of the counts */
  guint attempt;
  guint64 next_attempt_us;
  guint64 started_us;
  guint64 ended_us;
  EaSessionResult result;
  char *error_name;
  char *error_sentence;
};

enum
{
  PROP_TRANSPORT = 1,
  PROP_ORIGIN,
  PROP_PEER,
  PROP_ADDRESS,
  PROP_INTERFACE,
  PROP_STATE,
  PROP_BYTES_RECEIVED,
  PROP_BYTES_SENT,
  PROP_APDUS,
  PROP_SCRIPTS,
  PROP_ATTEMPT,
  PROP_NEXT_ATTEMPT,
  PROP_STARTED_AT,
  PROP_ENDED_AT,
  PROP_RESULT,
  PROP_ERROR,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static guint cancelled_signal;

G_DEFINE_FINAL_TYPE (EaSession, ea_session, G_TYPE_OBJECT)
/* clang-format off */
G_DEFINE_QUARK (ea-session-error-quark, ea_session_error)
/* clang-format on */

static void
notify (EaSession *self, guint property)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[property]);
}

static void
tell_counts (gpointer user_data)
{
  notify (user_data, PROP_BYTES_RECEIVED);
  notify (user_data, PROP_BYTES_SENT);
  notify (user_data, PROP_APDUS);
  notify (user_data, PROP_SCRIPTS);
}

void
ea_session_set_number (EaSession *self, guint number)
{
  g_free (self->name);
  self->name = g_strdup_printf ("Session/%u", number);
}

const char *
ea_session_get_name (EaSession *self)
{
  return self->name;
}

const EaLogContext *
ea_session_get_log (EaSession *self, const EaLogContext *context)
{
  self->log
      = ea_log_context_for_transport (context, ea_session_transport_to_string (self->transport));
  self->log.session = self->name;
  return &self->log;
}

void
ea_session_cancel (EaSession *self)
{
  if (self->state < EA_SESSION_CLOSING)
    g_signal_emit (self, cancelled_signal, 0);
}

void
ea_session_set_state (EaSession *self, EaSessionState state)
{
  if (self->state == state)
    return;
  self->state = state;
  notify (self, PROP_STATE);
}

EaSessionState
ea_session_get_state (EaSession *self)
{
  return self->state;
}

static void
set_string (EaSession *self, char **field, const char *value, guint property)
{
  if (g_strcmp0 (*field, value) == 0)
    return;
  g_free (*field);
  *field = g_strdup (value);
  notify (self, property);
}

void
ea_session_set_address (EaSession *self, const char *address)
{
  set_string (self, &self->address, address, PROP_ADDRESS);
}

void
ea_session_set_interface (EaSession *self, const char *interface)
{
  set_string (self, &self->interface, interface, PROP_INTERFACE);
}

void
ea_session_set_progress (EaSession *self, const EaSessionProgress *progress)
{
  self->progress = *progress;
  ea_pacer_note (&self->pacer);
}

void
ea_session_set_attempt (EaSession *self, guint attempt, guint64 next_us)
{
  self->attempt = attempt;
  self->next_attempt_us = next_us;
  notify (self, PROP_ATTEMPT);
  notify (self, PROP_NEXT_ATTEMPT);
}

void
ea_session_set_error (EaSession *self, const GError *error)
{
  g_free (self->error_name);
  g_free (self->error_sentence);
  self->error_name = ea_error_name_get_for_bus (error);
  self->error_sentence = g_strdup (error->message);
  notify (self, PROP_ERROR);
}

GError *
ea_session_make_cancel_error (EaSession *self)
{
  const char *cause = self->error_sentence;

  return g_error_new (EA_SESSION_ERROR, EA_SESSION_ERROR_CANCELLED, "Somebody has cancelled it%s%s",
                      cause != NULL ? "; before that: " : "", cause != NULL ? cause : "");
}

void
ea_session_end (EaSession *self, EaSessionResult result)
{
  g_return_if_fail (self->state != EA_SESSION_CLOSED);

  self->result = result;
  self->ended_us = (guint64) g_get_real_time ();
  ea_session_set_attempt (self, self->attempt, 0);
  ea_pacer_clear (&self->pacer); /* whatever the pace is: these are the last */
  tell_counts (self);
  notify (self, PROP_ENDED_AT);
  notify (self, PROP_RESULT);
  ea_session_set_state (self, EA_SESSION_CLOSED);
}

EaSessionResult
ea_session_get_result (EaSession *self)
{
  return self->result;
}

const char *
ea_session_transport_to_string (EaSessionTransport transport)
{
  switch (transport)
    {
    case EA_SESSION_HTTPS:
      return "https";
    case EA_SESSION_CAT_TP:
      return "cat-tp";
    }
  g_assert_not_reached ();
}

const char *
ea_session_origin_to_string (EaSessionOrigin origin)
{
  switch (origin)
    {
    case EA_SESSION_DBUS:
      return "dbus";
    case EA_SESSION_TRIGGER:
      return "trigger";
    case EA_SESSION_RETRY:
      return "retry";
    case EA_SESSION_SCHEDULE:
      return "schedule";
    case EA_SESSION_NOTIFICATION:
      return "notification";
    }
  g_assert_not_reached ();
}

static const char *
state_to_string (EaSessionState state)
{
  switch (state)
    {
    case EA_SESSION_QUEUED:
      return "queued";
    case EA_SESSION_RESOLVING:
      return "resolving";
    case EA_SESSION_CONNECTING:
      return "connecting";
    case EA_SESSION_HANDSHAKING:
      return "handshaking";
    case EA_SESSION_EXCHANGING:
      return "exchanging";
    case EA_SESSION_WAITING:
      return "waiting";
    case EA_SESSION_CLOSING:
      return "closing";
    case EA_SESSION_CLOSED:
      return "closed";
    }
  g_assert_not_reached ();
}

const char *
ea_session_result_to_string (EaSessionResult result)
{
  switch (result)
    {
    case EA_SESSION_NO_RESULT:
      return "";
    case EA_SESSION_OK:
      return "ok";
    case EA_SESSION_INTERRUPTED:
      return "interrupted";
    case EA_SESSION_WAS_CANCELLED:
      return "cancelled";
    case EA_SESSION_FAILED:
      return "failed";
    }
  g_assert_not_reached ();
}

static const char *
get_string (EaSession *self, guint id)
{
  switch (id)
    {
    case PROP_TRANSPORT:
      return ea_session_transport_to_string (self->transport);
    case PROP_ORIGIN:
      return ea_session_origin_to_string (self->origin);
    case PROP_PEER:
      return self->peer;
    case PROP_ADDRESS:
      return self->address;
    case PROP_INTERFACE:
      return self->interface;
    case PROP_STATE:
      return state_to_string (self->state);
    default:
      return ea_session_result_to_string (self->result);
    }
}

static guint64
get_count (EaSession *self, guint id)
{
  switch (id)
    {
    case PROP_BYTES_RECEIVED:
      return self->progress.bytes_received;
    case PROP_BYTES_SENT:
      return self->progress.bytes_sent;
    case PROP_NEXT_ATTEMPT:
      return self->next_attempt_us;
    case PROP_STARTED_AT:
      return self->started_us;
    default:
      return self->ended_us;
    }
}

static guint
get_number (EaSession *self, guint id)
{
  switch (id)
    {
    case PROP_APDUS:
      return self->progress.apdus;
    case PROP_SCRIPTS:
      return self->progress.scripts;
    default:
      return self->attempt;
    }
}

static GVariant *
get_error (EaSession *self)
{
  return g_variant_new ("(ss)", self->error_name != NULL ? self->error_name : "",
                        self->error_sentence != NULL ? self->error_sentence : "");
}

static void
ea_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  EaSession *self = EA_SESSION (object);

  if (id == PROP_ERROR)
    g_value_set_variant (value, get_error (self));
  else if (G_VALUE_HOLDS_STRING (value))
    g_value_set_string (value, get_string (self, id));
  else if (G_VALUE_HOLDS_UINT64 (value))
    g_value_set_uint64 (value, get_count (self, id));
  else
    g_value_set_uint (value, get_number (self, id));
}

static void
ea_session_finalize (GObject *object)
{
  EaSession *self = EA_SESSION (object);

  ea_pacer_clear (&self->pacer);
  g_free (self->name);
  g_free (self->peer);
  g_free (self->address);
  g_free (self->interface);
  g_free (self->error_name);
  g_free (self->error_sentence);
  G_OBJECT_CLASS (ea_session_parent_class)->finalize (object);
}

static void
install_strings (void)
{
  static const struct
  {
    guint id;
    const char *name;
  } strings[]
      = { { PROP_TRANSPORT, "transport" }, { PROP_ORIGIN, "origin" },       { PROP_PEER, "peer" },
          { PROP_ADDRESS, "address" },     { PROP_INTERFACE, "interface" }, { PROP_STATE, "state" },
          { PROP_RESULT, "result" } };

  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    props[strings[i].id] = g_param_spec_string (strings[i].name, NULL, NULL, "",
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
install_uint (guint id, const char *name)
{
  props[id] = g_param_spec_uint (name, NULL, NULL, 0, G_MAXUINT, 0,
                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
install_count (guint id, const char *name)
{
  props[id] = g_param_spec_uint64 (name, NULL, NULL, 0, G_MAXUINT64, 0,
                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void
ea_session_class_init (EaSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ea_session_get_property;
  object_class->finalize = ea_session_finalize;
  install_strings ();
  install_uint (PROP_APDUS, "apdus");
  install_uint (PROP_SCRIPTS, "scripts");
  install_uint (PROP_ATTEMPT, "attempt");
  install_count (PROP_BYTES_RECEIVED, "bytes-received");
  install_count (PROP_BYTES_SENT, "bytes-sent");
  install_count (PROP_NEXT_ATTEMPT, "next-attempt");
  install_count (PROP_STARTED_AT, "started-at");
  install_count (PROP_ENDED_AT, "ended-at");
  props[PROP_ERROR] = g_param_spec_variant ("error", NULL, NULL, G_VARIANT_TYPE ("(ss)"), NULL,
                                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  cancelled_signal = g_signal_new ("cancelled", EA_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
ea_session_init (EaSession *self)
{
  self->address = g_strdup ("");
  self->interface = g_strdup ("");
  self->started_us = (guint64) g_get_real_time ();
  ea_pacer_init (&self->pacer, tell_counts, self);
}

EaSession *
ea_session_new (EaSessionTransport transport, EaSessionOrigin origin, const char *peer)
{
  EaSession *self = g_object_new (EA_TYPE_SESSION, NULL);

  self->transport = transport;
  self->origin = origin;
  self->peer = g_strdup (peer);
  return self;
}
