/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the terminal is, in toolkit objects: TS 31.111 §8.19, §8.46, §8.91, §8.99. */

#include "core/cat-location.h"

#include "core/cat-object.h"
#include "core/error.h"

#define DIGIT_NONE 0x0F

/* TS 31.111 §8.19: octets of the whole value */
#define LOCATION_SIZE_AREA 5
#define LOCATION_SIZE_CELL 7
#define LOCATION_SIZE_EXTENDED_CELL 9
#define LOCATION_SIZE_NG_RAN 11

static const char hex_digits[] = "0123456789ABCDEF";

void
ea_cat_read_plmn (EaCatPlmn *out, EaReader *reader)
{
  guint8 first = ea_reader_u8 (reader);
  guint8 second = ea_reader_u8 (reader);
  guint8 third = ea_reader_u8 (reader);

  *out = (EaCatPlmn){
    .mcc = { hex_digits[first & 0x0F], hex_digits[first >> 4], hex_digits[second & 0x0F], '\0' },
    .mnc = { hex_digits[third & 0x0F], hex_digits[third >> 4],
             second >> 4 == DIGIT_NONE ? '\0' : hex_digits[second >> 4], '\0' },
  };
}

static guint8
get_digit (char digit)
{
  int value = g_ascii_xdigit_value (digit);

  return value < 0 ? DIGIT_NONE : (guint8) value;
}

void
ea_cat_write_plmn (EaWriter *writer, const EaCatPlmn *plmn)
{
  ea_writer_u8 (writer, (guint8) (get_digit (plmn->mcc[1]) << 4 | get_digit (plmn->mcc[0])));
  ea_writer_u8 (writer, (guint8) (get_digit (plmn->mnc[2]) << 4 | get_digit (plmn->mcc[2])));
  ea_writer_u8 (writer, (guint8) (get_digit (plmn->mnc[1]) << 4 | get_digit (plmn->mnc[0])));
}

gboolean
ea_cat_parse_location_information (EaCatLocation *out, EaSpan value, GError **error)
{
  EaCatLocation location = { .is_ng_ran = value.size == LOCATION_SIZE_NG_RAN };
  EaReader reader;

  ea_reader_init (&reader, value);
  ea_cat_read_plmn (&location.plmn, &reader);
  if (location.is_ng_ran)
    {
      location.area_code = ea_reader_u24be (&reader);
      location.nr_cell = (guint64) ea_reader_u8 (&reader) << 32;
      location.nr_cell |= ea_reader_u32be (&reader);
    }
  else
    location.area_code = ea_reader_u16be (&reader);
  location.has_cell = value.size == LOCATION_SIZE_CELL || value.size == LOCATION_SIZE_EXTENDED_CELL;
  if (location.has_cell)
    location.cell = ea_reader_u16be (&reader);
  location.has_extended_cell = value.size == LOCATION_SIZE_EXTENDED_CELL;
  if (location.has_extended_cell)
    location.extended_cell = ea_reader_u16be (&reader);
  if (!ea_reader_done (&reader))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, value.data,
                              "Value of location information has %" G_GSIZE_FORMAT
                              " bytes, not 5, 7, 9 or 11",
                              value.size);
  *out = location;
  return TRUE;
}

void
ea_cat_write_location_information (EaWriter *writer, const EaCatLocation *location)
{
  ea_cat_write_plmn (writer, &location->plmn);
  if (location->is_ng_ran)
    {
      ea_writer_u24be (writer, location->area_code);
      ea_writer_u8 (writer, (guint8) (location->nr_cell >> 32));
      ea_writer_u32be (writer, (guint32) location->nr_cell);
    }
  else
    ea_writer_u16be (writer, (guint16) location->area_code);
  if (location->has_cell)
    ea_writer_u16be (writer, location->cell);
  if (location->has_extended_cell)
    ea_writer_u16be (writer, location->extended_cell);
}

gboolean
ea_cat_parse_routing_area (EaCatRoutingArea *out, EaSpan value, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size (EA_CAT_TAG_ROUTING_AREA_INFORMATION, value, 6, 6, error))
    return FALSE;
  ea_reader_init (&reader, value);
  ea_cat_read_plmn (&out->plmn, &reader);
  out->location_area_code = ea_reader_u16be (&reader);
  out->routing_area_code = ea_reader_u8 (&reader);
  return TRUE;
}

void
ea_cat_write_routing_area (EaWriter *writer, const EaCatRoutingArea *area)
{
  ea_cat_write_plmn (writer, &area->plmn);
  ea_writer_u16be (writer, area->location_area_code);
  ea_writer_u8 (writer, area->routing_area_code);
}

gboolean
ea_cat_parse_tracking_area (EaCatTrackingArea *out, EaSpan value, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size (EA_CAT_TAG_TRACKING_AREA_IDENTIFICATION, value, 5, 6, error))
    return FALSE;
  ea_reader_init (&reader, value);
  ea_cat_read_plmn (&out->plmn, &reader);
  out->is_5gs = value.size == 6;
  out->tracking_area_code = out->is_5gs ? ea_reader_u24be (&reader) : ea_reader_u16be (&reader);
  return TRUE;
}

void
ea_cat_write_tracking_area (EaWriter *writer, const EaCatTrackingArea *area)
{
  ea_cat_write_plmn (writer, &area->plmn);
  if (area->is_5gs)
    ea_writer_u24be (writer, area->tracking_area_code);
  else
    ea_writer_u16be (writer, (guint16) area->tracking_area_code);
}

gboolean
ea_cat_parse_timing_advance (EaCatTimingAdvance *out, EaSpan value, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size (EA_CAT_TAG_TIMING_ADVANCE, value, 2, 2, error))
    return FALSE;
  ea_reader_init (&reader, value);
  out->mobility_state = ea_reader_u8 (&reader);
  out->timing_advance = ea_reader_u8 (&reader);
  return TRUE;
}

void
ea_cat_write_timing_advance (EaWriter *writer, const EaCatTimingAdvance *advance)
{
  ea_writer_u8 (writer, advance->mobility_state);
  ea_writer_u8 (writer, advance->timing_advance);
}
