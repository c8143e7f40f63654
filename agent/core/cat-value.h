/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * Values of toolkit objects that are a few fixed octets: see core/cat-object.h for the common contract.
 * Spans borrow from the value.
 */

/* Device identities, TS 102 223 §8.7; channel N is %EA_CAT_DEVICE_CHANNEL_1 + N - 1. */
#define EA_CAT_DEVICE_KEYPAD 0x01
#define EA_CAT_DEVICE_DISPLAY 0x02
#define EA_CAT_DEVICE_EARPIECE 0x03
#define EA_CAT_DEVICE_CHANNEL_1 0x21
#define EA_CAT_DEVICE_CHANNEL_7 0x27
#define EA_CAT_DEVICE_UICC 0x81
#define EA_CAT_DEVICE_TERMINAL 0x82
#define EA_CAT_DEVICE_NETWORK 0x83

/* TS 102 223 §8.6 */
typedef struct
{
  guint8 number;
  guint8 type;
  guint8 qualifier;
} EaCatCommandDetails;

gboolean ea_cat_parse_command_details (EaCatCommandDetails *out, EaSpan value, GError **error);
void ea_cat_write_command_details (EaWriter *writer, const EaCatCommandDetails *details);

/* TS 102 223 §8.7 */
typedef struct
{
  guint8 source;
  guint8 destination;
} EaCatDeviceIdentities;

gboolean ea_cat_parse_device_identities (EaCatDeviceIdentities *out, EaSpan value, GError **error);
void ea_cat_write_device_identities (EaWriter *writer, const EaCatDeviceIdentities *identities);

/* TS 102 223 §8.12: general result and what comes after it. */
typedef struct
{
  guint8 general;
  EaSpan additional;
} EaCatResultValue;

gboolean ea_cat_parse_result (EaCatResultValue *out, EaSpan value, GError **error);
void ea_cat_write_result (EaWriter *writer, const EaCatResultValue *result);

/* TS 102 223 §8.8 */
typedef enum
{
  EA_CAT_DURATION_MINUTES = 0x00,
  EA_CAT_DURATION_SECONDS = 0x01,
  EA_CAT_DURATION_TENTHS = 0x02,
} EaCatDurationUnit;

/**
 * EaCatDuration:
 * @unit: EaCatDurationUnit, or a reserved value
 * @interval: 1 to 255 of them
 */
typedef struct
{
  guint8 unit;
  guint8 interval;
} EaCatDuration;

gboolean ea_cat_parse_duration (EaCatDuration *out, EaSpan value, GError **error);
void ea_cat_write_duration (EaWriter *writer, const EaCatDuration *duration);

/* TS 102 223 §8.9: @text is coded as an alpha identifier. A menu is removed with an item of no bytes:
 * then the item has no identifier (0) and no text. */
typedef struct
{
  gboolean is_null;
  guint8 identifier;
  EaSpan text;
} EaCatItem;

gboolean ea_cat_parse_item (EaCatItem *out, EaSpan value, GError **error);
void ea_cat_write_item (EaWriter *writer, const EaCatItem *item);

/* TS 102 223 §8.11: characters */
typedef struct
{
  guint8 minimum;
  guint8 maximum;
} EaCatResponseLength;

gboolean ea_cat_parse_response_length (EaCatResponseLength *out, EaSpan value, GError **error);
void ea_cat_write_response_length (EaWriter *writer, const EaCatResponseLength *length);

/**
 * EaCatIcon:
 * @qualifier: bit 1: the icon is not self-explanatory, show the text with it
 *
 * TS 102 223 §8.31; also the head of §8.32, whose @identifiers are one for each item.
 */
#define EA_CAT_ICON_NOT_SELF_EXPLANATORY 0x01

typedef struct
{
  guint8 qualifier;
  EaSpan identifiers;
} EaCatIcon;

gboolean ea_cat_parse_icon_identifier (EaCatIcon *out, EaSpan value, GError **error);
gboolean ea_cat_parse_item_icon_identifier_list (EaCatIcon *out, EaSpan value, GError **error);
void ea_cat_write_icon (EaWriter *writer, const EaCatIcon *icon);

/* TS 102 223 §8.18: @paths are file identifiers, each path from the MF (3F00) on. */
typedef struct
{
  guint8 n_files;
  EaSpan paths;
} EaCatFileList;

/* Errors: also EA_CORE_ERROR_MALFORMED when there are not @n_files paths, or half an identifier. */
gboolean ea_cat_parse_file_list (EaCatFileList *out, EaSpan value, GError **error);
void ea_cat_write_file_list (EaWriter *writer, const EaCatFileList *list);

/* The next path of @reader, which began with the list's paths; FALSE at the end. */
gboolean ea_cat_file_list_next (EaReader *reader, EaSpan *path);

/* TS 102 223 §8.72: positions and lengths in characters; TS 23.040 §9.2.3.24.10.1.1 for the others. The
 * colour may be left out. */
typedef struct
{
  guint8 start;
  guint8 length;
  guint8 mode;
  gboolean has_colour;
  guint8 colour;
} EaCatTextAttribute;

#define EA_CAT_TEXT_ATTRIBUTE_SIZE_MIN 3 /* without a colour */
#define EA_CAT_TEXT_ATTRIBUTE_SIZE 4

gboolean ea_cat_parse_text_attribute (EaCatTextAttribute *out, EaSpan value, GError **error);
void ea_cat_write_text_attribute (EaWriter *writer, const EaCatTextAttribute *attribute);

/**
 * EaCatDisplayParameters:
 * @height: characters, bit 8 tells that sizing is supported; see TS 102 223 §8.62
 */
typedef struct
{
  guint8 height;
  guint8 width;
  guint8 effects;
} EaCatDisplayParameters;

gboolean ea_cat_parse_display_parameters (EaCatDisplayParameters *out, EaSpan value,
                                          GError **error);
void ea_cat_write_display_parameters (EaWriter *writer, const EaCatDisplayParameters *parameters);

/**
 * EaCatCause:
 * @is_radio_link_timeout: the object has no value
 * @location: who tells it, TS 24.008 §10.5.4.11
 * @value: cause value, 0 to 127
 * @diagnostics: what comes after it
 *
 * Cause, TS 102 223 §8.26. @coding holds the first octet, @recommendation the second one where there is.
 */
typedef struct
{
  gboolean is_radio_link_timeout;
  guint8 coding;
  gboolean has_recommendation;
  guint8 recommendation;
  guint8 location;
  guint8 value;
  EaSpan diagnostics;
} EaCatCause;

gboolean ea_cat_parse_cause (EaCatCause *out, EaSpan value, GError **error);
void ea_cat_write_cause (EaWriter *writer, const EaCatCause *cause);

/* TS 31.111 §8.94 */
typedef struct
{
  guint8 horizontal_accuracy;
  guint8 vertical_coordinate;
  guint8 velocity;
  guint8 gad_shapes;
  guint8 nmea_sentences;
  guint8 response_time;
} EaCatGeographicalLocationParameters;

gboolean ea_cat_parse_geographical_location_parameters (EaCatGeographicalLocationParameters *out,
                                                        EaSpan value, GError **error);
void ea_cat_write_geographical_location_parameters (
    EaWriter *writer, const EaCatGeographicalLocationParameters *parameters);

/* Objects of a kind of bearer, or of a coding, and bytes that it defines: service record (whose @data begin
 * with the service identifier), device filter, service search, attribute information, remote entity address;
 * TS 102 223 §8.63 to §8.68. */
typedef struct
{
  guint8 kind;
  EaSpan data;
} EaCatKindAndData;

gboolean ea_cat_parse_kind_and_data (EaCatKindAndData *out, guint32 tag, EaSpan value,
                                     GError **error);
void ea_cat_write_kind_and_data (EaWriter *writer, const EaCatKindAndData *object);
