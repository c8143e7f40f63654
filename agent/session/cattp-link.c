/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pump of one CAT_TP connection: datagrams and time in, datagrams and news out. */

#include "session/cattp-link.h"

/* Ports that are nobody's by agreement (RFC 6335 §6) */
#define DYNAMIC_PORT_FIRST 0xC000

struct _EaCattpLink
{
  GObject parent_instance;

  EaLink *link;
  EaCattp *cattp;
  guint16 destination_port;
  GError *datagram_error; /* the last: why nobody may have answered */
  GBytes *held;           /* an SDU without room; NULL: none */
  GError *end;            /* of the connection, while @has_ended and SDUs are held */
  gboolean has_ended;
  gboolean was_open;
  gboolean is_over;      /* nothing is signalled any more */
  gboolean is_lingering; /* holds itself */
  guint pump_id;
  guint tick_id;
  guint held_id; /* when what is held counts no more */
};

enum
{
  SIGNAL_OPENED,
  SIGNAL_SDU,
  SIGNAL_DELIVERED,
  SIGNAL_CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* clang-format off */
G_DEFINE_QUARK (ea-cattp-link-error-quark, ea_cattp_link_error)
/* clang-format on */
G_DEFINE_FINAL_TYPE (EaCattpLink, ea_cattp_link, G_TYPE_OBJECT)

/* A datagram that the kernel does not take is as good as lost on the way. */
static void
send_pdus (EaCattpLink *self)
{
  for (;;)
    {
      g_autoptr (GBytes) pdu = ea_cattp_pull_pdu (self->cattp, g_get_monotonic_time ());

      if (pdu == NULL)
        return;
      (void) ea_link_send (self->link, pdu, NULL);
    }
}

/* The port of CAT_TP is not the one of UDP, and easily mistaken for it. */
static GError *
make_port_error (const EaCattpLink *self)
{
  return g_error_new (EA_CATTP_LINK_ERROR, EA_CATTP_LINK_ERROR_REFUSED,
                      "The SM-SR refuses the CAT_TP link: reason %d, %s: it has no CAT_TP port %u "
                      "(CatTpPort, cat-tp-port)",
                      EA_CATTP_RESET_PORT, ea_cattp_reset_reason_get_name (EA_CATTP_RESET_PORT),
                      self->destination_port);
}

static GError *
make_reset_error (const EaCattpLink *self, guint8 reason)
{
  const char *name = ea_cattp_reset_reason_get_name (reason);

  if (!self->was_open && reason == EA_CATTP_RESET_PORT)
    return make_port_error (self);
  return g_error_new (EA_CATTP_LINK_ERROR,
                      self->was_open ? EA_CATTP_LINK_ERROR_RESET : EA_CATTP_LINK_ERROR_REFUSED,
                      self->was_open ? "The SM-SR has reset the CAT_TP link: reason %u, %s"
                                     : "The SM-SR refuses the CAT_TP link: reason %u, %s",
                      reason, name != NULL ? name : "reserved");
}

/* (nullable): what the network has said of datagrams */
static const char *
get_network_reason (const EaCattpLink *self)
{
  if (g_error_matches (self->datagram_error, EA_LINK_ERROR, EA_LINK_ERROR_REFUSED))
    return "it seems that nobody listens at its UDP port";
  return self->datagram_error != NULL ? self->datagram_error->message : NULL;
}

GError *
ea_cattp_link_make_silence_error (const EaCattpLink *self)
{
  const char *why = get_network_reason (self);

  return g_error_new (EA_CATTP_LINK_ERROR, EA_CATTP_LINK_ERROR_NO_ANSWER,
                      self->was_open ? "The SM-SR does not answer on the CAT_TP link any more%s%s"
                                     : "The SM-SR does not answer the CAT_TP link%s%s",
                      why != NULL ? ": " : "", why != NULL ? why : "");
}

/* (transfer full) (nullable): %NULL: the connection has ended as it should */
static GError *
make_error (const EaCattpLink *self, const EaCattpEvent *event)
{
  switch (event->cause)
    {
    case EA_CATTP_CAUSE_CLOSED:
      return event->n_undelivered > 0 ? ea_cattp_link_make_silence_error (self) : NULL;
    case EA_CATTP_CAUSE_ABORTED:
      return NULL;
    case EA_CATTP_CAUSE_PEER:
      return self->was_open && event->reason == EA_CATTP_RESET_NORMAL
                 ? NULL
                 : make_reset_error (self, event->reason);
    case EA_CATTP_CAUSE_RETRIES:
      return ea_cattp_link_make_silence_error (self);
    case EA_CATTP_CAUSE_LIMIT:
      return g_error_new_literal (EA_CATTP_LINK_ERROR, EA_CATTP_LINK_ERROR_LIMIT,
                                  "An SDU is larger than the agent has said that it takes");
    case EA_CATTP_CAUSE_PARAMETERS:
    case EA_CATTP_CAUSE_VERSION:
    case EA_CATTP_CAUSE_PROTOCOL:
      break;
    }
  return g_error_new (EA_CATTP_LINK_ERROR, EA_CATTP_LINK_ERROR_PROTOCOL,
                      "What the SM-SR sends is not the CAT_TP that the agent knows: %s",
                      ea_cattp_cause_get_name (event->cause));
}

/* The machine answers what is still on its way for some round trips (CLOSE-WAIT); nobody else holds the object then. */
static void
linger (EaCattpLink *self)
{
  self->is_over = TRUE;
  g_clear_handle_id (&self->held_id, g_source_remove);
  if (!self->is_lingering)
    g_object_ref (self);
  self->is_lingering = TRUE;
}

static void
stop (EaCattpLink *self)
{
  g_clear_handle_id (&self->pump_id, g_source_remove);
  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_handle_id (&self->held_id, g_source_remove);
}

static void pump_soon (EaCattpLink *self);

static void
tell_closed (EaCattpLink *self)
{
  g_autoptr (GError) error = g_steal_pointer (&self->end);

  linger (self);
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, error);
}

/* Nobody has room: the peer is gone, and sends again what was not answered, if it wants to. */
static gboolean
on_held_limit (gpointer user_data)
{
  EaCattpLink *self = user_data;

  self->held_id = 0;
  tell_closed (self);
  pump_soon (self);
  return G_SOURCE_REMOVE;
}

/* The RST goes out; the owner hears of it when it has taken what came before. */
static void
note_end (EaCattpLink *self, const EaCattpEvent *event)
{
  send_pdus (self);
  self->has_ended = TRUE;
  self->end = make_error (self, event);
  self->held_id = g_timeout_add_seconds (EA_CATTP_LINK_HELD_LIMIT_S, on_held_limit, self);
}

static void
tell_sdu (EaCattpLink *self, GBytes *sdu)
{
  gboolean is_taken = FALSE;

  g_signal_emit (self, signals[SIGNAL_SDU], 0, sdu, &is_taken);
  if (!is_taken)
    self->held = g_bytes_ref (sdu);
}

static void
tell (EaCattpLink *self, const EaCattpEvent *event)
{
  switch (event->type)
    {
    case EA_CATTP_EVENT_OPENED:
      self->was_open = TRUE;
      g_signal_emit (self, signals[SIGNAL_OPENED], 0, (guint) event->max_sdu);
      break;
    case EA_CATTP_EVENT_SDU:
      tell_sdu (self, event->bytes);
      break;
    case EA_CATTP_EVENT_DELIVERED:
      g_signal_emit (self, signals[SIGNAL_DELIVERED], 0);
      break;
    case EA_CATTP_EVENT_CLOSED:
      note_end (self, event);
      break;
    }
}

/* One that has no room holds up those behind it, but no other news. */
static void
tell_news (EaCattpLink *self)
{
  for (;;)
    {
      g_auto (EaCattpEvent) event = { 0 };

      if (self->is_over
          || !(self->held == NULL ? ea_cattp_pull_event (self->cattp, &event)
                                  : ea_cattp_pull_news (self->cattp, &event)))
        break;
      tell (self, &event);
    }
}

static void
tell_held (EaCattpLink *self)
{
  g_autoptr (GBytes) sdu = g_steal_pointer (&self->held);

  if (sdu != NULL && !self->is_over)
    tell_sdu (self, sdu);
}

static gboolean on_tick (gpointer user_data);

static void
arm (EaCattpLink *self)
{
  gint64 deadline_us = ea_cattp_deadline (self->cattp);
  gint64 left_us = MAX (deadline_us - g_get_monotonic_time (), 0);

  g_clear_handle_id (&self->tick_id, g_source_remove);
  if (deadline_us != EA_CATTP_NEVER)
    self->tick_id = g_timeout_add ((guint) MIN ((left_us + 999) / 1000, G_MAXINT), on_tick, self);
}

static void
end_lingering (EaCattpLink *self)
{
  self->is_lingering = FALSE;
  stop (self);
  ea_link_abort (self->link);
  g_object_unref (self);
}

static void
pump (EaCattpLink *self)
{
  g_object_ref (self); /* the owner may drop it */
  tell_news (self);
  send_pdus (self);
  if (!self->is_over && self->has_ended && self->held == NULL)
    tell_closed (self);
  arm (self);
  if (self->is_lingering && ea_cattp_get_state (self->cattp) == EA_CATTP_CLOSED)
    end_lingering (self);
  g_object_unref (self);
}

static gboolean
on_tick (gpointer user_data)
{
  EaCattpLink *self = user_data;

  self->tick_id = 0;
  ea_cattp_tick (self->cattp, g_get_monotonic_time ());
  pump (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_pump (gpointer user_data)
{
  EaCattpLink *self = user_data;

  self->pump_id = 0;
  g_object_ref (self); /* the owner may drop it */
  tell_held (self);
  pump (self);
  g_object_unref (self);
  return G_SOURCE_REMOVE;
}

static void
pump_soon (EaCattpLink *self)
{
  if (self->pump_id == 0)
    self->pump_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_pump, self, NULL);
}

static void
on_received (EaLink *link, GBytes *datagram, gpointer user_data)
{
  EaCattpLink *self = EA_CATTP_LINK (user_data);

  ea_cattp_receive (self->cattp, ea_span_from_bytes (datagram), g_get_monotonic_time ());
  ea_link_set_room (link, EA_LINK_DATAGRAM_MAX);
  pump (self);
}

/* It may be somebody's forgery: whether the peer answers is seen by what it sends. */
static void
on_datagram_error (EaLink *link, const GError *error, gpointer user_data)
{
  EaCattpLink *self = EA_CATTP_LINK (user_data);

  g_clear_error (&self->datagram_error);
  self->datagram_error = g_error_copy (error);
}

gboolean
ea_cattp_link_send (EaCattpLink *self, GBytes *sdu, GError **error)
{
  if (!ea_cattp_send (self->cattp, sdu, g_get_monotonic_time (), error))
    return FALSE;
  pump_soon (self);
  return TRUE;
}

void
ea_cattp_link_resume (EaCattpLink *self)
{
  if (self->held != NULL)
    pump_soon (self);
}

void
ea_cattp_link_close (EaCattpLink *self)
{
  ea_cattp_close (self->cattp, g_get_monotonic_time ());
  pump_soon (self);
}

void
ea_cattp_link_abort (EaCattpLink *self, EaCattpResetReason reason)
{
  if (self->is_over)
    return;
  ea_cattp_abort (self->cattp, reason, g_get_monotonic_time ());
  linger (self);
  pump (self);
}

guint64
ea_cattp_link_get_bytes_sent (EaCattpLink *self)
{
  return ea_link_get_bytes_sent (self->link);
}

guint64
ea_cattp_link_get_bytes_received (EaCattpLink *self)
{
  return ea_link_get_bytes_received (self->link);
}

static void
ea_cattp_link_dispose (GObject *object)
{
  EaCattpLink *self = EA_CATTP_LINK (object);

  stop (self);
  if (self->link != NULL)
    ea_link_abort (self->link);
  G_OBJECT_CLASS (ea_cattp_link_parent_class)->dispose (object);
}

static void
ea_cattp_link_finalize (GObject *object)
{
  EaCattpLink *self = EA_CATTP_LINK (object);

  g_clear_object (&self->link);
  g_clear_pointer (&self->cattp, ea_cattp_free);
  g_clear_error (&self->datagram_error);
  g_clear_pointer (&self->held, g_bytes_unref);
  g_clear_error (&self->end);
  G_OBJECT_CLASS (ea_cattp_link_parent_class)->finalize (object);
}

static void
ea_cattp_link_class_init (EaCattpLinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ea_cattp_link_dispose;
  object_class->finalize = ea_cattp_link_finalize;
  signals[SIGNAL_OPENED] = g_signal_new ("opened", EA_TYPE_CATTP_LINK, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SIGNAL_SDU] = g_signal_new ("sdu", EA_TYPE_CATTP_LINK, G_SIGNAL_RUN_LAST, 0,
                                      g_signal_accumulator_true_handled, NULL, NULL, G_TYPE_BOOLEAN,
                                      1, G_TYPE_BYTES);
  signals[SIGNAL_DELIVERED] = g_signal_new ("delivered", EA_TYPE_CATTP_LINK, G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", EA_TYPE_CATTP_LINK, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
ea_cattp_link_init (EaCattpLink *self)
{
}

/* Nobody outside can know what the numbers of the connection are. */
static guint16
choose_number (guint16 first)
{
  return (guint16) g_random_int_range (first, G_MAXUINT16 + 1);
}

EaCattpLink *
ea_cattp_link_new (EaLink *link, guint16 destination_port, guint16 max_sdu, EaSpan identification,
                   guint keep_alive_ms)
{
  EaCattpLink *self = g_object_new (EA_TYPE_CATTP_LINK, NULL);
  const EaCattpParameters parameters = {
    .source_port = choose_number (DYNAMIC_PORT_FIRST),
    .destination_port = destination_port,
    .initial_sequence = choose_number (0),
    .max_pdu = EA_CATTP_LINK_PDU_MAX,
    .max_sdu = max_sdu,
    .window = EA_CATTP_LINK_WINDOW,
    .identification = identification,
    .keep_alive_us = (gint64) keep_alive_ms * 1000,
  };

  self->link = g_object_ref (link);
  self->destination_port = destination_port;
  self->cattp = ea_cattp_new_active (&parameters, g_get_monotonic_time ());
  g_signal_connect_object (link, "received", G_CALLBACK (on_received), self, 0);
  g_signal_connect_object (link, "datagram-error", G_CALLBACK (on_datagram_error), self, 0);
  ea_link_set_room (link, EA_LINK_DATAGRAM_MAX);
  pump_soon (self);
  return self;
}
