/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Values of fixed octets in toolkit objects, TS 102 223 §8 and TS 31.111 §8: parsing beside building. */

#include "core/cat-value.h"

#include "core/cat-object.h"
#include "core/error.h"

/* TS 102 221 §8.4: a path begins at the MF */
#define FILE_IDENTIFIER_SIZE 2
#define FILE_IDENTIFIER_MF 0x3F00

/* TS 24.008 §10.5.4.11 */
#define CAUSE_NO_EXTENSION 0x80
#define CAUSE_LOCATION 0x0F
#define CAUSE_VALUE 0x7F

gboolean
ea_cat_parse_command_details (EaCatCommandDetails *out, EaSpan value, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size (EA_CAT_TAG_COMMAND_DETAILS, value, 3, 3, error))
    return FALSE;
  ea_reader_init (&reader, value);
  out->number = ea_reader_u8 (&reader);
  out->type = ea_reader_u8 (&reader);
  out->qualifier = ea_reader_u8 (&reader);
  return TRUE;
}

void
ea_cat_write_command_details (EaWriter *writer, const EaCatCommandDetails *details)
{
  ea_writer_u8 (writer, details->number);
  ea_writer_u8 (writer, details->type);
  ea_writer_u8 (writer, details->qualifier);
}

/* Two octets, which many objects have. */
static gboolean
parse_pair (guint8 *first, guint8 *second, EaCatTag tag, EaSpan value, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size (tag, value, 2, 2, error))
    return FALSE;
  ea_reader_init (&reader, value);
  *first = ea_reader_u8 (&reader);
  *second = ea_reader_u8 (&reader);
  return TRUE;
}

gboolean
ea_cat_parse_device_identities (EaCatDeviceIdentities *out, EaSpan value, GError **error)
{
  return parse_pair (&out->source, &out->destination, EA_CAT_TAG_DEVICE_IDENTITIES, value, error);
}

void
ea_cat_write_device_identities (EaWriter *writer, const EaCatDeviceIdentities *identities)
{
  ea_writer_u8 (writer, identities->source);
  ea_writer_u8 (writer, identities->destination);
}

gboolean
ea_cat_parse_result (EaCatResultValue *out, EaSpan value, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size (EA_CAT_TAG_RESULT, value, 1, EA_TLV_LENGTH_MAX, error))
    return FALSE;
  ea_reader_init (&reader, value);
  out->general = ea_reader_u8 (&reader);
  out->additional = ea_reader_rest (&reader);
  return TRUE;
}

void
ea_cat_write_result (EaWriter *writer, const EaCatResultValue *result)
{
  ea_writer_u8 (writer, result->general);
  ea_writer_bytes (writer, result->additional);
}

gboolean
ea_cat_parse_duration (EaCatDuration *out, EaSpan value, GError **error)
{
  return parse_pair (&out->unit, &out->interval, EA_CAT_TAG_DURATION, value, error);
}

void
ea_cat_write_duration (EaWriter *writer, const EaCatDuration *duration)
{
  ea_writer_u8 (writer, duration->unit);
  ea_writer_u8 (writer, duration->interval);
}

gboolean
ea_cat_parse_item (EaCatItem *out, EaSpan value, GError **error)
{
  EaCatItem item = { .is_null = value.size == 0 };
  EaReader reader;

  ea_reader_init (&reader, value);
  if (!item.is_null)
    item.identifier = ea_reader_u8 (&reader);
  item.text = ea_reader_rest (&reader);
  *out = item;
  return TRUE;
}

void
ea_cat_write_item (EaWriter *writer, const EaCatItem *item)
{
  if (item->is_null)
    return;
  ea_writer_u8 (writer, item->identifier);
  ea_writer_bytes (writer, item->text);
}

gboolean
ea_cat_parse_response_length (EaCatResponseLength *out, EaSpan value, GError **error)
{
  return parse_pair (&out->minimum, &out->maximum, EA_CAT_TAG_RESPONSE_LENGTH, value, error);
}

void
ea_cat_write_response_length (EaWriter *writer, const EaCatResponseLength *length)
{
  ea_writer_u8 (writer, length->minimum);
  ea_writer_u8 (writer, length->maximum);
}

static gboolean
parse_icon (EaCatIcon *out, EaCatTag tag, EaSpan value, gsize max, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size (tag, value, 2, max, error))
    return FALSE;
  ea_reader_init (&reader, value);
  out->qualifier = ea_reader_u8 (&reader);
  out->identifiers = ea_reader_rest (&reader);
  return TRUE;
}

gboolean
ea_cat_parse_icon_identifier (EaCatIcon *out, EaSpan value, GError **error)
{
  return parse_icon (out, EA_CAT_TAG_ICON_IDENTIFIER, value, 2, error);
}

gboolean
ea_cat_parse_item_icon_identifier_list (EaCatIcon *out, EaSpan value, GError **error)
{
  return parse_icon (out, EA_CAT_TAG_ITEM_ICON_IDENTIFIER_LIST, value, EA_TLV_LENGTH_MAX, error);
}

void
ea_cat_write_icon (EaWriter *writer, const EaCatIcon *icon)
{
  ea_writer_u8 (writer, icon->qualifier);
  ea_writer_bytes (writer, icon->identifiers);
}

static gboolean
begins_path (EaReader reader)
{
  return ea_reader_u16be (&reader) == FILE_IDENTIFIER_MF;
}

gboolean
ea_cat_file_list_next (EaReader *reader, EaSpan *path)
{
  EaReader ahead = *reader;

  if (ea_reader_remaining (reader) < FILE_IDENTIFIER_SIZE)
    return FALSE;
  do
    (void) ea_reader_u16be (&ahead);
  while (ea_reader_remaining (&ahead) >= FILE_IDENTIFIER_SIZE && !begins_path (ahead));
  *path = ea_reader_bytes (reader, ea_reader_offset (&ahead) - ea_reader_offset (reader));
  return TRUE;
}

gboolean
ea_cat_parse_file_list (EaCatFileList *out, EaSpan value, GError **error)
{
  EaCatFileList list;
  EaReader reader;
  EaSpan path;
  guint n_found = 0;

  if (!ea_cat_check_size (EA_CAT_TAG_FILE_LIST, value, 1, EA_TLV_LENGTH_MAX, error))
    return FALSE;
  ea_reader_init (&reader, value);
  list.n_files = ea_reader_u8 (&reader);
  list.paths = ea_reader_rest (&reader);
  if (list.paths.size % FILE_IDENTIFIER_SIZE != 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_span_end (value),
                              "File list of %" G_GSIZE_FORMAT
                              " bytes ends with 1 byte of a file identifier of %d",
                              value.size, FILE_IDENTIFIER_SIZE);

  ea_reader_init (&reader, list.paths);
  while (ea_cat_file_list_next (&reader, &path))
    n_found++;
  if (n_found != list.n_files)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, value.data,
                              "File list has %u paths, not %u as it says", n_found, list.n_files);
  *out = list;
  return TRUE;
}

void
ea_cat_write_file_list (EaWriter *writer, const EaCatFileList *list)
{
  ea_writer_u8 (writer, list->n_files);
  ea_writer_bytes (writer, list->paths);
}

gboolean
ea_cat_parse_text_attribute (EaCatTextAttribute *out, EaSpan value, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size (EA_CAT_TAG_TEXT_ATTRIBUTE, value, EA_CAT_TEXT_ATTRIBUTE_SIZE_MIN,
                          EA_CAT_TEXT_ATTRIBUTE_SIZE, error))
    return FALSE;
  ea_reader_init (&reader, value);
  out->start = ea_reader_u8 (&reader);
  out->length = ea_reader_u8 (&reader);
  out->mode = ea_reader_u8 (&reader);
  out->has_colour = value.size == EA_CAT_TEXT_ATTRIBUTE_SIZE;
  out->colour = out->has_colour ? ea_reader_u8 (&reader) : 0;
  return TRUE;
}

void
ea_cat_write_text_attribute (EaWriter *writer, const EaCatTextAttribute *attribute)
{
  ea_writer_u8 (writer, attribute->start);
  ea_writer_u8 (writer, attribute->length);
  ea_writer_u8 (writer, attribute->mode);
  if (attribute->has_colour)
    ea_writer_u8 (writer, attribute->colour);
}

gboolean
ea_cat_parse_display_parameters (EaCatDisplayParameters *out, EaSpan value, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size (EA_CAT_TAG_DISPLAY_PARAMETERS, value, 3, 3, error))
    return FALSE;
  ea_reader_init (&reader, value);
  out->height = ea_reader_u8 (&reader);
  out->width = ea_reader_u8 (&reader);
  out->effects = ea_reader_u8 (&reader);
  return TRUE;
}

void
ea_cat_write_display_parameters (EaWriter *writer, const EaCatDisplayParameters *parameters)
{
  ea_writer_u8 (writer, parameters->height);
  ea_writer_u8 (writer, parameters->width);
  ea_writer_u8 (writer, parameters->effects);
}

gboolean
ea_cat_parse_cause (EaCatCause *out, EaSpan value, GError **error)
{
  EaCatCause cause = { .is_radio_link_timeout = value.size == 0 };
  EaReader reader;

  ea_reader_init (&reader, value);
  if (!cause.is_radio_link_timeout)
    {
      cause.coding = ea_reader_u8 (&reader);
      cause.has_recommendation = (cause.coding & CAUSE_NO_EXTENSION) == 0;
      cause.recommendation = cause.has_recommendation ? ea_reader_u8 (&reader) : 0;
      cause.location = cause.coding & CAUSE_LOCATION;
      cause.value = ea_reader_u8 (&reader) & CAUSE_VALUE;
      cause.diagnostics = ea_reader_rest (&reader);
    }
  if (!ea_reader_is_ok (&reader))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_span_end (value),
                              "Cause of %" G_GSIZE_FORMAT " bytes ends before its cause value",
                              value.size);
  *out = cause;
  return TRUE;
}

void
ea_cat_write_cause (EaWriter *writer, const EaCatCause *cause)
{
  if (cause->is_radio_link_timeout)
    return;
  ea_writer_u8 (writer, cause->coding);
  if (cause->has_recommendation)
    ea_writer_u8 (writer, cause->recommendation);
  ea_writer_u8 (writer, cause->value | CAUSE_NO_EXTENSION);
  ea_writer_bytes (writer, cause->diagnostics);
}

gboolean
ea_cat_parse_geographical_location_parameters (EaCatGeographicalLocationParameters *out,
                                               EaSpan value, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size (EA_CAT_TAG_GEOGRAPHICAL_LOCATION_PARAMETERS, value, 6, 6, error))
    return FALSE;
  ea_reader_init (&reader, value);
  out->horizontal_accuracy = ea_reader_u8 (&reader);
  out->vertical_coordinate = ea_reader_u8 (&reader);
  out->velocity = ea_reader_u8 (&reader);
  out->gad_shapes = ea_reader_u8 (&reader);
  out->nmea_sentences = ea_reader_u8 (&reader);
  out->response_time = ea_reader_u8 (&reader);
  return TRUE;
}

void
ea_cat_write_geographical_location_parameters (
    EaWriter *writer, const EaCatGeographicalLocationParameters *parameters)
{
  ea_writer_u8 (writer, parameters->horizontal_accuracy);
  ea_writer_u8 (writer, parameters->vertical_coordinate);
  ea_writer_u8 (writer, parameters->velocity);
  ea_writer_u8 (writer, parameters->gad_shapes);
  ea_writer_u8 (writer, parameters->nmea_sentences);
  ea_writer_u8 (writer, parameters->response_time);
}

gboolean
ea_cat_parse_kind_and_data (EaCatKindAndData *out, guint32 tag, EaSpan value, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size ((EaCatTag) tag, value, 1, EA_TLV_LENGTH_MAX, error))
    return FALSE;
  ea_reader_init (&reader, value);
  out->kind = ea_reader_u8 (&reader);
  out->data = ea_reader_rest (&reader);
  return TRUE;
}

void
ea_cat_write_kind_and_data (EaWriter *writer, const EaCatKindAndData *object)
{
  ea_writer_u8 (writer, object->kind);
  ea_writer_bytes (writer, object->data);
}
