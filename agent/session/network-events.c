/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the modem's changes to envelopes. Of what changes again before the card has time only the last is told;
 * each rejection is one of its own. */

#include "session/network-events.h"

#include "core/cat-event.h"
#include "session/location.h"

typedef enum
{
  NEWS_NONE,
  NEWS_REJECTION,
  NEWS_LOCATION_STATUS,
  NEWS_TECHNOLOGY,
} News;

struct _EaNetworkEvents
{
  GObject parent_instance;

  EaModem *modem;
  EaEnvelopes *envelopes;
  EaModemNetwork known;
  gboolean wants_location_status;
  gboolean wants_technology;
  gboolean wants_rejection;
  gboolean is_location_status_due;
  gboolean is_technology_due;
  GQueue rejections; /* of GBytes, envelopes */
  News told;         /* not known whether the card has it */
};

G_DEFINE_FINAL_TYPE (EaNetworkEvents, ea_network_events, G_TYPE_OBJECT)

/* Of the technology alone the card hears by its own event. */
static gboolean
is_place_equal (const EaModemNetwork *one, const EaModemNetwork *other)
{
  g_autoptr (GBytes) first = ea_location_build_status (one);
  g_autoptr (GBytes) second = ea_location_build_status (other);

  return first != NULL && second != NULL && g_bytes_equal (first, second);
}

static void
on_network_changed (EaModem *modem, const EaModemNetwork *network, gpointer user_data)
{
  EaNetworkEvents *self = EA_NETWORK_EVENTS (user_data);
  EaModemNetwork before = self->known;
  gboolean has_new_technology
      = network->has_technology
        && (!before.has_technology || before.technology != network->technology);

  self->known = *network;
  if (self->wants_location_status && !is_place_equal (&before, network))
    self->is_location_status_due = TRUE;
  if (self->wants_technology && has_new_technology)
    self->is_technology_due = TRUE;
  ea_envelopes_poke (self->envelopes);
}

static void
on_network_rejected (EaModem *modem, const EaModemRejection *rejection, gpointer user_data)
{
  EaNetworkEvents *self = EA_NETWORK_EVENTS (user_data);
  GBytes *envelope = self->wants_rejection ? ea_location_build_rejection (rejection) : NULL;

  if (envelope == NULL)
    return;
  g_queue_push_tail (&self->rejections, envelope);
  if (g_queue_get_length (&self->rejections) > EA_NETWORK_EVENTS_REJECTIONS_MAX)
    g_bytes_unref (g_queue_pop_nth (&self->rejections, self->told == NEWS_REJECTION ? 1 : 0));
  ea_envelopes_poke (self->envelopes);
}

/* Telling */

static News
get_news (const EaNetworkEvents *self)
{
  if (self->rejections.length > 0)
    return NEWS_REJECTION;
  if (self->is_location_status_due)
    return NEWS_LOCATION_STATUS;
  return self->is_technology_due ? NEWS_TECHNOLOGY : NEWS_NONE;
}

static gboolean
has_news (gpointer user_data)
{
  return get_news (user_data) != NEWS_NONE;
}

static GBytes *
pull (gpointer user_data)
{
  EaNetworkEvents *self = user_data;

  self->told = get_news (self);
  switch (self->told)
    {
    case NEWS_NONE:
      return NULL;
    case NEWS_REJECTION:
      return g_bytes_ref (g_queue_peek_head (&self->rejections));
    case NEWS_LOCATION_STATUS:
      self->is_location_status_due = FALSE;
      return ea_location_build_status (&self->known);
    case NEWS_TECHNOLOGY:
      self->is_technology_due = FALSE;
      return ea_cat_build_access_technology_change (ea_span_init (&self->known.technology, 1),
                                                    NULL);
    }
  g_assert_not_reached ();
}

static void
done (gboolean is_taken, gpointer user_data)
{
  EaNetworkEvents *self = user_data;

  if (self->told == NEWS_REJECTION && is_taken)
    g_bytes_unref (g_queue_pop_head (&self->rejections));
  if (self->told == NEWS_LOCATION_STATUS && !is_taken)
    self->is_location_status_due = self->wants_location_status;
  if (self->told == NEWS_TECHNOLOGY && !is_taken)
    self->is_technology_due = self->wants_technology;
  self->told = NEWS_NONE;
}

/* What is on its way is none of those that may come later. */
static void
forget_rejections (EaNetworkEvents *self)
{
  g_queue_clear_full (&self->rejections, (GDestroyNotify) g_bytes_unref);
  if (self->told == NEWS_REJECTION)
    self->told = NEWS_NONE;
}

void
ea_network_events_set (EaNetworkEvents *self, EaSpan events)
{
  gboolean wanted_location_status = self->wants_location_status;
  gboolean is_known = (ea_modem_get_capabilities (self->modem) & EA_MODEM_NETWORK) != 0;
  EaReader reader;

  self->wants_location_status = FALSE;
  self->wants_technology = FALSE;
  self->wants_rejection = FALSE;
  ea_reader_init (&reader, events);
  while (ea_reader_remaining (&reader) > 0)
    {
      guint8 event = ea_reader_u8 (&reader);

      self->wants_location_status |= event == EA_CAT_EVENT_LOCATION_STATUS;
      self->wants_technology |= event == EA_CAT_EVENT_ACCESS_TECHNOLOGY_CHANGE;
      self->wants_rejection |= event == EA_CAT_EVENT_NETWORK_REJECTION;
    }
  self->is_technology_due &= self->wants_technology;
  self->is_location_status_due &= self->wants_location_status;
  if (!self->wants_rejection)
    forget_rejections (self);
  if (self->wants_location_status && !wanted_location_status && is_known)
    self->is_location_status_due = TRUE;
  ea_envelopes_poke (self->envelopes);
}

static void
ea_network_events_dispose (GObject *object)
{
  EaNetworkEvents *self = EA_NETWORK_EVENTS (object);

  forget_rejections (self);
  g_clear_object (&self->modem);
  g_clear_object (&self->envelopes);
  G_OBJECT_CLASS (ea_network_events_parent_class)->dispose (object);
}

static void
ea_network_events_class_init (EaNetworkEventsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_network_events_dispose;
}

static void
ea_network_events_init (EaNetworkEvents *self)
{
  g_queue_init (&self->rejections);
}

EaNetworkEvents *
ea_network_events_new (EaModem *modem, EaEnvelopes *envelopes)
{
  EaNetworkEvents *self = g_object_new (EA_TYPE_NETWORK_EVENTS, NULL);
  const EaEnvelopeSource source = { has_news, pull, done, self };

  self->modem = g_object_ref (modem);
  self->envelopes = g_object_ref (envelopes);
  self->known = *ea_modem_get_network (modem);
  ea_envelopes_add_source (envelopes, &source);
  g_signal_connect_object (modem, "network-changed", G_CALLBACK (on_network_changed), self, 0);
  g_signal_connect_object (modem, "network-rejected", G_CALLBACK (on_network_rejected), self, 0);
  return self;
}
