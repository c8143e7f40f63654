/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string.h>

#include "core/cat-bearer.h"
#include "core/cat-location.h"
#include "core/cat-number.h"
#include "core/cat-object.h"
#include "core/cat-value.h"

/*
 * Every toolkit object that has a parser and a writer: one function for each that reads a value and writes
 * what it read. For unit tests and fuzz targets.
 */

#define CAT_NOUN_POISON 0xA5

/**
 * CatRewriteFunc:
 * @is_untouched: (out): on failure: the output is as it was before
 */
typedef gboolean (*CatRewriteFunc) (EaSpan value, EaWriter *writer, gboolean *is_untouched,
                                    GError **error);

static inline gboolean
cat_noun_is_poisoned (const void *memory, gsize size)
{
  EaReader reader;

  ea_reader_init (&reader, ea_span_init (memory, size));
  while (ea_reader_remaining (&reader) > 0)
    if (ea_reader_u8 (&reader) != CAT_NOUN_POISON)
      return FALSE;
  return TRUE;
}

#define CAT_NOUN(Type, parse, write)                                                               \
  static inline gboolean cat_rewrite_##parse (EaSpan value, EaWriter *writer,                      \
                                              gboolean *is_untouched, GError **error)              \
  {                                                                                                \
    Type noun;                                                                                     \
                                                                                                   \
    memset (&noun, CAT_NOUN_POISON, sizeof noun);                                                  \
    if (ea_cat_parse_##parse (&noun, value, error))                                                \
      {                                                                                            \
        ea_cat_write_##write (writer, &noun);                                                      \
        return TRUE;                                                                               \
      }                                                                                            \
    *is_untouched = cat_noun_is_poisoned (&noun, sizeof noun);                                     \
    return FALSE;                                                                                  \
  }

CAT_NOUN (EaCatCommandDetails, command_details, command_details)
CAT_NOUN (EaCatDeviceIdentities, device_identities, device_identities)
CAT_NOUN (EaCatResultValue, result, result)
CAT_NOUN (EaCatDuration, duration, duration)
CAT_NOUN (EaCatAddress, address, address)
CAT_NOUN (EaCatAddress, ss_string, address)
CAT_NOUN (EaCatItem, item, item)
CAT_NOUN (EaCatResponseLength, response_length, response_length)
CAT_NOUN (EaCatFileList, file_list, file_list)
CAT_NOUN (EaCatLocation, location_information, location_information)
CAT_NOUN (EaCatEquipmentIdentity, imei, imei)
CAT_NOUN (EaCatEquipmentIdentity, imeisv, imeisv)
CAT_NOUN (EaCatCause, cause, cause)
CAT_NOUN (EaCatIcon, icon_identifier, icon)
CAT_NOUN (EaCatIcon, item_icon_identifier_list, icon)
CAT_NOUN (EaCatTimerValue, timer_value, timer_value)
CAT_NOUN (EaCatDateTime, date_time, date_time)
CAT_NOUN (EaCatTimingAdvance, timing_advance, timing_advance)
CAT_NOUN (EaCatBearerDescription, bearer_description, bearer_description)
CAT_NOUN (EaCatChannelStatus, channel_status, channel_status)
CAT_NOUN (EaCatTransport, transport, transport)
CAT_NOUN (EaCatOtherAddress, other_address, other_address)
CAT_NOUN (EaCatOtherAddress, dns_server_address, other_address)
CAT_NOUN (EaCatDisplayParameters, display_parameters, display_parameters)
CAT_NOUN (EaCatTextAttribute, text_attribute, text_attribute)
CAT_NOUN (EaCatRoutingArea, routing_area, routing_area)
CAT_NOUN (EaCatTrackingArea, tracking_area, tracking_area)
CAT_NOUN (EaCatGeographicalLocationParameters, geographical_location_parameters,
          geographical_location_parameters)

static const struct
{
  guint32 tag;
  CatRewriteFunc rewrite;
} cat_nouns[] = {
  { EA_CAT_TAG_COMMAND_DETAILS, cat_rewrite_command_details },
  { EA_CAT_TAG_DEVICE_IDENTITIES, cat_rewrite_device_identities },
  { EA_CAT_TAG_RESULT, cat_rewrite_result },
  { EA_CAT_TAG_DURATION, cat_rewrite_duration },
  { EA_CAT_TAG_ADDRESS, cat_rewrite_address },
  { EA_CAT_TAG_SS_STRING, cat_rewrite_ss_string },
  { EA_CAT_TAG_ITEM, cat_rewrite_item },
  { EA_CAT_TAG_RESPONSE_LENGTH, cat_rewrite_response_length },
  { EA_CAT_TAG_FILE_LIST, cat_rewrite_file_list },
  { EA_CAT_TAG_LOCATION_INFORMATION, cat_rewrite_location_information },
  { EA_CAT_TAG_IMEI, cat_rewrite_imei },
  { EA_CAT_TAG_CAUSE, cat_rewrite_cause },
  { EA_CAT_TAG_ICON_IDENTIFIER, cat_rewrite_icon_identifier },
  { EA_CAT_TAG_ITEM_ICON_IDENTIFIER_LIST, cat_rewrite_item_icon_identifier_list },
  { EA_CAT_TAG_TIMER_VALUE, cat_rewrite_timer_value },
  { EA_CAT_TAG_DATE_TIME_AND_TIME_ZONE, cat_rewrite_date_time },
  { EA_CAT_TAG_TIMING_ADVANCE, cat_rewrite_timing_advance },
  { EA_CAT_TAG_BEARER_DESCRIPTION, cat_rewrite_bearer_description },
  { EA_CAT_TAG_CHANNEL_STATUS, cat_rewrite_channel_status },
  { EA_CAT_TAG_TRANSPORT_LEVEL, cat_rewrite_transport },
  { EA_CAT_TAG_OTHER_ADDRESS, cat_rewrite_other_address },
  { EA_CAT_TAG_DNS_SERVER_ADDRESS, cat_rewrite_dns_server_address },
  { EA_CAT_TAG_DISPLAY_PARAMETERS, cat_rewrite_display_parameters },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, cat_rewrite_text_attribute },
  { EA_CAT_TAG_IMEISV, cat_rewrite_imeisv },
  { EA_CAT_TAG_ROUTING_AREA_INFORMATION, cat_rewrite_routing_area },
  { EA_CAT_TAG_GEOGRAPHICAL_LOCATION_PARAMETERS, cat_rewrite_geographical_location_parameters },
  { EA_CAT_TAG_TRACKING_AREA_IDENTIFICATION, cat_rewrite_tracking_area },
};
