/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Objects of the bearer independent protocol and of places, as the microscope shows them. */

#include "core/cat-bearer.h"
#include "core/cat-location.h"
#include "core/cat-name.h"
#include "core/cat-value.h"
#include "core/error.h"
#include "ctl/decode-cat-private.h"

gboolean
ea_decode_add_bearer (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                      GError **error)
{
  EaCatBearerDescription bearer;
  const EaCatBearerField *fields;
  EaReader reader;
  gsize n_fields;

  if (!ea_cat_parse_bearer_description (&bearer, value, error))
    return FALSE;
  ea_view_begin_object (view, key);
  ea_view_add_named (view, "type", bearer.type,
                     ea_cat_get_name (EA_CAT_NAMES_BEARER_TYPE, bearer.type));
  if (bearer.parameters.size > 0)
    ea_view_add_bytes_here (view, "parameters", bearer.parameters);
  fields = ea_cat_get_bearer_fields (&bearer, &n_fields);
  ea_reader_init (&reader, bearer.parameters);
  for (gsize i = 0; i < n_fields; i++)
    ea_view_add_number (view, fields[i].name,
                        fields[i].size == 1 ? ea_reader_u8 (&reader) : ea_reader_u16be (&reader));
  ea_view_end_object (view);
  return TRUE;
}

gboolean
ea_decode_add_transport (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                         GError **error)
{
  EaCatTransport transport;

  if (!ea_cat_parse_transport (&transport, value, error))
    return FALSE;
  ea_view_begin_object (view, key);
  ea_view_add_named (view, "protocol", transport.protocol,
                     ea_cat_get_name (EA_CAT_NAMES_TRANSPORT_PROTOCOL, transport.protocol));
  ea_view_at (view, ea_span_tail (value, 1));
  ea_view_add_number (view, "port", transport.port);
  ea_view_end_object (view);
  return TRUE;
}

/* Without a value, a dynamic address is wanted: an object without keys. */
gboolean
ea_decode_add_ip_address (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                          GError **error)
{
  g_autofree char *text = NULL;
  EaCatOtherAddress address;
  gboolean is_read = row->tag == EA_CAT_TAG_OTHER_ADDRESS
                         ? ea_cat_parse_other_address (&address, value, error)
                         : ea_cat_parse_dns_server_address (&address, value, error);

  if (!is_read)
    return FALSE;
  text = ea_cat_other_address_to_text (&address);
  ea_view_begin_object (view, key);
  if (text != NULL)
    {
      ea_view_add_named (view, "family", address.family,
                         ea_cat_get_name (EA_CAT_NAMES_ADDRESS_FAMILY, address.family));
      ea_view_at (view, address.address);
      ea_view_add_string (view, "address", text);
    }
  ea_view_end_object (view);
  return TRUE;
}

gboolean
ea_decode_add_access_name (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                           GError **error)
{
  g_autofree char *name = ea_cat_parse_network_access_name (value, error);

  if (name == NULL)
    return FALSE;
  ea_view_add_string (view, key, name);
  return TRUE;
}

gboolean
ea_decode_add_channel_status (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                              GError **error)
{
  EaCatChannelStatus status;

  if (!ea_cat_parse_channel_status (&status, value, error))
    return FALSE;
  ea_view_begin_object (view, key);
  ea_view_add_number (view, "channel", status.channel);
  ea_view_add_boolean (view, "established", status.is_established);
  ea_view_add_boolean (view, "listening", status.is_listening);
  ea_view_at (view, ea_span_tail (value, 1));
  ea_view_add_named (view, "information", status.information,
                     ea_cat_get_name (EA_CAT_NAMES_CHANNEL_INFORMATION, status.information));
  ea_view_end_object (view);
  return TRUE;
}

static void
add_plmn (EaView *view, const EaCatPlmn *plmn)
{
  ea_view_add_string (view, "mcc", plmn->mcc);
  ea_view_add_string (view, "mnc", plmn->mnc);
}

gboolean
ea_decode_add_location (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                        GError **error)
{
  EaCatLocation location;

  if (!ea_cat_parse_location_information (&location, value, error))
    return FALSE;
  ea_view_begin_object (view, key);
  add_plmn (view, &location.plmn);
  ea_view_at (view, ea_span_tail (value, EA_CAT_PLMN_SIZE));
  ea_view_add_number (view, "lac_tac", location.area_code);
  if (location.has_cell)
    ea_view_add_number (view, "cell_id", location.cell);
  if (location.has_extended_cell)
    ea_view_add_number (view, "extended_cell_id", location.extended_cell);
  if (location.is_ng_ran)
    ea_view_add_number (view, "nr_cell_id", location.nr_cell);
  ea_view_end_object (view);
  return TRUE;
}

gboolean
ea_decode_add_routing_area (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                            GError **error)
{
  EaCatRoutingArea area;

  if (!ea_cat_parse_routing_area (&area, value, error))
    return FALSE;
  ea_view_begin_object (view, key);
  add_plmn (view, &area.plmn);
  ea_view_add_number (view, "lac", area.location_area_code);
  ea_view_add_number (view, "rac", area.routing_area_code);
  ea_view_end_object (view);
  return TRUE;
}

gboolean
ea_decode_add_tracking_area (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                             GError **error)
{
  EaCatTrackingArea area;

  if (!ea_cat_parse_tracking_area (&area, value, error))
    return FALSE;
  ea_view_begin_object (view, key);
  add_plmn (view, &area.plmn);
  ea_view_add_number (view, "tac", area.tracking_area_code);
  ea_view_end_object (view);
  return TRUE;
}

/* A list of PLMNs; with @has_access_technology each has two octets of access technologies after it. */
static gboolean
add_plmns (EaView *view, const char *key, EaSpan value, gboolean has_access_technology)
{
  EaReader reader;

  ea_reader_init (&reader, value);
  ea_view_begin_list (view, key);
  while (ea_reader_remaining (&reader) > 0)
    {
      EaCatPlmn plmn;

      ea_view_begin_object (view, NULL);
      ea_cat_read_plmn (&plmn, &reader);
      add_plmn (view, &plmn);
      if (has_access_technology)
        ea_view_add_bytes (view, "access_technology", ea_reader_bytes (&reader, 2));
      ea_view_end_object (view);
      if (!ea_reader_is_ok (&reader))
        break;
    }
  ea_view_end_list (view);
  return ea_reader_done (&reader);
}

static gboolean
fail_multiple (guint32 tag, EaSpan value, guint size, GError **error)
{
  return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, value.data,
                            "Value of %s has %" G_GSIZE_FORMAT " bytes, no multiple of %u",
                            ea_cat_get_tag_name (tag), value.size, size);
}

gboolean
ea_decode_add_plmn_list (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                         GError **error)
{
  return add_plmns (view, key, value, FALSE)
         || fail_multiple (row->tag, value, EA_CAT_PLMN_SIZE, error);
}

gboolean
ea_decode_add_plmn_access_list (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                                GError **error)
{
  return add_plmns (view, key, value, TRUE)
         || fail_multiple (row->tag, value, EA_CAT_PLMN_WITH_ACCESS_TECHNOLOGY_SIZE, error);
}

gboolean
ea_decode_add_timing_advance (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                              GError **error)
{
  EaCatTimingAdvance advance;

  if (!ea_cat_parse_timing_advance (&advance, value, error))
    return FALSE;
  ea_view_begin_object (view, key);
  ea_view_add_named (view, "mobility_state", advance.mobility_state,
                     ea_cat_get_name (EA_CAT_NAMES_MOBILITY_STATE, advance.mobility_state));
  ea_view_add_number (view, "timing_advance", advance.timing_advance);
  ea_view_end_object (view);
  return TRUE;
}

gboolean
ea_decode_add_location_parameters (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                                   GError **error)
{
  EaCatGeographicalLocationParameters parameters;

  if (!ea_cat_parse_geographical_location_parameters (&parameters, value, error))
    return FALSE;
  ea_view_begin_object (view, key);
  ea_view_add_number (view, "horizontal_accuracy", parameters.horizontal_accuracy);
  ea_view_add_number (view, "vertical_coordinate", parameters.vertical_coordinate);
  ea_view_add_number (view, "velocity", parameters.velocity);
  ea_view_add_number (view, "gad_shapes", parameters.gad_shapes);
  ea_view_add_number (view, "nmea_sentences", parameters.nmea_sentences);
  ea_view_add_number (view, "response_time", parameters.response_time);
  ea_view_end_object (view);
  return TRUE;
}
