/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The data objects of the toolkit by tag: TS 101 220 §7.2 has the numbers, TS 102 223 §8 and TS 31.111 §8
 * define what is in them.
 */

#include "core/cat-object.h"

#include "core/error.h"

static const struct
{
  guint32 tag;
  const char *name;
  const char *clause;
} objects[] = {
  { EA_CAT_TAG_COMMAND_DETAILS, "command details", "TS 102 223 §8.6" },
  { EA_CAT_TAG_DEVICE_IDENTITIES, "device identities", "TS 102 223 §8.7" },
  { EA_CAT_TAG_RESULT, "result", "TS 102 223 §8.12" },
  { EA_CAT_TAG_DURATION, "duration", "TS 102 223 §8.8" },
  { EA_CAT_TAG_ALPHA_IDENTIFIER, "alpha identifier", "TS 102 223 §8.2" },
  { EA_CAT_TAG_ADDRESS, "address", "TS 102 223 §8.1" },
  { EA_CAT_TAG_CAPABILITY_CONFIGURATION_PARAMETERS, "capability configuration parameters",
    "TS 102 223 §8.4" },
  { EA_CAT_TAG_SUBADDRESS, "subaddress", "TS 102 223 §8.3" },
  { EA_CAT_TAG_SS_STRING, "SS string", "TS 31.111 §8.14" },
  { EA_CAT_TAG_BSSID, "BSSID", "TS 101 220 §7.2" },
  { EA_CAT_TAG_PLMN_ID, "PLMN ID", "TS 101 220 §7.2" },
  { EA_CAT_TAG_USSD_STRING, "USSD string", "TS 31.111 §8.17" },
  { EA_CAT_TAG_IP_ADDRESS_LIST, "IP address list", "TS 101 220 §7.2" },
  { EA_CAT_TAG_HESSID, "HESSID", "TS 101 220 §7.2" },
  { EA_CAT_TAG_SMS_TPDU, "SMS TPDU", "TS 31.111 §8.13" },
  { EA_CAT_TAG_SURROUNDING_MACROCELLS, "surrounding macrocells", "TS 101 220 §7.2" },
  { EA_CAT_TAG_PDP_PDN_PDU_TYPE, "PDP/PDN/PDU type", "TS 101 220 §7.2" },
  { EA_CAT_TAG_CELL_BROADCAST_PAGE, "cell broadcast page", "TS 31.111 §8.5" },
  { EA_CAT_TAG_TEXT_STRING, "text string", "TS 102 223 §8.15" },
  { EA_CAT_TAG_TONE, "tone", "TS 102 223 §8.16" },
  { EA_CAT_TAG_ECAT_CLIENT_PROFILE, "eCAT client profile", "TS 101 220 §7.2" },
  { EA_CAT_TAG_ITEM, "item", "TS 102 223 §8.9" },
  { EA_CAT_TAG_ECAT_CLIENT_IDENTITY, "eCAT client identity", "TS 101 220 §7.2" },
  { EA_CAT_TAG_ITEM_IDENTIFIER, "item identifier", "TS 102 223 §8.10" },
  { EA_CAT_TAG_ENCAPSULATED_ENVELOPE_TYPE, "encapsulated envelope type", "TS 101 220 §7.2" },
  { EA_CAT_TAG_RESPONSE_LENGTH, "response length", "TS 102 223 §8.11" },
  { EA_CAT_TAG_CALL_CONTROL_RESULT, "call control result", "TS 101 220 §7.2" },
  { EA_CAT_TAG_FILE_LIST, "file list", "TS 102 223 §8.18" },
  { EA_CAT_TAG_CAT_SERVICE_LIST, "CAT service list", "TS 101 220 §7.2" },
  { EA_CAT_TAG_LOCATION_INFORMATION, "location information", "TS 102 223 §8.19" },
  { EA_CAT_TAG_IMEI, "IMEI", "TS 102 223 §8.20" },
  { EA_CAT_TAG_HELP_REQUEST, "help request", "TS 102 223 §8.21" },
  { EA_CAT_TAG_NETWORK_MEASUREMENT_RESULTS, "network measurement results", "TS 102 223 §8.22" },
  { EA_CAT_TAG_DEFAULT_TEXT, "default text", "TS 102 223 §8.23" },
  { EA_CAT_TAG_ITEMS_NEXT_ACTION_INDICATOR, "items next action indicator", "TS 102 223 §8.24" },
  { EA_CAT_TAG_EVENT_LIST, "event list", "TS 102 223 §8.25" },
  { EA_CAT_TAG_CAUSE, "cause", "TS 102 223 §8.26" },
  { EA_CAT_TAG_LOCATION_STATUS, "location status", "TS 102 223 §8.27" },
  { EA_CAT_TAG_TRANSACTION_IDENTIFIER, "transaction identifier", "TS 102 223 §8.28" },
  { EA_CAT_TAG_BCCH_CHANNEL_LIST, "BCCH channel list", "TS 31.111 §8.29" },
  { EA_CAT_TAG_DATA_CONNECTION_STATUS, "data connection status", "TS 31.111 §8.137" },
  { EA_CAT_TAG_ICON_IDENTIFIER, "icon identifier", "TS 102 223 §8.31" },
  { EA_CAT_TAG_ITEM_ICON_IDENTIFIER_LIST, "item icon identifier list", "TS 102 223 §8.32" },
  { EA_CAT_TAG_CARD_READER_STATUS, "card reader status", "TS 102 223 §8.33" },
  { EA_CAT_TAG_CARD_ATR, "card ATR", "TS 102 223 §8.34" },
  { EA_CAT_TAG_ECAT_SEQUENCE_NUMBER, "eCAT sequence number", "TS 102 223 §8.98" },
  { EA_CAT_TAG_C_APDU, "C-APDU", "TS 102 223 §8.35" },
  { EA_CAT_TAG_ENCRYPTED_TLV_LIST, "encrypted TLV list", "TS 102 223 §8.99" },
  { EA_CAT_TAG_R_APDU, "R-APDU", "TS 102 223 §8.36" },
  { EA_CAT_TAG_SA_TEMPLATE, "SA template", "TS 102 223 §8.101" },
  { EA_CAT_TAG_TIMER_IDENTIFIER, "timer identifier", "TS 102 223 §8.37" },
  { EA_CAT_TAG_TIMER_VALUE, "timer value", "TS 102 223 §8.38" },
  { EA_CAT_TAG_DATE_TIME_AND_TIME_ZONE, "date-time and time zone", "TS 102 223 §8.39" },
  { EA_CAT_TAG_CALL_CONTROL_REQUESTED_ACTION, "call control requested action", "TS 102 223 §8.30" },
  { EA_CAT_TAG_AT_COMMAND, "AT command", "TS 102 223 §8.40" },
  { EA_CAT_TAG_AT_RESPONSE, "AT response", "TS 102 223 §8.41" },
  { EA_CAT_TAG_BC_REPEAT_INDICATOR, "BC repeat indicator", "TS 31.111 §8.42" },
  { EA_CAT_TAG_DATA_CONNECTION_TYPE, "data connection type", "TS 31.111 §8.138" },
  { EA_CAT_TAG_IMMEDIATE_RESPONSE, "immediate response", "TS 102 223 §8.43" },
  { EA_CAT_TAG_DTMF_STRING, "DTMF string", "TS 102 223 §8.44" },
  { EA_CAT_TAG_LANGUAGE, "language", "TS 102 223 §8.45" },
  { EA_CAT_TAG_TIMING_ADVANCE, "timing advance", "TS 31.111 §8.46" },
  { EA_CAT_TAG_SM_CAUSE, "(E)SM cause", "TS 31.111 §8.139" },
  { EA_CAT_TAG_AID, "AID", "TS 102 223 §8.60" },
  { EA_CAT_TAG_BROWSER_IDENTITY, "browser identity", "TS 102 223 §8.47" },
  { EA_CAT_TAG_URL, "URL", "TS 102 223 §8.48" },
  { EA_CAT_TAG_IMS_URI, "IMS URI", "TS 31.111 §8.108" },
  { EA_CAT_TAG_BEARER, "bearer", "TS 102 223 §8.49" },
  { EA_CAT_TAG_PROVISIONING_FILE_REFERENCE, "provisioning file reference", "TS 102 223 §8.50" },
  { EA_CAT_TAG_BROWSER_TERMINATION_CAUSE, "browser termination cause", "TS 102 223 §8.51" },
  { EA_CAT_TAG_SUPPORTED_RADIO_ACCESS_TECHNOLOGIES, "supported radio access technologies",
    "TS 102 223 §8.105" },
  { EA_CAT_TAG_BEARER_DESCRIPTION, "bearer description", "TS 102 223 §8.52" },
  { EA_CAT_TAG_CHANNEL_DATA, "channel data", "TS 102 223 §8.53" },
  { EA_CAT_TAG_CHANNEL_DATA_LENGTH, "channel data length", "TS 102 223 §8.54" },
  { EA_CAT_TAG_CHANNEL_STATUS, "channel status", "TS 102 223 §8.56" },
  { EA_CAT_TAG_BUFFER_SIZE, "buffer size", "TS 102 223 §8.55" },
  { EA_CAT_TAG_CARD_READER_IDENTIFIER, "card reader identifier", "TS 102 223 §8.57" },
  { EA_CAT_TAG_REFRESH_ENFORCEMENT_POLICY, "REFRESH enforcement policy", "TS 102 223 §8.103" },
  { EA_CAT_TAG_FILE_UPDATE_INFORMATION, "file update information", "TS 101 220 §7.2" },
  { EA_CAT_TAG_APPLICATION_SPECIFIC_REFRESH_DATA, "application specific refresh data",
    "TS 102 223 §8.107" },
  { EA_CAT_TAG_TRANSPORT_LEVEL, "UICC/terminal interface transport level", "TS 102 223 §8.59" },
  { EA_CAT_TAG_OTHER_ADDRESS, "other address", "TS 102 223 §8.58" },
  { EA_CAT_TAG_ACCESS_TECHNOLOGY, "access technology", "TS 102 223 §8.61" },
  { EA_CAT_TAG_DISPLAY_PARAMETERS, "display parameters", "TS 102 223 §8.62" },
  { EA_CAT_TAG_DNS_SERVER_ADDRESS, "DNS server address", "TS 102 223 §8.104" },
  { EA_CAT_TAG_SERVICE_RECORD, "service record", "TS 102 223 §8.63" },
  { EA_CAT_TAG_DEVICE_FILTER, "device filter", "TS 102 223 §8.64" },
  { EA_CAT_TAG_SERVICE_SEARCH, "service search", "TS 102 223 §8.65" },
  { EA_CAT_TAG_ATTRIBUTE_INFORMATION, "attribute information", "TS 102 223 §8.66" },
  { EA_CAT_TAG_SERVICE_AVAILABILITY, "service availability", "TS 102 223 §8.67" },
  { EA_CAT_TAG_ESN, "ESN", "TS 102 223 §8.69" },
  { EA_CAT_TAG_NETWORK_ACCESS_NAME, "network access name", "TS 102 223 §8.70" },
  { EA_CAT_TAG_CDMA_SMS_TPDU, "CDMA-SMS-TPDU", "TS 102 223 §8.71" },
  { EA_CAT_TAG_REMOTE_ENTITY_ADDRESS, "remote entity address", "TS 102 223 §8.68" },
  { EA_CAT_TAG_WLAN_IDENTIFIER, "I-WLAN identifier", "TS 101 220 §7.2" },
  { EA_CAT_TAG_WLAN_ACCESS_STATUS, "I-WLAN access status", "TS 101 220 §7.2" },
  { EA_CAT_TAG_TEXT_ATTRIBUTE, "text attribute", "TS 102 223 §8.72" },
  { EA_CAT_TAG_ITEM_TEXT_ATTRIBUTE_LIST, "item text attribute list", "TS 102 223 §8.73" },
  { EA_CAT_TAG_PDP_CONTEXT_ACTIVATION_PARAMETERS, "PDP context activation parameters",
    "TS 31.111 §8.72" },
  { EA_CAT_TAG_CONTACTLESS_STATE_REQUEST, "contactless state request", "TS 102 223 §8.91" },
  { EA_CAT_TAG_CONTACTLESS_FUNCTIONALITY_STATE, "contactless functionality state",
    "TS 102 223 §8.92" },
  { EA_CAT_TAG_CSG_CELL_SELECTION_STATUS, "CSG cell selection status", "TS 101 220 §7.2" },
  { EA_CAT_TAG_IMS_CALL_DISCONNECTION_CAUSE, "IMS call disconnection cause", "TS 101 220 §7.2" },
  { EA_CAT_TAG_CSG_ID, "CSG ID", "TS 101 220 §7.2" },
  { EA_CAT_TAG_HNB_NAME, "HNB name", "TS 101 220 §7.2" },
  { EA_CAT_TAG_EXTENDED_REJECTION_CAUSE_CODE, "extended rejection cause code", "TS 101 220 §7.2" },
  { EA_CAT_TAG_MAC, "MAC", "TS 102 223 §8.100" },
  { EA_CAT_TAG_EMERGENCY_CALL_OBJECT, "emergency call object", "TS 101 220 §7.2" },
  { EA_CAT_TAG_IMEISV, "IMEISV", "TS 102 223 §8.74" },
  { EA_CAT_TAG_BATTERY_STATE, "battery state", "TS 102 223 §8.76" },
  { EA_CAT_TAG_BROWSING_STATUS, "browsing status", "TS 102 223 §8.77" },
  { EA_CAT_TAG_NETWORK_SEARCH_MODE, "network search mode", "TS 102 223 §8.75" },
  { EA_CAT_TAG_FRAME_LAYOUT, "frame layout", "TS 102 223 §8.78" },
  { EA_CAT_TAG_FRAMES_INFORMATION, "frames information", "TS 102 223 §8.79" },
  { EA_CAT_TAG_PROFILE_ID, "profile ID", "TS 101 220 §7.2" },
  { EA_CAT_TAG_FRAME_IDENTIFIER, "frame identifier", "TS 102 223 §8.80" },
  { EA_CAT_TAG_MEASUREMENT_QUALIFIER, "UTRAN/E-UTRAN measurement qualifier", "TS 31.111 §8.73" },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_REFERENCE, "multimedia message reference", "TS 102 223 §8.82" },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_IDENTIFIER, "multimedia message identifier", "TS 102 223 §8.83" },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_TRANSFER_STATUS, "multimedia message transfer status",
    "TS 102 223 §8.84" },
  { EA_CAT_TAG_MEID, "MEID", "TS 102 223 §8.81" },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_CONTENT_IDENTIFIER, "multimedia message content identifier",
    "TS 102 223 §8.85" },
  { EA_CAT_TAG_MULTIMEDIA_MESSAGE_NOTIFICATION, "multimedia message notification",
    "TS 102 223 §8.86" },
  { EA_CAT_TAG_LAST_ENVELOPE, "last envelope", "TS 102 223 §8.87" },
  { EA_CAT_TAG_REGISTRY_APPLICATION_DATA, "registry application data", "TS 102 223 §8.88" },
  { EA_CAT_TAG_PLMN_WITH_ACCESS_TECHNOLOGY_LIST, "PLMNwAcT list", "TS 31.111 §8.90" },
  { EA_CAT_TAG_ROUTING_AREA_INFORMATION, "routing area information", "TS 31.111 §8.91" },
  { EA_CAT_TAG_URI_TRUNCATED, "URI truncated", "TS 101 220 §7.2" },
  { EA_CAT_TAG_UPDATE_ATTACH_TYPE, "update/attach type", "TS 31.111 §8.92" },
  { EA_CAT_TAG_PROSE_REPORT_DATA, "ProSe report data", "TS 101 220 §7.2" },
  { EA_CAT_TAG_REJECTION_CAUSE_CODE, "rejection cause code", "TS 31.111 §8.93" },
  { EA_CAT_TAG_GEOGRAPHICAL_LOCATION_PARAMETERS, "geographical location parameters",
    "TS 31.111 §8.94" },
  { EA_CAT_TAG_IARI, "IARI", "TS 101 220 §7.2" },
  { EA_CAT_TAG_GAD_SHAPES, "GAD shapes", "TS 31.111 §8.95" },
  { EA_CAT_TAG_IMPU_LIST, "IMPU list", "TS 101 220 §7.2" },
  { EA_CAT_TAG_NMEA_SENTENCE, "NMEA sentence", "TS 31.111 §8.96" },
  { EA_CAT_TAG_IMS_STATUS_CODE, "IMS status-code", "TS 101 220 §7.2" },
  { EA_CAT_TAG_PLMN_LIST, "PLMN list", "TS 31.111 §8.97" },
  { EA_CAT_TAG_BROADCAST_NETWORK_INFORMATION, "broadcast network information", "TS 102 223 §8.90" },
  { EA_CAT_TAG_ACTIVATE_DESCRIPTOR, "ACTIVATE descriptor", "TS 102 223 §8.89" },
  { EA_CAT_TAG_EPS_PDN_CONNECTION_ACTIVATION_PARAMETERS, "EPS PDN connection activation parameters",
    "TS 31.111 §8.98" },
  { EA_CAT_TAG_TRACKING_AREA_IDENTIFICATION, "tracking area identification", "TS 31.111 §8.99" },
  { EA_CAT_TAG_CSG_ID_LIST, "CSG ID list", "TS 101 220 §7.2" },
  { EA_CAT_TAG_MEDIA_TYPE, "media type", "TS 31.111 §8.132" },
};

static gssize
find_object (guint32 tag)
{
  for (gsize i = 0; i < G_N_ELEMENTS (objects); i++)
    if (objects[i].tag == tag)
      return (gssize) i;
  return -1;
}

const char *
ea_cat_get_tag_name (guint32 tag)
{
  gssize i = find_object (tag);

  return i < 0 ? NULL : objects[i].name;
}

const char *
ea_cat_get_tag_clause (guint32 tag)
{
  gssize i = find_object (tag);

  return i < 0 ? NULL : objects[i].clause;
}

void
ea_cat_write_object (EaWriter *writer, EaCatTag tag, gboolean is_comprehension_required,
                     EaSpan value)
{
  ea_tlv_write_comprehension (writer, (guint32) tag & EA_CAT_TAG_ON_WIRE, is_comprehension_required,
                              value);
}

gboolean
ea_cat_check_size (EaCatTag tag, EaSpan value, gsize min, gsize max, GError **error)
{
  const char *name = ea_cat_get_tag_name (tag);

  if (value.size >= min && value.size <= max)
    return TRUE;
  if (min == max)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, value.data,
                              "Value of %s has %" G_GSIZE_FORMAT " bytes, not %" G_GSIZE_FORMAT,
                              name, value.size, min);
  if (value.size > max)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, value.data,
                              "Value of %s has %" G_GSIZE_FORMAT
                              " bytes, more than %" G_GSIZE_FORMAT,
                              name, value.size, max);
  return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, value.data,
                            "Value of %s has %" G_GSIZE_FORMAT " bytes, less than %" G_GSIZE_FORMAT,
                            name, value.size, min);
}

gboolean
ea_cat_parse_octet (guint8 *out, EaCatTag tag, EaSpan value, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size (tag, value, 1, 1, error))
    return FALSE;
  ea_reader_init (&reader, value);
  *out = ea_reader_u8 (&reader);
  return TRUE;
}

gboolean
ea_cat_parse_u16 (guint16 *out, EaCatTag tag, EaSpan value, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size (tag, value, 2, 2, error))
    return FALSE;
  ea_reader_init (&reader, value);
  *out = ea_reader_u16be (&reader);
  return TRUE;
}
