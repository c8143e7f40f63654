/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Events of TS 102 223 §7.5 and TS 31.111 §7.5 as envelopes. Whether the UICC has asked for an event (SET UP
 * EVENT LIST), and when it may be sent, is for the session to know.
 */

#include "core/cat-event.h"

#include "core/cat-envelope.h"
#include "core/cat-location.h"
#include "core/cat-value.h"
#include "core/error.h"

static GBytes *
build (EaCatEvent event, guint8 source, const EaWriter *objects, GError **error)
{
  const EaCatEnvelope envelope = {
    .type = EA_CAT_ENVELOPE_EVENT_DOWNLOAD,
    .event = (guint8) event,
    .source = source,
    .destination = EA_CAT_DEVICE_UICC,
    .objects = objects != NULL ? ea_writer_span (objects) : EA_SPAN_EMPTY,
  };

  return ea_cat_build_envelope (&envelope, error);
}

static void
write_octet (EaWriter *objects, EaCatTag tag, gboolean is_comprehension_required, guint8 octet)
{
  ea_cat_write_object (objects, tag, is_comprehension_required, ea_span_init (&octet, 1));
}

static void
write_channel_status (EaWriter *objects, const EaCatChannelStatus *status)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_cat_write_channel_status (&value, status);
  ea_cat_write_object (objects, EA_CAT_TAG_CHANNEL_STATUS, TRUE, ea_writer_span (&value));
}

GBytes *
ea_cat_build_plain_event (EaCatEvent event, GError **error)
{
  return build (event, EA_CAT_DEVICE_TERMINAL, NULL, error);
}

GBytes *
ea_cat_build_location_status (EaCatService service, EaSpan location, GError **error)
{
  g_auto (EaWriter) objects = { 0 };
  EaCatLocation checked;

  if (location.size > 0 && !ea_cat_parse_location_information (&checked, location, error))
    return NULL;
  ea_writer_init (&objects);
  write_octet (&objects, EA_CAT_TAG_LOCATION_STATUS, TRUE, (guint8) service);
  if (location.size > 0)
    ea_cat_write_object (&objects, EA_CAT_TAG_LOCATION_INFORMATION, TRUE, location);
  return build (EA_CAT_EVENT_LOCATION_STATUS, EA_CAT_DEVICE_TERMINAL, &objects, error);
}

GBytes *
ea_cat_build_data_available (const EaCatChannelStatus *status, gsize n_bytes)
{
  g_auto (EaWriter) objects = { 0 };

  ea_writer_init (&objects);
  write_channel_status (&objects, status);
  write_octet (&objects, EA_CAT_TAG_CHANNEL_DATA_LENGTH, TRUE,
               (guint8) MIN (n_bytes, EA_CAT_CHANNEL_DATA_LENGTH_MAX));
  return build (EA_CAT_EVENT_DATA_AVAILABLE, EA_CAT_DEVICE_TERMINAL, &objects, NULL);
}

GBytes *
ea_cat_build_channel_status_event (const EaCatChannelStatus *status)
{
  g_auto (EaWriter) objects = { 0 };

  ea_writer_init (&objects);
  write_channel_status (&objects, status);
  return build (EA_CAT_EVENT_CHANNEL_STATUS, EA_CAT_DEVICE_TERMINAL, &objects, NULL);
}

GBytes *
ea_cat_build_access_technology_change (EaSpan technologies, GError **error)
{
  g_auto (EaWriter) objects = { 0 };

  if (!ea_cat_check_size (EA_CAT_TAG_ACCESS_TECHNOLOGY, technologies, 1,
                          EA_CAT_ACCESS_TECHNOLOGIES_MAX, error))
    return NULL;
  ea_writer_init (&objects);
  ea_cat_write_object (&objects, EA_CAT_TAG_ACCESS_TECHNOLOGY, FALSE, technologies);
  return build (technologies.size > 1 ? EA_CAT_EVENT_ACCESS_TECHNOLOGIES_CHANGE
                                      : EA_CAT_EVENT_ACCESS_TECHNOLOGY_CHANGE,
                EA_CAT_DEVICE_TERMINAL, &objects, error);
}

/* TS 31.111 §7.5.18: one of three says where. */
static gboolean
check_area (const EaCatNetworkRejection *rejection, GError **error)
{
  EaCatTrackingArea tracking_area;
  EaCatRoutingArea routing_area;
  EaCatLocation location;

  if (rejection->area_tag == EA_CAT_TAG_LOCATION_INFORMATION)
    return ea_cat_parse_location_information (&location, rejection->area, error);
  if (rejection->area_tag == EA_CAT_TAG_ROUTING_AREA_INFORMATION)
    return ea_cat_parse_routing_area (&routing_area, rejection->area, error);
  if (rejection->area_tag == EA_CAT_TAG_TRACKING_AREA_IDENTIFICATION)
    return ea_cat_parse_tracking_area (&tracking_area, rejection->area, error);
  return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, rejection->area.data,
                            "Area of a network rejection has tag %02X, not %02X, %02X or %02X",
                            rejection->area_tag, EA_CAT_TAG_LOCATION_INFORMATION,
                            EA_CAT_TAG_ROUTING_AREA_INFORMATION,
                            EA_CAT_TAG_TRACKING_AREA_IDENTIFICATION);
}

GBytes *
ea_cat_build_network_rejection (const EaCatNetworkRejection *rejection, GError **error)
{
  g_auto (EaWriter) objects = { 0 };

  if (!check_area (rejection, error))
    return NULL;
  ea_writer_init (&objects);
  ea_cat_write_object (&objects, rejection->area_tag, FALSE, rejection->area);
  write_octet (&objects, EA_CAT_TAG_ACCESS_TECHNOLOGY, FALSE, rejection->access_technology);
  write_octet (&objects, EA_CAT_TAG_UPDATE_ATTACH_TYPE, FALSE, rejection->update_attach_type);
  write_octet (&objects, EA_CAT_TAG_REJECTION_CAUSE_CODE, FALSE, rejection->cause);
  return build (EA_CAT_EVENT_NETWORK_REJECTION, EA_CAT_DEVICE_NETWORK, &objects, error);
}
